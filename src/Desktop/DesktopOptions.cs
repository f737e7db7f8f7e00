using Sealos.ControllerKit.Client;
using Sealos.Desktop.Shell;

namespace Sealos.Desktop;

/// <summary>How the desktop is served.</summary>
public sealed record DesktopOptions
{
    /// <summary>The Unix socket it listens on; the gateway forwards the apex of the domain to it.</summary>
    public required string SocketPath { get; init; }

    /// <summary>The services' own API, where passwords are traded for sessions.</summary>
    public required string ServicesSocketPath { get; init; }

    /// <summary>Where the keys that seal cookies are kept, so that sessions outlive a restart.</summary>
    public required string KeyFolder { get; init; }

    /// <summary>The cloud's domain.</summary>
    public required string Domain { get; init; }

    /// <summary>The address at which browsers reach a public host.</summary>
    public required Func<string, string> AddressOf { get; init; }

    /// <summary>The API server, without a credential: each session adds its user's own.</summary>
    public required KubeConfig Api { get; init; }

    /// <summary>The applications it has; whoever adds and removes some keeps the set.</summary>
    public DesktopAppSet Apps { get; init; } = DesktopAppSet.Full();

    /// <summary>The most pages that are open at once; more are refused.</summary>
    public int MaxCircuits { get; init; } = 2000;
}
