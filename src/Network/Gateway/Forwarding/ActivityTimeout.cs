namespace Sealos.Network.Gateway.Forwarding;

/// <summary>Cancels an exchange when nothing has moved for a while, or when the client has left.</summary>
internal sealed class ActivityTimeout : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _link;
    private readonly CancellationToken _client;

    public ActivityTimeout(TimeSpan first, TimeProvider time, CancellationToken client)
    {
        _source = new CancellationTokenSource(first, time);
        _client = client;
        _link = client.UnsafeRegister(static s => ((CancellationTokenSource)s!).Cancel(), _source);
    }

    public CancellationToken Token => _source.Token;

    public bool ClientLeft => _client.IsCancellationRequested;

    /// <summary>The time is up while the client is still there.</summary>
    public bool Expired => _source.IsCancellationRequested && !ClientLeft;

    /// <summary>Something moved; the next move may take this long.</summary>
    public void Allow(TimeSpan next) => _source.CancelAfter(next);

    public void Dispose()
    {
        _link.Dispose();
        _source.Dispose();
    }
}
