using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Proxy;

/// <summary>Which container of a pod a log or exec is about.</summary>
internal static class ContainerChoice
{
    private static readonly string[] Lists = ["containers", "initContainers", "ephemeralContainers"];

    /// <summary>The container named, or the only one.</summary>
    public static string Choose(JsonObject pod, string wanted)
    {
        var name = pod.Child("metadata").Text("name");
        var spec = pod.Child("spec");
        if (wanted.Length > 0)
        {
            return Lists.SelectMany(l => spec.Objects(l)).Any(c => c.Text("name") == wanted)
                ? wanted
                : throw ApiException.BadRequest($"container {wanted} is not valid for pod {name}");
        }

        var containers = Names(spec, "containers");
        if (containers.Length == 1)
        {
            return containers[0];
        }

        var message = $"a container name must be specified for pod {name}, choose one of: [{string.Join(' ', containers)}]";
        if (Names(spec, "initContainers") is { Length: > 0 } init)
        {
            message += $" or one of the init containers: [{string.Join(' ', init)}]";
        }

        throw ApiException.BadRequest(message);
    }

    private static string[] Names(JsonObject? spec, string list) => [.. spec.Objects(list).Select(c => c.Text("name") ?? "")];
}
