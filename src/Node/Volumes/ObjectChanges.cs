using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;

namespace Sealos.Node.Volumes;

/// <summary>
/// Says which objects of a kind change, without holding or even reading what is in them: the node needs few of a cluster's
/// objects, and reads those when it needs them.
/// </summary>
internal sealed partial class ObjectChanges<T>(KubeClient client, TimeProvider time, ILogger logger)
    where T : class, IKubeObject<T>, new()
{
    private const string MetadataOnly = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(15);

    private string? _version;

    /// <summary>Follows until cancelled; <paramref name="changed"/> gets null when changes may have been missed.</summary>
    public async Task RunAsync(Action<T?> changed, CancellationToken ct)
    {
        var delay = FirstRetry;
        while (!ct.IsCancellationRequested)
        {
            try
            {
                if (_version is null)
                {
                    // One object is enough: what is wanted is the version of the whole.
                    var list = await client.ListAsync<T>(null, new ListQuery { Limit = 1 }, ct).ConfigureAwait(false);
                    _version = list.Metadata.ResourceVersion;
                    changed(null);
                }

                delay = FirstRetry;
                await WatchAsync(changed, ct).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (ApiException e) when (e.IsExpired)
            {
                _version = null;
            }
            catch (Exception e) when (e is ApiException or HttpRequestException or IOException or OperationCanceledException or JsonException)
            {
                LogInterrupted(logger, T.KubeKind.Plural, delay.TotalSeconds, e.Message);
                await Task.Delay(delay, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                delay = delay * 2 < LastRetry ? delay * 2 : LastRetry;
            }
        }
    }

    private async Task WatchAsync(Action<T?> changed, CancellationToken ct)
    {
        var query = new WatchQuery { ResourceVersion = _version };
        await foreach (var change in client.WatchPathAsync<T>(T.KubeKind.Path(null), query, MetadataOnly, ct).ConfigureAwait(false))
        {
            if (change.Object is not { } obj)
            {
                continue;
            }

            _version = obj.Metadata.ResourceVersion;
            if (change.Type != "BOOKMARK")
            {
                changed(obj);
            }
        }
    }

    [LoggerMessage(3, LogLevel.Warning, "following of {Resource} interrupted, trying again in {Seconds}s: {Reason}")]
    private static partial void LogInterrupted(ILogger logger, string resource, double seconds, string reason);
}
