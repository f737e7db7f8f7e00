using System.Net;
using Sealos.ControllerKit;
using Sealos.Kinds.Core;

namespace Sealos.Network.Policies;

/// <summary>
/// Addresses that the node gave to pods, and who waits until policies know them. What was told here holds until the node takes it
/// back, whatever the API says meanwhile: it may not know the pod yet, or no longer, or tell of addresses from before a restart.
/// </summary>
internal sealed class Admissions
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectKey, Admission> _known = [];
    private readonly Dictionary<IPAddress, ObjectKey> _holders = [];
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

    /// <summary>A pod got an address; also says who had it until now.</summary>
    public (Task Done, ObjectKey? Former) Add(Pod pod, IPAddress address, DateTimeOffset now)
    {
        var key = PodFacts.IdentityOf(pod);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            Drop(key);
            var former = _holders.TryGetValue(address, out var holder) ? holder : (ObjectKey?)null;
            if (former is not null)
            {
                Drop(holder);
            }

            _known[key] = new Admission(pod, address, now);
            _holders[address] = key;
            _waiting.Add(new Waiting(key, address, done));
            return (done.Task, former);
        }
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

    /// <summary>What is known of a pod, of which the API tells <paramref name="pod"/>, or nothing.</summary>
    public PodFacts? FactsOf(ObjectKey identity, Pod? pod)
    {
        lock (_lock)
        {
            if (!_known.TryGetValue(identity, out var admission))
            {
                return pod is null ? null : PodFacts.Of(pod, pod.Status?.PodIP);
            }

            if (pod is not null)
            {
                // What it was last is what it is while it is being stopped.
                _known[identity] = admission with { Pod = pod };
            }

            return PodFacts.Of(pod ?? admission.Pod, admission.Address.ToString(), isAdmitted: true);
        }
    }

    /// <summary>Nothing of the pod is left at its address.</summary>
    public void Remove(ObjectKey identity)
    {
        lock (_lock)
        {
            Drop(identity);
        }
    }

    /// <summary>Drops what has been told long ago of pods that the API does not know; returns them.</summary>
    public IReadOnlyList<ObjectKey> Forget(DateTimeOffset now, Func<ObjectKey, bool> isInApi)
    {
        lock (_lock)
        {
            var lost = _known.Where(k => now - k.Value.Since > Longest && !isInApi(k.Key)).Select(k => k.Key).ToList();
            lost.ForEach(Drop);
            return lost;
        }
    }

    private void Drop(ObjectKey identity)
    {
        if (_known.Remove(identity, out var admission))
        {
            _holders.Remove(admission.Address);
        }
    }

    /// <summary>Somebody who waits until policies know a pod at an address.</summary>
    internal readonly record struct Waiting(ObjectKey Pod, IPAddress Address, TaskCompletionSource Done);

    private readonly record struct Admission(Pod Pod, IPAddress Address, DateTimeOffset Since);
}
