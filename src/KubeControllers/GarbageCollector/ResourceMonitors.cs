using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.KubeControllers.Common;
using Sealos.KubeControllers.Resources;

namespace Sealos.KubeControllers.GarbageCollector;

/// <summary>A monitor for every resource that can be collected, following what the server serves.</summary>
internal sealed class ResourceMonitors : IMonitorSink
{
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(30);

    // A new custom kind is served a moment after its definition changes.
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(300);

    private readonly KubeClient _client;
    private readonly MetadataClient _metadata;
    private readonly OwnerGraph _graph;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _changed = new(0);
    private readonly List<Running> _running = [];
    private readonly List<Action<string>> _onRemoved = [];
    private Action<IReadOnlyList<Guid>> _onAffected = _ => { };
    private volatile bool _isAsking;

    public ResourceMonitors(ControllerContext context, OwnerGraph graph)
    {
        _client = context.Client;
        _metadata = new MetadataClient(context.Client);
        _graph = graph;
        _time = context.Time;
        _logger = context.Loggers.CreateLogger("Sealos.KubeControllers.garbage");
    }

    /// <summary>What is served now; null until asked for the first time.</summary>
    public ResourceCatalog? Catalog { get; private set; }

    /// <summary>Whether every resource has been listed, so that what the graph does not hold is not there.</summary>
    public bool HaveListed
    {
        get
        {
            lock (_running)
            {
                return Catalog is not null && _running.TrueForAll(r => r.Monitor.HasListed);
            }
        }
    }

    /// <summary>Calls <paramref name="handler"/> with the namespace of everything that goes.</summary>
    public void OnRemoved(Action<string> handler) => _onRemoved.Add(handler);

    /// <summary>Calls <paramref name="handler"/> with the uids that must be looked at.</summary>
    public void OnAffected(Action<IReadOnlyList<Guid>> handler) => _onAffected = handler;

    /// <summary>Follows discovery until cancelled.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        var wasListed = false;
        while (!ct.IsCancellationRequested)
        {
            try
            {
                Follow(await ResourceCatalog.ReadAsync(_client, ct).ConfigureAwait(false), ct);
            }
            catch (Exception e) when (e is ApiException or HttpRequestException or IOException or System.Text.Json.JsonException)
            {
                Log.DiscoveryFailed(_logger, e.Message);
            }

            if (!wasListed)
            {
                wasListed = await WaitForListsAsync(ct).ConfigureAwait(false);
                _isAsking = true;
                _onAffected(_graph.Unsettled());
            }

            await ((Task)_changed.WaitAsync(Refresh, ct)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.Delay(Settle, _time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll(_running.Select(r => r.Task)).ConfigureAwait(false);
    }

    public void Observed(ServedResource resource, HeadMetadata head)
    {
        Affect(_graph.Observe(resource, head));
        NoticeDefinition(resource);
    }

    public void Removed(ServedResource resource, HeadMetadata head)
    {
        Forget(Uids.Parse(head.Uid));
        NoticeDefinition(resource);
        if (head.Namespace is { } ns)
        {
            _onRemoved.ForEach(handler => handler(ns));
        }
    }

    public void Listed(ServedResource resource, IReadOnlySet<Guid> uids)
    {
        foreach (var uid in _graph.Vanished(resource, uids))
        {
            Forget(uid);
        }
    }

    private void Forget(Guid uid) => Affect(_graph.Remove(uid));

    // While the first lists are read, owners are missing only because their list has not come yet.
    private void Affect(IReadOnlyList<Guid> uids)
    {
        if (_isAsking && uids.Count > 0)
        {
            _onAffected(uids);
        }
    }

    private void NoticeDefinition(ServedResource resource)
    {
        if (resource.Kind is "CustomResourceDefinition" or "APIService" && _changed.CurrentCount == 0)
        {
            _changed.Release();
        }
    }

    private void Follow(ResourceCatalog catalog, CancellationToken ct)
    {
        var wanted = catalog.Resources.Where(IsCollected).ToList();
        lock (_running)
        {
            foreach (var gone in _running.FindAll(r => !wanted.Exists(r.Monitor.Resource.IsSameAs)))
            {
                gone.Stop.Cancel();
                _running.Remove(gone);
                Listed(gone.Monitor.Resource, new HashSet<Guid>());
            }

            foreach (var resource in wanted.Where(w => !_running.Exists(r => r.Monitor.Resource.IsSameAs(w))))
            {
                var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
                var monitor = new ResourceMonitor(resource, _metadata, this, _logger);
                _running.Add(new Running(monitor, stop, Task.Run(() => FollowLoop.RunAsync(monitor, _time, stop.Token), CancellationToken.None)));
            }

            Catalog = catalog;
        }
    }

    // Events own nothing, are owned by nobody and are most of what changes.
    private static bool IsCollected(ServedResource resource) =>
        resource.Kind != "Event" && resource.Verbs.Contains("list") && resource.Verbs.Contains("watch") && resource.Verbs.Contains("delete");

    private async Task<bool> WaitForListsAsync(CancellationToken ct)
    {
        for (var i = 0; i < 100 && !ct.IsCancellationRequested; i++)
        {
            if (HaveListed)
            {
                return true;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), _time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return false;
    }

    private sealed record Running(ResourceMonitor Monitor, CancellationTokenSource Stop, Task Task);
}
