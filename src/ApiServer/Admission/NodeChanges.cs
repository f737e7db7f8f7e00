using System.Text.Json.Nodes;
using Sealos.ApiServer.Authorization;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission;

/// <summary>What a node may change about its own Node, and that it changes no other.</summary>
internal static class NodeChanges
{
    private static readonly HashSet<string> OwnLabels = new(StringComparer.Ordinal)
    {
        "kubernetes.io/hostname", "topology.kubernetes.io/zone", "topology.kubernetes.io/region",
        "failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region",
        "beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type",
        "kubernetes.io/os", "kubernetes.io/arch", "beta.kubernetes.io/os", "beta.kubernetes.io/arch",
    };

    public static void Judge(string node, AdmissionAttributes attributes)
    {
        var quoted = GoText.Quote(node);
        var name = attributes.Operation == Operation.Create ? attributes.Object.Child("metadata").Text("name") ?? "" : attributes.Name;
        if (name != node)
        {
            throw attributes.Forbidden($"node {quoted} is not allowed to modify node {GoText.Quote(name)}");
        }

        if (attributes.Operation == Operation.Create)
        {
            RequireLabels(attributes, $"node {quoted} is not allowed to set the following labels: ");
        }
        else if (attributes.Operation == Operation.Update)
        {
            JudgeUpdate(quoted, attributes);
        }
    }

    private static void JudgeUpdate(string quoted, AdmissionAttributes attributes)
    {
        if (!Same(attributes.Object.Child("spec")?["taints"], attributes.OldObject.Child("spec")?["taints"]))
        {
            throw attributes.Forbidden($"node {quoted} is not allowed to modify taints");
        }

        if (!Same(attributes.Object.Child("metadata")?["ownerReferences"], attributes.OldObject.Child("metadata")?["ownerReferences"]))
        {
            throw attributes.Forbidden($"node {quoted} is not allowed to modify ownerReferences");
        }

        RequireLabels(attributes, "is not allowed to modify labels: ");
    }

    private static bool Same(JsonNode? left, JsonNode? right) => JsonNode.DeepEquals(left ?? new JsonArray(), right ?? new JsonArray());

    // A label that others trust would let a node draw pods to itself that are none of its business.
    private static void RequireLabels(AdmissionAttributes attributes, string otherwise)
    {
        var now = attributes.Object.Child("metadata", "labels") ?? [];
        var before = attributes.OldObject.Child("metadata", "labels") ?? [];
        var changed = now.Concat(before).Select(l => l.Key).Where(key => !JsonNode.DeepEquals(now[key], before[key])).Distinct();
        var forbidden = changed.Where(IsForbidden).Order(StringComparer.Ordinal).ToList();
        if (forbidden.Count > 0)
        {
            throw attributes.Forbidden(otherwise + string.Join(", ", forbidden));
        }
    }

    private static bool IsForbidden(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        var domain = slash < 0 ? "" : key[..slash];
        return IsIn(domain, "node-restriction.kubernetes.io")
            || ((IsIn(domain, "kubernetes.io") || IsIn(domain, "k8s.io")) && !OwnLabels.Contains(key) && !IsIn(domain, "kubelet.kubernetes.io") && !IsIn(domain, "node.kubernetes.io"));
    }

    private static bool IsIn(string domain, string parent) => domain == parent || domain.EndsWith("." + parent, StringComparison.Ordinal);
}
