using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission.PodSecurity;

/// <summary>Why a pod is too much for a level.</summary>
internal readonly record struct SecurityFinding(string Reason, string Detail)
{
    public override string ToString() => Detail.Length == 0 ? Reason : $"{Reason} ({Detail})";
}

/// <summary>A pod, or the template of one, as the checks look at it.</summary>
internal sealed class SecuritySubject(JsonObject? metadata, JsonObject spec)
{
    public JsonObject Spec => spec;

    public JsonObject? Annotations { get; } = metadata.Child("annotations");

    public JsonObject? Context { get; } = spec.Child("securityContext");

    public bool IsWindows { get; } = spec.Child("os").Text("name") == "windows";

    /// <summary>Every container, in the order in which findings name them.</summary>
    public IReadOnlyList<JsonObject> Containers { get; } =
        [.. spec.Objects("initContainers"), .. spec.Objects("containers"), .. spec.Objects("ephemeralContainers")];

    /// <summary>The names of the containers for which something holds.</summary>
    public List<string> Where(Func<JsonObject, bool> holds) => [.. Containers.Where(holds).Select(c => c.Text("name") ?? "")];

    public static string Quote(IEnumerable<string> items) => string.Join(", ", items.Select(item => $"\"{item}\""));

    public static string Plural(string one, string many, int count) => count == 1 ? one : many;

    public static string Named(List<string> containers) => $"{Plural("container", "containers", containers.Count)} {Quote(containers)}";

    /// <summary>Who has set something: the pod, some containers, or both.</summary>
    public static string Setters(bool pod, List<string> containers) => (pod, containers.Count) switch
    {
        (true, 0) => "pod",
        (true, _) => $"pod and {Named(containers)}",
        _ => Named(containers),
    };
}
