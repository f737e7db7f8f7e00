namespace Sealos.ApiServer.Http;

/// <summary>One health check.</summary>
internal readonly record struct HealthCheck(string Name, bool IsOk, bool OnlyReadiness);

/// <summary>How far the server's start or stop has come.</summary>
internal sealed class ServerState
{
    private volatile bool _ready;
    private volatile bool _stopping;
    private volatile bool _storeFailed;

    public void MarkReady() => _ready = true;

    public void MarkStopping() => _stopping = true;

    public void MarkStoreFailed() => _storeFailed = true;

    public IEnumerable<HealthCheck> Checks() =>
    [
        new("ping", true, false),
        new("store", !_storeFailed, false),
        new("bootstrap", _ready, true),
        new("shutdown", !_stopping, true),
    ];
}
