using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Authorization;

/// <summary>What a pod refers to in its namespace. Pure.</summary>
internal static class PodReferences
{
    private const string MirrorAnnotation = "kubernetes.io/config.mirror";

    /// <summary>The plurals and names, some perhaps twice. A mirror pod, which its node wrote itself, refers to nothing.</summary>
    public static IEnumerable<(string Plural, string Name)> Of(JsonObject pod) =>
        IsMirror(pod) ? [] : OfAny(pod);

    /// <summary>The same, of a mirror pod too.</summary>
    public static IEnumerable<(string Plural, string Name)> OfAny(JsonObject pod) =>
        All(pod).Where(r => r.Name is { Length: > 0 }).Select(r => (r.Plural, r.Name!));

    /// <summary>Whether a node made the pod, to show one that it runs by itself.</summary>
    public static bool IsMirror(JsonObject pod) => pod.Child("metadata", "annotations")?.ContainsKey(MirrorAnnotation) == true;

    private static IEnumerable<(string Plural, string? Name)> All(JsonObject pod)
    {
        var spec = pod.Child("spec");
        var containers = spec.Objects("containers").Concat(spec.Objects("initContainers")).Concat(spec.Objects("ephemeralContainers"));
        var podName = pod.Child("metadata").Text("name");
        return spec.Objects("imagePullSecrets").Select(s => ("secrets", s.Text("name")))
            .Prepend(("serviceaccounts", spec.Text("serviceAccountName")))
            .Concat(containers.SelectMany(OfContainer))
            .Concat(spec.Objects("volumes").SelectMany(v => OfVolume(v, podName)));
    }

    private static IEnumerable<(string, string?)> OfContainer(JsonObject container) =>
        container.Objects("env").Select(e => e.Child("valueFrom")).SelectMany(from => new (string, string?)[]
        {
            ("secrets", from.Child("secretKeyRef").Text("name")),
            ("configmaps", from.Child("configMapKeyRef").Text("name")),
        }).Concat(container.Objects("envFrom").SelectMany(from => new (string, string?)[]
        {
            ("secrets", from.Child("secretRef").Text("name")),
            ("configmaps", from.Child("configMapRef").Text("name")),
        }));

    private static IEnumerable<(string, string?)> OfVolume(JsonObject volume, string? pod)
    {
        yield return ("secrets", volume.Child("secret").Text("secretName"));
        yield return ("configmaps", volume.Child("configMap").Text("name"));
        yield return ("persistentvolumeclaims", volume.Child("persistentVolumeClaim").Text("claimName"));
        if (volume.Child("ephemeral") is not null)
        {
            yield return ("persistentvolumeclaims", $"{pod}-{volume.Text("name")}");
        }

        foreach (var source in volume.Child("projected").Objects("sources"))
        {
            yield return ("secrets", source.Child("secret").Text("name"));
            yield return ("configmaps", source.Child("configMap").Text("name"));
        }

        // Volume plug-ins name the secret of their storage in one of these ways.
        foreach (var (_, source) in volume)
        {
            yield return ("secrets", (source as JsonObject).Child("secretRef").Text("name"));
            yield return ("secrets", (source as JsonObject).Child("nodePublishSecretRef").Text("name"));
        }

        yield return ("secrets", volume.Child("azureFile").Text("secretName"));
    }
}
