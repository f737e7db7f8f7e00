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

    public IEnumerable<string> Names => _amounts.Keys;

    public decimal this[string name] => _amounts.GetValueOrDefault(name);

    /// <summary>What a pod needs: all its containers with their sidecars, or the hungriest moment of its start, whichever is more.</summary>
    public static Resources RequestOf(PodSpec spec, bool isForScoring = false)
    {
        var running = new Resources();
        var sidecars = new Resources();
        var start = new Resources();
        foreach (var container in spec.Containers ?? [])
        {
            running.Add(RequestOf(container, isForScoring));
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

    private static Resources RequestOf(Container container, bool isForScoring)
    {
        var request = new Resources(container.Resources?.Requests);
        if (isForScoring)
        {
            request._amounts.TryAdd(Cpu, AssumedCpu);
            request._amounts.TryAdd(Memory, AssumedMemory);
        }

        return request;
    }

    private void Raise(Resources other)
    {
        foreach (var (name, amount) in other._amounts)
        {
            _amounts[name] = Math.Max(this[name], amount);
        }
    }
}
