using System.Net;
using Sealos.ControllerKit;
using Sealos.Kinds.Core;

namespace Sealos.Network.Policies;

/// <summary>
/// Addresses that pods were given before the API tells of them, and who waits until policies know them. What was told here holds
/// until the API says the same.
/// </summary>
internal sealed class Admissions
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectKey, Admission> _known = [];
    private List<Waiting> _waiting = [];

    public bool AnyWaits
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count > 0;
            }
        }
    }

    public IReadOnlyList<ObjectKey> Keys
    {
        get
        {
            lock (_lock)
            {
                return [.. _known.Keys];
            }
        }
    }

    public Task Add(Pod pod, IPAddress address)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _known[ObjectKey.Of(pod)] = new Admission(pod, address);
            _waiting.Add(new Waiting(ObjectKey.Of(pod), done));
        }

        return done.Task;
    }

    /// <summary>Hands over who waits; the caller completes them once what they wait for is done.</summary>
    public IReadOnlyList<Waiting> Take()
    {
        lock (_lock)
        {
            var taken = _waiting;
            _waiting = [];
            return taken;
        }
    }

    public void Cancel()
    {
        foreach (var waiting in Take())
        {
            waiting.Done.TrySetCanceled(CancellationToken.None);
        }
    }

    /// <summary>What is known of a pod, of which the API tells <paramref name="pod"/>.</summary>
    public PodFacts? FactsOf(ObjectKey key, Pod? pod)
    {
        lock (_lock)
        {
            if (!_known.TryGetValue(key, out var admission))
            {
                return pod is null ? null : PodFacts.Of(pod, pod.Status?.PodIP);
            }

            if (pod is null)
            {
                // Told of before the cache has it.
                return PodFacts.Of(admission.Pod, admission.Address.ToString());
            }

            if (pod.Metadata.Uid != admission.Pod.Metadata.Uid)
            {
                // Of two pods of one name the younger is the one that is.
                return pod.Metadata.CreationTimestamp > admission.Pod.Metadata.CreationTimestamp
                    ? Settled(key, pod)
                    : PodFacts.Of(admission.Pod, admission.Address.ToString());
            }

            return pod.Status?.PodIP == admission.Address.ToString() || pod.Status?.Phase is "Succeeded" or "Failed"
                ? Settled(key, pod)
                : PodFacts.Of(pod, admission.Address.ToString());
        }
    }

    /// <summary>A pod is gone.</summary>
    public void Remove(Pod pod)
    {
        lock (_lock)
        {
            if (_known.TryGetValue(ObjectKey.Of(pod), out var admission) && admission.Pod.Metadata.Uid == pod.Metadata.Uid)
            {
                _known.Remove(ObjectKey.Of(pod));
            }
        }
    }

    /// <summary>Drops what the API never came to tell of.</summary>
    public void Forget(DateTimeOffset now)
    {
        lock (_lock)
        {
            foreach (var (key, admission) in _known)
            {
                if (now - admission.Pod.Metadata.CreationTimestamp > Longest)
                {
                    _known.Remove(key);
                }
            }
        }
    }

    private PodFacts? Settled(ObjectKey key, Pod pod)
    {
        _known.Remove(key);
        return PodFacts.Of(pod, pod.Status?.PodIP);
    }

    /// <summary>Somebody who waits until policies know a pod.</summary>
    internal readonly record struct Waiting(ObjectKey Pod, TaskCompletionSource Done);

    private readonly record struct Admission(Pod Pod, IPAddress Address);
}
