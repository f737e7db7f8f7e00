using Sealos.Kinds.Core;
using Sealos.Objects.Meta;

namespace Sealos.Node.Pods.Config;

/// <summary>Kubernetes' quality-of-service classes. Pure.</summary>
internal static class PodQos
{
    public const string Guaranteed = "Guaranteed";
    public const string Burstable = "Burstable";
    public const string BestEffort = "BestEffort";

    private static readonly string[] Counted = ["cpu", "memory"];

    /// <summary>The class of a pod, by what its containers ask for.</summary>
    public static string Of(Pod pod)
    {
        var containers = pod.Containers.Concat(pod.InitContainers).ToList();
        if (containers.All(c => !Asks(c.Resources?.Requests) && !Asks(c.Resources?.Limits)))
        {
            return BestEffort;
        }

        return containers.All(IsGuaranteed) ? Guaranteed : Burstable;
    }

    private static bool Asks(Dictionary<string, Quantity>? resources) => Counted.Any(n => Amount(resources, n) is > 0);

    private static bool IsGuaranteed(Container container) => Counted.All(n =>
        Amount(container.Resources?.Limits, n) is > 0 and var limit && (Amount(container.Resources?.Requests, n) ?? limit) == limit);

    private static decimal? Amount(Dictionary<string, Quantity>? resources, string name) =>
        resources?.TryGetValue(name, out var value) == true ? value.Value : null;
}
