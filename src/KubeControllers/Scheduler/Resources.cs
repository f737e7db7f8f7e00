using Sealos.Kinds.Core;
using Sealos.Objects.Meta;

namespace Sealos.KubeControllers.Scheduler;

/// <summary>Exact amounts of resources by name.</summary>
internal sealed class Resources
{
    public const string Cpu = "cpu";
    public const string Memory = "memory";
    public const string Pods = "pods";

    // What a container that asks for nothing is taken to use when nodes are compared, never when they are ruled out.
    private const decimal AssumedCpu = 0.1m;
    private const decimal AssumedMemory = 200m * 1024 * 1024;

    private readonly Dictionary<string, decimal> _amounts = new(StringComparer.Ordinal);

    public Resources()
    {
    }

    public Resources(IReadOnlyDictionary<string, Quantity>? quantities)
    {
        foreach (var (name, quantity) in quantities ?? new Dictionary<string, Quantity>())
        {
            _amounts[name] = quantity.Value;
        }
    }

    /// <summary>Whether both are the same amounts of the same names.</summary>
    public bool IsSameAs(Resources other) => _amounts.Count == other._amounts.Count && _amounts.All(a => other._amounts.TryGetValue(a.Key, out var amount) && amount == a.Value);

    public IEnumerable<string> Names => _amounts.Keys;

    public decimal this[string name] => _amounts.GetValueOrDefault(name);

    /// <summary>What a pod needs: all its containers with their sidecars, or the hungriest moment of its start, whichever is more.</summary>
    public static Resources RequestOf(Pod pod, bool isForScoring = false)
    {
        var spec = pod.Spec!;
        var running = new Resources();
        var sidecars = new Resources();
        var start = new Resources();
        foreach (var container in spec.Containers ?? [])
        {
            running.Add(OccupiedBy(container, pod.Status, isForScoring));
        }

        foreach (var container in spec.InitContainers ?? [])
        {
            var request = RequestOf(container, isForScoring);
            if (container.RestartPolicy == "Always")
            {
                running.Add(request);
                sidecars.Add(request);
                request = new Resources();
            }

            request.Add(sidecars);
            start.Raise(request);
        }

        running.Raise(start);
        running.Add(new Resources(spec.Overhead));
        return running;
    }

    public void Add(Resources other)
    {
        foreach (var (name, amount) in other._amounts)
        {
            _amounts[name] = this[name] + amount;
        }
    }

    public void Subtract(Resources other)
    {
        foreach (var (name, amount) in other._amounts)
        {
            _amounts[name] = this[name] - amount;
        }
    }

    // A container takes the most of what it asks for, what the node has given it and what it has; what it asks for does not count when it
    // cannot have it.
    private static Resources OccupiedBy(Container container, PodStatus? status, bool isForScoring)
    {
        var request = new Resources(container.Resources?.Requests);
        if (status?.ContainerStatuses?.Find(s => s.Name == container.Name) is { Resources: { } has } told)
        {
            var occupied = new Resources(has.Requests);
            occupied.Raise(new Resources(told.AllocatedResources));
            if (status.Resize != "Infeasible")
            {
                occupied.Raise(request);
            }

            request = occupied;
        }

        return isForScoring ? request.Assumed() : request;
    }

    private static Resources RequestOf(Container container, bool isForScoring)
    {
        var request = new Resources(container.Resources?.Requests);
        return isForScoring ? request.Assumed() : request;
    }

    private Resources Assumed()
    {
        _amounts.TryAdd(Cpu, AssumedCpu);
        _amounts.TryAdd(Memory, AssumedMemory);
        return this;
    }

    private void Raise(Resources other)
    {
        foreach (var (name, amount) in other._amounts)
        {
            _amounts[name] = Math.Max(this[name], amount);
        }
    }
}
