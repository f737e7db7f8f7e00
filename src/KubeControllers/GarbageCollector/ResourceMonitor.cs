using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Caching;
using Sealos.KubeControllers.Resources;

namespace Sealos.KubeControllers.GarbageCollector;

/// <summary>Lists and watches the metadata of one resource and keeps the graph in step; reconnects by itself.</summary>
internal sealed class ResourceMonitor(ServedResource resource, MetadataClient client, IMonitorSink sink, ILogger logger) : IFollower
{
    private string? _version;

    public ServedResource Resource => resource;

    /// <summary>Whether everything of this resource has been listed at least once.</summary>
    public bool HasListed { get; private set; }

    bool IFollower.MustList => _version is null;

    void IFollower.Forget() => _version = null;

    void IFollower.Interrupted(TimeSpan pause, Exception cause) => Log.MonitorInterrupted(logger, resource.DisplayName, pause.TotalSeconds, cause.Message);

    async Task IFollower.ListAsync(CancellationToken ct)
    {
        var listed = new HashSet<Guid>();
        string? version = null;
        await foreach (var page in client.ListAsync(resource, null, ct).ConfigureAwait(false))
        {
            version = page.Metadata.ResourceVersion;
            foreach (var item in page.Items)
            {
                listed.Add(Uids.Parse(item.Metadata.Uid));
                sink.Observed(resource, item.Metadata);
            }
        }

        sink.Listed(resource, listed);
        _version = version;
        HasListed = true;
    }

    async Task IFollower.WatchAsync(CancellationToken ct)
    {
        await foreach (var change in client.WatchAsync(resource, _version, ct).ConfigureAwait(false))
        {
            if (change.Object is null)
            {
                continue;
            }

            if (change.Type == "DELETED")
            {
                sink.Removed(resource, change.Object.Metadata);
            }
            else if (change.Type != "BOOKMARK")
            {
                sink.Observed(resource, change.Object.Metadata);
            }

            _version = change.Object.Metadata.ResourceVersion;
        }
    }
}

/// <summary>Who is told of what monitors see.</summary>
internal interface IMonitorSink
{
    /// <summary>An object is there, as new or as changed.</summary>
    void Observed(ServedResource resource, HeadMetadata head);

    /// <summary>An object is gone.</summary>
    void Removed(ServedResource resource, HeadMetadata head);

    /// <summary>A full list was read; what it does not hold is gone.</summary>
    void Listed(ServedResource resource, IReadOnlySet<Guid> uids);
}
