using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Certificates;

namespace Sealos.Network.Gateway.Tls;

/// <summary>The certificate of the domain and everything one label below it, from files that are read again when they change.</summary>
internal sealed partial class DomainCertificate
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    private readonly GatewayOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private volatile ServerCertificate _current;
    private DateTime _writtenAt;
    private long _nextLook;

    /// <summary>Loads or makes the certificate.</summary>
    /// <exception cref="InvalidDataException">The options name no certificate that can be used.</exception>
    public DomainCertificate(GatewayOptions options, CertificateAuthority? authority, TimeProvider time, ILogger logger)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _current = options.CertificateFile is not null ? Load() : Issue(authority);
        _nextLook = NextLook();
    }

    public ServerCertificate Current
    {
        get
        {
            if (_options.CertificateFile is not null && _time.GetTimestamp() > Volatile.Read(ref _nextLook))
            {
                Reload();
            }

            return _current;
        }
    }

    private long NextLook() => _time.GetTimestamp() + (long)(LookEvery.TotalSeconds * _time.TimestampFrequency);

    // No file watcher: inotify instances are few, and a renewed certificate has time.
    private void Reload()
    {
        lock (_lock)
        {
            if (_time.GetTimestamp() <= _nextLook)
            {
                return;
            }

            Volatile.Write(ref _nextLook, NextLook());
            try
            {
                if (File.GetLastWriteTimeUtc(_options.CertificateFile!) != _writtenAt)
                {
                    _current = Load();
                }
            }
            catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                LogKept(_logger, _options.CertificateFile!, e.Message);
            }
        }
    }

    private ServerCertificate Load()
    {
        var (file, keyFile) = (_options.CertificateFile!, _options.CertificateKeyFile ?? _options.CertificateFile!);
        try
        {
            var writtenAt = File.GetLastWriteTimeUtc(file);
            var loaded = ServerCertificate.FromPem(File.ReadAllText(file), File.ReadAllText(keyFile));
            _writtenAt = writtenAt;
            return loaded;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"the certificate in {file} with the key in {keyFile} cannot be used: {e.Message}", e);
        }
    }

    private ServerCertificate Issue(CertificateAuthority? authority)
    {
        if (authority is null)
        {
            throw new InvalidDataException("the gateway needs a certificate file and its key, or a certificate authority whose key it can read");
        }

        var pair = authority.IssueServer([_options.Domain, $"*.{_options.Domain}"], [], CertificateSelector.Lifetime);
        return ServerCertificate.FromPem(pair.CertificatePem + "\n" + authority.Pair.CertificatePem, pair.KeyPem);
    }

    [LoggerMessage(1, LogLevel.Warning, "certificate {File} changed and cannot be read, the last one stays in use: {Reason}")]
    private static partial void LogKept(ILogger logger, string file, string reason);
}
