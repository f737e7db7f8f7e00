using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sealos.Kinds.Certificates;

namespace Sealos.KubeControllers.Certificates;

/// <summary>How long a certificate request is kept: made by machines, they would pile up.</summary>
internal static class RequestLifetime
{
    private static readonly TimeSpan Ended = TimeSpan.FromHours(1);
    private static readonly TimeSpan Waiting = TimeSpan.FromDays(1);

    /// <summary>When it is to be deleted; null while nothing says so.</summary>
    public static DateTimeOffset? EndOf(CertificateSigningRequest request)
    {
        var conditions = request.Status?.Conditions ?? [];
        var isIssued = request.Status?.Certificate is { Length: > 0 };
        DateTimeOffset? end = conditions.Count == 0 ? request.Metadata.CreationTimestamp + Waiting : null;
        foreach (var condition in conditions)
        {
            var kept = condition.Type switch
            {
                "Denied" or "Failed" => Ended,
                "Approved" => isIssued ? Ended : Waiting,
                _ => (TimeSpan?)null,
            };
            end = Earlier(end, condition.LastUpdateTime + kept);
        }

        return conditions.Exists(c => c.Type == "Approved") && isIssued ? Earlier(end, ExpiryOf(request.Status!.Certificate!)) : end;
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? a, DateTimeOffset? b) => a is null || b < a ? b ?? a : a;

    private static DateTimeOffset? ExpiryOf(byte[] pem)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(pem));
            return certificate.NotAfter;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
