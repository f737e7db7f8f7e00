using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sealos.Node.Access;

namespace Sealos.Node.Exec;

/// <summary>Knows callers by certificates that come from the given authority and are meant for clients; those of the given names are trusted.</summary>
internal sealed class ClientCertificates(string authorityPem, IReadOnlyCollection<string> allowedNames, TimeProvider time) : IDisposable
{
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    private const string CommonName = "2.5.4.3";
    private const string Organization = "2.5.4.10";

    private readonly X509Certificate2 _authority = X509Certificate2.CreateFromPem(authorityPem);

    /// <summary>Whose certificate it is, or null when it tells nothing.</summary>
    public Caller? Identify(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(_authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(ClientAuthentication);
        chain.ChainPolicy.VerificationTime = time.GetUtcNow().UtcDateTime;
        if (!chain.Build(certificate))
        {
            return null;
        }

        var names = certificate.SubjectName.EnumerateRelativeDistinguishedNames().Where(n => !n.HasMultipleElements)
            .ToLookup(n => n.GetSingleElementType().Value, n => n.GetSingleElementValue() ?? "");
        var name = names[CommonName].FirstOrDefault() ?? "";
        List<string> groups = [.. names[Organization], "system:authenticated"];
        return name.Length == 0 ? null : new Caller(name, "", groups, new Dictionary<string, List<string>>()) { IsTrusted = allowedNames.Contains(name) || groups.Contains("system:masters") };
    }

    /// <inheritdoc/>
    public void Dispose() => _authority.Dispose();
}
