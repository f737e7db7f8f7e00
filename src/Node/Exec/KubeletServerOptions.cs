using System.Net;
using Sealos.ControllerKit.Certificates;

namespace Sealos.Node.Exec;

/// <summary>Where the node's HTTPS server listens and whom it trusts.</summary>
public sealed record KubeletServerOptions
{
    /// <summary>The address to listen on.</summary>
    public IPAddress Address { get; init; } = IPAddress.Any;

    /// <summary>The port; 0 takes a free one.</summary>
    public int Port { get; init; } = 10250;

    /// <summary>The server's own certificate, valid for the node's address and name.</summary>
    public required KeyPair Certificate { get; init; }

    /// <summary>The authority that callers' certificates must come from.</summary>
    public required string ClientAuthorityPem { get; init; }

    /// <summary>The common names of callers that may do everything; the API server's.</summary>
    public required IReadOnlyCollection<string> AllowedClients { get; init; }
}
