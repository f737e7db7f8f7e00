using System.Globalization;
using Sealos.Kinds.Core;
using Sealos.Objects.Meta;

namespace Sealos.Node.Pods.Config;

/// <summary>What the outside of a pod looks like from within, for fieldRef and resourceFieldRef.</summary>
/// <param name="NodeIp">The node's address.</param>
/// <param name="PodIp">The pod's address; empty until it has one.</param>
/// <param name="Allocatable">What the node can give, used where a container has no limit.</param>
internal sealed record PodSurroundings(string NodeIp, string PodIp, IReadOnlyDictionary<string, Quantity> Allocatable);

/// <summary>Values of fieldRef and resourceFieldRef. Pure.</summary>
internal static class FieldValues
{
    /// <summary>The value of a pod's field.</summary>
    /// <exception cref="ContainerStartException">There is no such field.</exception>
    public static string OfPod(Pod pod, string path, PodSurroundings surroundings) => path switch
    {
        "metadata.name" => pod.Name,
        "metadata.namespace" => pod.Namespace,
        "metadata.uid" => pod.Uid,
        "spec.nodeName" => pod.Spec?.NodeName ?? "",
        "spec.serviceAccountName" => pod.Spec?.ServiceAccountName ?? "",
        "status.hostIP" or "status.hostIPs" => surroundings.NodeIp,
        "status.podIP" or "status.podIPs" => surroundings.PodIp,
        _ => OfMap(path, "metadata.labels", pod.Metadata.Labels) ?? OfMap(path, "metadata.annotations", pod.Metadata.Annotations)
            ?? throw ContainerStartException.Config($"fieldRef: field path \"{path}\" is not supported"),
    };

    /// <summary>The value of a container's limit or request in units of <paramref name="divisor"/>, rounded up.</summary>
    /// <exception cref="ContainerStartException">There is no such resource.</exception>
    public static string OfResource(Container container, string resource, Quantity? divisor, PodSurroundings surroundings)
    {
        var (list, name) = resource.Split('.', 2) is [var l, var n] ? (l, n) : ("", resource);
        var isKnown = name is "cpu" or "memory" or "ephemeral-storage" || name.StartsWith("hugepages-", StringComparison.Ordinal);
        if (list is not ("limits" or "requests") || !isKnown)
        {
            throw ContainerStartException.Config($"resourceFieldRef: resource \"{resource}\" is not supported");
        }

        var own = list == "limits" ? container.Resources?.Limits : container.Resources?.Requests;
        var value = own?.TryGetValue(name, out var set) == true ? set.Value
            : list == "limits" && surroundings.Allocatable.TryGetValue(name, out var available) ? available.Value : 0m;
        var unit = divisor is { Value: > 0 } d ? d.Value : 1m;
        return decimal.Ceiling(value / unit).ToString("0", CultureInfo.InvariantCulture);
    }

    private static string? OfMap(string path, string map, Dictionary<string, string>? values)
    {
        var prefix = map + "['";
        return path.StartsWith(prefix, StringComparison.Ordinal) && path.EndsWith("']", StringComparison.Ordinal) && path.Length > prefix.Length + 2
            ? values?.GetValueOrDefault(path[prefix.Length..^2]) ?? ""
            : null;
    }
}
