using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;
using Sealos.Kinds.Core;

namespace Sealos.Node.Volumes;

/// <summary>
/// Says which objects of a kind change, without holding or even reading what is in them: the node needs few of a cluster's
/// objects, and reads those when it needs them; the server tells it of those alone that its pods refer to. <paramref name="changed"/> gets null when changes may have been missed.
/// </summary>
internal sealed partial class ObjectChanges<T>(KubeClient client, string node, Action<T?> changed, ILogger logger) : IFollower
    where T : class, IKubeObject<T>, new()
{
    private const string MetadataOnly = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

    private string? _version;

    bool IFollower.MustList => _version is null;

    async Task IFollower.ListAsync(CancellationToken ct)
    {
        // What is wanted is the version of the whole, and the node's pods are what the node may list.
        var list = await client.ListAsync<Pod>(null, new ListQuery { Limit = 1, FieldSelector = "spec.nodeName=" + node }, ct).ConfigureAwait(false);
        _version = list.Metadata.ResourceVersion;
        changed(null);
    }

    async Task IFollower.WatchAsync(CancellationToken ct)
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

    void IFollower.Forget() => _version = null;

    void IFollower.Interrupted(TimeSpan pause, Exception cause) => LogInterrupted(logger, T.KubeKind.Plural, pause.TotalSeconds, cause.Message);

    [LoggerMessage(3, LogLevel.Warning, "following of {Resource} interrupted, trying again in {Seconds}s: {Reason}")]
    private static partial void LogInterrupted(ILogger logger, string resource, double seconds, string reason);
}
