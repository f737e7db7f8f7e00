using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Defaults;

/// <summary>Pods, and the pod templates of workloads, which get less.</summary>
internal static class PodDefaults
{
    private static readonly string[] ContainerLists = ["initContainers", "containers", "ephemeralContainers"];

    public static void Pod(JsonObject obj)
    {
        if (obj.Child("spec") is not { } spec)
        {
            return;
        }

        Spec(spec);
        spec.SetMissing("enableServiceLinks", true);
        foreach (var container in ContainerLists.SelectMany(l => spec.Objects(l)))
        {
            RequestsFromLimits(container);
            if (spec.Flag("hostNetwork") == true)
            {
                HostPorts(container);
            }
        }
    }

    public static void Template(JsonObject? template)
    {
        if (template.Child("spec") is { } spec)
        {
            Spec(spec);
        }
    }

    private static void Spec(JsonObject spec)
    {
        if ((spec.Text("serviceAccountName") ?? spec.Text("serviceAccount")) is { Length: > 0 } account)
        {
            spec["serviceAccountName"] = account;
            spec["serviceAccount"] = account;
        }

        foreach (var volume in spec.Objects("volumes"))
        {
            // Only a name: an empty directory, as it always was.
            if (volume.Count(p => p.Value is not null && p.Key != "name") == 0)
            {
                volume["emptyDir"] = new JsonObject();
            }
        }

        foreach (var container in ContainerLists.SelectMany(l => spec.Objects(l)))
        {
            container.SetDefault("imagePullPolicy", PullPolicy(container.Text("image") ?? ""));
        }
    }

    /// <summary>A floating tag is looked up each time.</summary>
    private static string PullPolicy(string image)
    {
        var hasDigest = image.Contains('@', StringComparison.Ordinal);
        var name = hasDigest ? image[..image.IndexOf('@', StringComparison.Ordinal)] : image;
        var colon = name.LastIndexOf(':');
        var tag = colon > name.LastIndexOf('/') ? name[(colon + 1)..] : hasDigest ? "" : "latest";
        return tag == "latest" ? "Always" : "IfNotPresent";
    }

    private static void RequestsFromLimits(JsonObject container)
    {
        if (container.Child("resources", "limits") is not { Count: > 0 } limits)
        {
            return;
        }

        var requests = container.Child("resources")!.Ensure("requests");
        foreach (var (name, limit) in limits)
        {
            requests.SetMissing(name, limit!.DeepClone());
        }
    }

    private static void HostPorts(JsonObject container)
    {
        foreach (var port in container.Objects("ports"))
        {
            if (port.Number("hostPort") is null or 0 && port["containerPort"] is { } number)
            {
                port["hostPort"] = number.DeepClone();
            }
        }
    }
}
