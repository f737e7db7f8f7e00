using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sealos.Network.Gateway.Tls;

/// <summary>A certificate ready for handshakes; made once, so that sessions resume and no handshake parses a key.</summary>
internal sealed class ServerCertificate
{
    private const int MaxChain = 16;

    private ServerCertificate(X509Certificate2 certificate, X509Certificate2Collection chain)
    {
        Certificate = certificate;
        Handshake = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true),
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            AllowRenegotiation = false,
        };
    }

    public X509Certificate2 Certificate { get; }

    public SslServerAuthenticationOptions Handshake { get; }

    /// <summary>Reads a chain, the server's own certificate first, and its key.</summary>
    /// <exception cref="CryptographicException">The texts are no certificate and matching key.</exception>
    public static ServerCertificate FromPem(string chainPem, string keyPem)
    {
        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(chainPem);
            if (chain.Count is 0 or > MaxChain)
            {
                throw new CryptographicException($"the chain must hold 1 to {MaxChain} certificates");
            }

            chain.RemoveAt(0);
            return new ServerCertificate(X509Certificate2.CreateFromPem(chainPem, keyPem), chain);
        }
        catch (ArgumentException e)
        {
            throw new CryptographicException(e.Message, e);
        }
    }

    public bool IsValidFor(string host, DateTimeOffset now) =>
        Certificate.MatchesHostname(host, allowWildcards: true, allowCommonName: false) && IsValidAt(now);

    public bool IsValidAt(DateTimeOffset now) => now >= Certificate.NotBefore && now < Certificate.NotAfter;
}
