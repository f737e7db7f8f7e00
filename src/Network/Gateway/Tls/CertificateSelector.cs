using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Certificates;
using Sealos.Kinds.Core;
using Sealos.Network.Gateway.Routing;

namespace Sealos.Network.Gateway.Tls;

/// <summary>
/// Chooses a certificate by the name a client asks for: a secret that the host's ingress names, the domain's wildcard, one issued
/// by the local authority. Certificates are made when first asked for, and only for hosts that have routes.
/// </summary>
internal sealed partial class CertificateSelector
{
    /// <summary>Browsers accept no server certificate that is valid for longer.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(397);

    private readonly RouteTable _routes;
    private readonly Func<SecretName, Secret?> _secrets;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CertificateAuthority? _authority;
    private readonly DomainCertificate _domain;
    private readonly CertificateCache _cache;

    public CertificateSelector(GatewayOptions options, RouteTable routes, Func<SecretName, Secret?> secrets, TimeProvider time, ILogger logger)
    {
        _routes = routes;
        _secrets = secrets;
        _time = time;
        _logger = logger;
        _authority = LoadAuthority(options, time, logger);
        _domain = new DomainCertificate(options, _authority, time, logger);
        _cache = new CertificateCache(options.Limits.CachedCertificates);
    }

    public int Cached => _cache.Count;

    public ServerCertificate Select(string? serverName)
    {
        var domain = _domain.Current;
        if (serverName is null || HostName.Normalize(serverName) is not { } name)
        {
            return domain;
        }

        var now = _time.GetUtcNow();
        if (_routes.Find(name) is not { Host.Length: > 0 } host)
        {
            return domain;
        }

        foreach (var secret in host.Secrets)
        {
            if (FromSecret(secret) is { } own && own.IsValidFor(name, now))
            {
                return own;
            }
        }

        return domain.IsValidFor(name, now) ? domain : Issued(host.Host, now) ?? domain;
    }

    /// <summary>A secret changed: what was made of it is forgotten.</summary>
    public void OnSecret(Secret? old, Secret? now)
    {
        var secret = (now ?? old)!;
        _cache.Remove(KeyOf(new SecretName(secret.Metadata.Namespace ?? "", secret.Metadata.Name ?? "")));
    }

    private static string KeyOf(SecretName name) => $"{name.Namespace}/{name.Name}";

    private ServerCertificate? FromSecret(SecretName name)
    {
        var key = KeyOf(name);
        if (_cache.TryGet(key, out var known))
        {
            return known;
        }

        var secret = _secrets(name);
        if (secret?.Data is not { } data)
        {
            return null;
        }

        ServerCertificate? made = null;
        try
        {
            if (data.TryGetValue("tls.crt", out var chain) && data.TryGetValue("tls.key", out var pem))
            {
                made = ServerCertificate.FromPem(Encoding.UTF8.GetString(chain), Encoding.UTF8.GetString(pem));
            }
        }
        catch (CryptographicException e)
        {
            LogBadSecret(_logger, key, e.Message);
        }

        _cache.Set(key, made);
        if (!ReferenceEquals(_secrets(name), secret))
        {
            // It changed while it was being read, and the change was forgotten before this was remembered.
            _cache.Remove(key);
        }

        return made;
    }

    // Issued for the routes' own host, so that a wildcard host costs one certificate however many names are asked for.
    private ServerCertificate? Issued(string host, DateTimeOffset now)
    {
        if (_authority is null)
        {
            return null;
        }

        var key = "issued:" + host;
        if (_cache.TryGet(key, out var known) && known!.IsValidAt(now))
        {
            return known;
        }

        var pair = _authority.IssueServer([host], [], Lifetime);
        var made = ServerCertificate.FromPem(pair.CertificatePem + "\n" + _authority.Pair.CertificatePem, pair.KeyPem);
        _cache.Set(key, made);
        return made;
    }

    // The edge may well not be allowed to read the key; that is no error, custom hosts then get the domain's certificate.
    private static CertificateAuthority? LoadAuthority(GatewayOptions options, TimeProvider time, ILogger logger)
    {
        if (options.CaCertificateFile is null || options.CaKeyFile is null)
        {
            return null;
        }

        try
        {
            return CertificateAuthority.Load(new KeyPair(File.ReadAllText(options.CaCertificateFile), File.ReadAllText(options.CaKeyFile)), time);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            LogNoAuthority(logger, e.Message);
            return null;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "secret {Secret} holds no certificate that can be used: {Reason}")]
    private static partial void LogBadSecret(ILogger logger, string secret, string reason);

    [LoggerMessage(2, LogLevel.Information, "the local certificate authority cannot be used, custom hosts get the domain's certificate: {Reason}")]
    private static partial void LogNoAuthority(ILogger logger, string reason);
}
