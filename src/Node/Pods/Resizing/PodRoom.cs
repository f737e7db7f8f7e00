using Sealos.Kinds.Core;
using Sealos.Node.Pods.Config;

namespace Sealos.Node.Pods.Resizing;

/// <summary>What a pod has been given of the node: thousandths of a processor, bytes of memory, and what else it has asked for.</summary>
internal readonly record struct PodRoom(long MilliCpu, long Memory)
{
    public const string Pods = "pods";

    /// <summary>Other resources by name; null for none.</summary>
    public IReadOnlyDictionary<string, long>? Others { get; init; }

    /// <summary>What a pod asks for.</summary>
    public static PodRoom Of(Pod pod)
    {
        var names = pod.Containers.Concat(pod.InitContainers).SelectMany(c => (c.Resources?.Requests?.Keys ?? Enumerable.Empty<string>()).Concat(c.Resources?.Limits?.Keys ?? Enumerable.Empty<string>()))
            .Where(n => n is not ("cpu" or "memory")).Distinct(StringComparer.Ordinal).ToList();
        return new PodRoom(ResourceMapping.RequestOf(pod, "cpu"), ResourceMapping.RequestOf(pod, "memory"))
        {
            Others = names.Count == 0 ? null : names.ToDictionary(n => n, n => ResourceMapping.RequestOf(pod, n), StringComparer.Ordinal),
        };
    }

    /// <summary>Without what the node knows nothing of: that is counted elsewhere.</summary>
    public PodRoom On(Kinds.Core.Node node) => Others is null || Others.Keys.All(n => IsOf(node, n)) ? this : this with
    {
        Others = Others.Where(o => IsOf(node, o.Key)).ToDictionary(o => o.Key, o => o.Value, StringComparer.Ordinal),
    };

    private static bool IsOf(Kinds.Core.Node node, string resource) => !resource.Contains('/') || node.Status?.Allocatable?.ContainsKey(resource) == true;

    /// <summary>How much of a resource it is; a pod takes one place.</summary>
    public long Amount(string resource) => resource switch
    {
        "cpu" => MilliCpu,
        "memory" => Memory,
        Pods => 1,
        _ => Others?.GetValueOrDefault(resource) ?? 0,
    };
}
