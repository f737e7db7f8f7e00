using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sealos.Node.Exec;

/// <summary>Lets in those whose certificate comes from the given authority, is meant for clients and bears an allowed name.</summary>
internal sealed class ClientCertificates(string authorityPem, IReadOnlyCollection<string> allowedNames, TimeProvider time) : IDisposable
{
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    private readonly X509Certificate2 _authority = X509Certificate2.CreateFromPem(authorityPem);

    /// <summary>Whether the bearer of this certificate may ask.</summary>
    public bool IsAllowed(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(_authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(ClientAuthentication);
        chain.ChainPolicy.VerificationTime = time.GetUtcNow().UtcDateTime;
        return chain.Build(certificate) && allowedNames.Contains(certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false));
    }

    /// <inheritdoc/>
    public void Dispose() => _authority.Dispose();
}
