using Sealos.ApiServer.Authorization;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission;

/// <summary>The pods a node may create: those that show what it runs by itself, which refer to nothing.</summary>
internal static class MirrorPods
{
    public static void Judge(string node, AdmissionAttributes attributes, KindCache nodes)
    {
        if (Problem(node, attributes, nodes) is { } problem)
        {
            throw attributes.Forbidden(problem);
        }
    }

    private static string? Problem(string node, AdmissionAttributes attributes, KindCache nodes)
    {
        var pod = attributes.Object!;
        var quoted = GoText.Quote(node);
        if (!PodReferences.IsMirror(pod))
        {
            return $"pod does not have \"kubernetes.io/config.mirror\" annotation, node {quoted} can only create mirror pods";
        }

        return pod.Child("spec").Text("nodeName") != node
            ? $"node {quoted} can only create pods with spec.nodeName set to itself"
            : OwnerProblem(node, quoted, attributes, nodes) ?? ReferenceProblem(quoted, attributes);
    }

    private static string? OwnerProblem(string node, string quoted, AdmissionAttributes attributes, KindCache nodes)
    {
        var owners = attributes.Object.Child("metadata").Objects("ownerReferences").ToList();
        if (owners.Count > 1)
        {
            return $"node {quoted} can only create pods with a single owner reference set to itself";
        }

        if (owners is not [var owner] || owner.Text("apiVersion") != "v1" || owner.Text("kind") != "Node" || owner.Text("name") != node)
        {
            return $"node {quoted} can only create pods with an owner reference set to itself";
        }

        if (owner.Flag("controller") != true)
        {
            return $"node {quoted} can only create pods with a controller owner reference set to itself";
        }

        if (owner.Flag("blockOwnerDeletion") == true)
        {
            return $"node {quoted} must not set blockOwnerDeletion on an owner reference";
        }

        var known = nodes.Get("", node) ?? throw ApiException.NotFound("", "nodes", node);
        return owner.Text("uid") == known.Uid ? null : $"node {node} UID mismatch: expected {owner.Text("uid")} got {known.Uid}";
    }

    private static string? ReferenceProblem(string quoted, AdmissionAttributes attributes)
    {
        var pod = attributes.Object!;
        var spec = pod.Child("spec");
        var kinds = PodReferences.OfAny(pod).Select(r => r.Plural).ToHashSet();
        var what = kinds.Contains("serviceaccounts") ? "a service account"
            : kinds.Contains("secrets") ? "secrets"
            : kinds.Contains("configmaps") ? "configmaps"
            : spec.Objects("volumes").SelectMany(v => v.Child("projected").Objects("sources")).Any(s => s["clusterTrustBundle"] is not null) ? "clustertrustbundles"
            : kinds.Contains("persistentvolumeclaims") ? "persistentvolumeclaims"
            : spec.Array("resourceClaims") is { Count: > 0 } ? "resourceclaims"
            : null;
        return what is null ? null : $"node {quoted} can not create pods that reference {what}";
    }
}
