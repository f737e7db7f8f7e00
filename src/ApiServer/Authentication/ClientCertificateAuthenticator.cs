using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sealos.Objects.Certificates;

namespace Sealos.ApiServer.Authentication;

/// <summary>Client certificates of our own authority: CN is the user, each O a group.</summary>
internal sealed class ClientCertificateAuthenticator(X509Certificate2Collection authorities, TimeProvider time)
{
    public const string CredentialIdKey = "authentication.kubernetes.io/credential-id";

    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    // Building a chain costs a signature check; a connection's certificate comes with each of its requests.
    private readonly BoundedCache<Verified> _verified = new(capacity: 512);

    /// <summary>The certificate's holder; null when it is not from our authority, not for clients or out of date.</summary>
    public UserInfo? Authenticate(X509Certificate2 certificate)
    {
        var now = time.GetUtcNow();
        var hash = Convert.ToHexStringLower(SHA256.HashData(certificate.RawData));
        if (!_verified.TryGet(hash, out var verified))
        {
            if (!IsTrusted(certificate, now) || HolderOf(certificate, hash) is not { } holder)
            {
                return null;
            }

            verified = new Verified(holder, certificate.NotBefore, certificate.NotAfter);
            _verified.Add(hash, verified);
        }

        return now >= verified.NotBefore && now <= verified.NotAfter ? verified.Holder : null;
    }

    private static UserInfo? HolderOf(X509Certificate2 certificate, string hash)
    {
        var (commonName, organizations) = SubjectName.Read(certificate.SubjectName.RawData);
        return string.IsNullOrEmpty(commonName)
            ? null
            : new UserInfo(commonName, null, organizations, new Dictionary<string, IReadOnlyList<string>> { [CredentialIdKey] = [$"X509SHA256={hash}"] });
    }

    private bool IsTrusted(X509Certificate2 certificate, DateTimeOffset now)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        var isTrusted = chain.Build(certificate);
        foreach (var element in chain.ChainElements)
        {
            element.Certificate.Dispose();
        }

        return isTrusted;
    }

    private sealed record Verified(UserInfo Holder, DateTimeOffset NotBefore, DateTimeOffset NotAfter);
}
