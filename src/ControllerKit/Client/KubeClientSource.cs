namespace Sealos.ControllerKit.Client;

/// <summary>Clients of one API server for many credentials, over shared connections that bear none themselves.</summary>
public sealed class KubeClientSource : IDisposable
{
    private readonly KubeConfig _server;
    private readonly SocketsHttpHandler _connections;

    /// <summary>Clients of the server that <paramref name="config"/> names; its credential is not used.</summary>
    public KubeClientSource(KubeConfig config)
    {
        _server = new KubeConfig { Server = config.Server, CertificateAuthorityPem = config.CertificateAuthorityPem };
        _connections = _server.CreateHandler();
    }

    /// <summary>A client that speaks as whom a token is of; disposing it leaves the connections open.</summary>
    public KubeClient For(string token) =>
        new(new KubeConfig { Server = _server.Server, CertificateAuthorityPem = _server.CertificateAuthorityPem, Token = token }, "sealos-services", _connections);

    /// <inheritdoc/>
    public void Dispose() => _connections.Dispose();
}
