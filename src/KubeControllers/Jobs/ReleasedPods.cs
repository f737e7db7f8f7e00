using System.Collections.Concurrent;
using Sealos.ControllerKit.Caching;
using Sealos.Kinds.Core;

namespace Sealos.KubeControllers.Jobs;

/// <summary>Pods whose finalizer was taken off, until the cache shows it: counting them again would count them twice.</summary>
internal sealed class ReleasedPods
{
    private readonly ConcurrentDictionary<string, bool> _uids = new(StringComparer.Ordinal);

    public ReleasedPods(Informer<Pod> pods) => pods.OnChange((old, now) =>
    {
        if (now is null || !JobPods.IsTracked(now))
        {
            _uids.TryRemove((now ?? old)!.Metadata.Uid ?? "", out _);
        }
    });

    public bool Contains(Pod pod) => _uids.ContainsKey(pod.Metadata.Uid ?? "");

    /// <summary>Says, before asking for it, that the finalizer goes.</summary>
    public void Note(Pod pod) => _uids[pod.Metadata.Uid ?? ""] = true;

    /// <summary>Takes back <see cref="Note"/> after the request failed.</summary>
    public void Forget(Pod pod) => _uids.TryRemove(pod.Metadata.Uid ?? "", out _);
}
