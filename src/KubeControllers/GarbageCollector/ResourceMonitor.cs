using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Client;
using Sealos.KubeControllers.Resources;

namespace Sealos.KubeControllers.GarbageCollector;

/// <summary>Lists and watches the metadata of one resource and keeps the graph in step; reconnects by itself.</summary>
internal sealed class ResourceMonitor(ServedResource resource, MetadataClient client, IMonitorSink sink, ILogger logger)
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(15);

    private string? _version;

    public ServedResource Resource => resource;

    /// <summary>Whether everything of this resource has been listed at least once.</summary>
    public bool HasListed { get; private set; }

    public async Task RunAsync(TimeProvider time, CancellationToken ct)
    {
        var delay = FirstRetry;
        while (!ct.IsCancellationRequested)
        {
            try
            {
                if (_version is null)
                {
                    await ListAsync(ct).ConfigureAwait(false);
                }

                delay = FirstRetry;
                await WatchAsync(ct).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (ApiException e) when (e.IsExpired)
            {
                _version = null;
            }
            catch (Exception e) when (e is ApiException or HttpRequestException or IOException or OperationCanceledException or System.Text.Json.JsonException)
            {
                Log.MonitorInterrupted(logger, resource.DisplayName, delay.TotalSeconds, e.Message);
                await Task.Delay(delay, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                delay = delay * 2 < LastRetry ? delay * 2 : LastRetry;
            }
        }
    }

    private async Task ListAsync(CancellationToken ct)
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

    private async Task WatchAsync(CancellationToken ct)
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
