namespace Sealos.ApiServer.Http;

/// <summary>What one client may take of the server's time and memory.</summary>
internal sealed record RequestLimits
{
    /// <summary>How long a new connection may take to become a secure one.</summary>
    public TimeSpan Handshake { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the headers of a request may take to come.</summary>
    public TimeSpan Headers { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a connection may stay on which nothing is asked.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(130);

    /// <summary>
    /// How long a request may take, from its headers to its answer's last byte, and a watch to have taken what was written to it. Longer
    /// than any takes that is sent and read at a pace, and shorter than who would keep a seat by doing neither.
    /// </summary>
    public TimeSpan Request { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Connections of all clients. A process may hold some 20,000 files; the store, streams to kubelets and new connections need some of them.</summary>
    public int Connections { get; init; } = 15_000;

    /// <summary>Connections from one address, so that one machine or pod cannot take them all.</summary>
    public int ConnectionsAnAddress { get; init; } = 5_000;
}
