using Sealos.Kinds.Core;

namespace Sealos.Node.Volumes;

/// <summary>Which pods show which objects, so that a change costs only as much as it touches.</summary>
internal sealed class VolumeReferences
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectReferenceKey, HashSet<string>> _pods = [];
    private readonly Dictionary<string, List<ObjectReferenceKey>> _objects = new(StringComparer.Ordinal);

    /// <summary>Files a pod under the objects its volumes are made from.</summary>
    public void Set(Pod pod)
    {
        var uid = pod.Metadata.Uid!;
        var keys = (pod.Spec?.Volumes ?? []).SelectMany(v => ObjectVolumes.ReferencesOf(pod, v)).Distinct().ToList();
        lock (_lock)
        {
            Forget(uid);
            _objects[uid] = keys;
            foreach (var key in keys)
            {
                if (!_pods.TryGetValue(key, out var pods))
                {
                    _pods[key] = pods = new HashSet<string>(StringComparer.Ordinal);
                }

                pods.Add(uid);
            }
        }
    }

    /// <summary>Forgets a pod.</summary>
    public void Remove(string podUid)
    {
        lock (_lock)
        {
            Forget(podUid);
        }
    }

    /// <summary>The uids of the pods that show an object.</summary>
    public IReadOnlyList<string> Find(ObjectReferenceKey key)
    {
        lock (_lock)
        {
            return _pods.TryGetValue(key, out var pods) ? [.. pods] : [];
        }
    }

    /// <summary>The uids of all pods that show any object.</summary>
    public IReadOnlyList<string> All()
    {
        lock (_lock)
        {
            return [.. _objects.Where(o => o.Value.Count > 0).Select(o => o.Key)];
        }
    }

    private void Forget(string uid)
    {
        foreach (var key in _objects.Remove(uid, out var keys) ? keys : [])
        {
            if (_pods.TryGetValue(key, out var pods) && pods.Remove(uid) && pods.Count == 0)
            {
                _pods.Remove(key);
            }
        }
    }
}
