using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.ApiServer.Admission;

/// <summary>
/// What a pod can ask for that no node of this cloud can do. The node refuses the same for itself, because a pod may reach it
/// that was stored before it knew. Pure.
/// </summary>
internal static class UnbuiltPodFields
{
    // Which drivers there are only the node knows, and says.
    private static readonly string[] Mountable = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "hostPath", "persistentVolumeClaim", "projected", "secret"];
    private static readonly string[] Hooks = ["postStart", "preStop"];

    /// <summary>The fields, each with what to do instead.</summary>
    /// <param name="spec">The pod's spec.</param>
    /// <param name="path">Where it stands.</param>
    /// <param name="runtimes">What the nodes' runtimes can do; asked only where it matters.</param>
    public static IEnumerable<FieldError> Find(JsonObject spec, string path, RuntimeOffer runtimes)
    {
        var volumes = Each(spec, "volumes", path, OfVolume);
        var containers = new[] { "initContainers", "containers" }.SelectMany(list => Each(spec, list, path, (c, p) => OfContainer(c, p, runtimes)));
        return [.. volumes, .. containers, .. OfPod(spec, path, runtimes)];
    }

    private static IEnumerable<FieldError> OfPod(JsonObject spec, string path, RuntimeOffer runtimes)
    {
        if (spec.Flag("hostUsers") == false)
        {
            yield return Error($"{path}.hostUsers", "user namespaces are not built yet; leave it out or set it to true");
        }

        if (spec.Child("securityContext").Text("seLinuxChangePolicy") is { Length: > 0 })
        {
            yield return Error($"{path}.securityContext.seLinuxChangePolicy", "volumes are not given SELinux labels; leave it out");
        }

        if (spec.Child("securityContext").Text("supplementalGroupsPolicy") == "Strict" && !runtimes.HasGroupsPolicy())
        {
            yield return Error($"{path}.securityContext.supplementalGroupsPolicy", "no node's container runtime knows Strict; use Merge");
        }
    }

    private static IEnumerable<FieldError> OfVolume(JsonObject volume, string path)
    {
        var type = volume.FirstOrDefault(p => p.Key != "name" && p.Value is JsonObject).Key;
        if (type is not null && !Mountable.Contains(type))
        {
            yield return Error($"{path}.{type}", $"volumes of this type are not built yet; use one of {string.Join(", ", Mountable)}");
        }

        if (volume.Child("emptyDir").Text("medium") is { Length: > 0 } medium and not "Memory")
        {
            yield return Error($"{path}.emptyDir.medium", $"{medium} is not built yet; use Memory or leave it out");
        }
    }

    private static IEnumerable<FieldError> OfContainer(JsonObject container, string path, RuntimeOffer runtimes)
    {
        if (container.Array("volumeDevices") is { Count: > 0 })
        {
            yield return Error($"{path}.volumeDevices", "raw block volumes are not built yet");
        }

        if (container.Child("resources").Array("claims") is { Count: > 0 })
        {
            yield return Error($"{path}.resources.claims", "dynamic resource allocation is not built yet");
        }

        if (container.Child("securityContext").Text("procMount") == "Unmasked")
        {
            yield return Error($"{path}.securityContext.procMount", "it needs a user namespace of the pod's own, which is not built yet; leave it out");
        }

        foreach (var error in Each(container, "volumeMounts", path, (m, p) => OfMount(m, p, runtimes)))
        {
            yield return error;
        }

        foreach (var hook in Hooks.Where(h => container.Child("lifecycle", h, "tcpSocket") is not null))
        {
            yield return Error($"{path}.lifecycle.{hook}.tcpSocket", "hooks over TCP are not built; use exec, httpGet or sleep");
        }
    }

    private static IEnumerable<FieldError> OfMount(JsonObject mount, string path, RuntimeOffer runtimes)
    {
        if (mount.Text("recursiveReadOnly") == "Enabled" && !runtimes.CanMountReadOnly())
        {
            yield return Error($"{path}.recursiveReadOnly", "no node's container runtime knows Enabled; use IfPossible");
        }
    }

    private static IEnumerable<FieldError> Each(JsonObject owner, string list, string path, Func<JsonObject, string, IEnumerable<FieldError>> rule) =>
        owner.Objects(list).SelectMany((item, i) => rule(item, $"{path}.{list}[{i}]"));

    private static FieldError Error(string field, string why) => new(FieldErrorType.Forbidden, field, null, why);
}
