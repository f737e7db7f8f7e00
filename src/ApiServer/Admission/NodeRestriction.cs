using System.Text.Json.Nodes;
using Sealos.ApiServer.Authorization;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Certificates;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission;

/// <summary>
/// Kubernetes' NodeRestriction: a node writes its own Node, its own lease, and the status of pods bound to it; it gets tokens for
/// those pods alone, and can neither relabel itself into trust nor make pods that bring it anything to read.
/// </summary>
internal sealed class NodeRestriction(NodeReferences references, KindCache nodes, KindCache pods) : AdmissionPlugin
{
    private const string LeaseNamespace = "kube-node-lease";

    public override ValueTask MutateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Operation != Operation.Connect && NodeIdentity.Of(attributes.Context.User) is { } node)
        {
            Judge(node, attributes);
        }

        return ValueTask.CompletedTask;
    }

    private void Judge(string node, AdmissionAttributes attributes)
    {
        if (node.Length == 0)
        {
            throw attributes.Forbidden($"could not determine node from user {GoText.Quote(attributes.Context.User.Name)}");
        }

        switch (attributes.Resource.Group, attributes.Resource.Plural)
        {
            case ("", "pods"):
                JudgePod(node, attributes);
                break;
            case ("", "nodes"):
                NodeChanges.Judge(node, attributes);
                break;
            case ("", "persistentvolumeclaims"):
                JudgeClaim(node, attributes);
                break;
            case ("", "serviceaccounts") when attributes is { Operation: Operation.Create, Subresource: "token" }:
                JudgeToken(node, attributes);
                break;
            case ("coordination.k8s.io", "leases"):
                Require(attributes, attributes.Namespace == LeaseNamespace, $"can only access leases in the {GoText.Quote(LeaseNamespace)} system namespace");
                Require(attributes, NameOf(attributes) == node, "can only access node lease with the same name as the requesting node");
                break;
            case ("storage.k8s.io", "csinodes"):
                Require(attributes, NameOf(attributes) == node, "can only access CSINode with the same name as the requesting node");
                break;
            case ("certificates.k8s.io", "certificatesigningrequests") when attributes.Operation == Operation.Create:
                JudgeRequest(node, attributes);
                break;
        }
    }

    private void JudgePod(string node, AdmissionAttributes attributes)
    {
        var quoted = GoText.Quote(node);
        switch (attributes.Subresource ?? "", attributes.Operation)
        {
            case ("", Operation.Create):
                MirrorPods.Judge(node, attributes, nodes);
                break;
            case ("", Operation.Delete):
                Require(attributes, IsOnNode(node, attributes), $"node {quoted} can only delete pods with spec.nodeName set to itself");
                break;
            case ("", _):
                throw attributes.Forbidden($"unexpected operation \"UPDATE\", node {quoted} can only create and delete mirror pods");
            case ("status", Operation.Update):
                Require(attributes, attributes.OldObject.Child("spec").Text("nodeName") == node, $"node {quoted} can only update pod status for pods with spec.nodeName set to itself");
                Require(attributes, SameLabels(attributes), $"node {quoted} cannot update labels through pod status");
                break;
            case ("eviction", Operation.Create):
                Require(attributes, IsOnNode(node, attributes), $"node {node} can only evict pods with spec.nodeName set to itself");
                break;
            case (var other, _):
                throw attributes.Forbidden($"unexpected pod subresource {GoText.Quote(other)}, only 'status' and 'eviction' are allowed");
        }
    }

    private bool IsOnNode(string node, AdmissionAttributes attributes) =>
        references.NodeOf(attributes.Namespace, attributes.Name) is { } found ? found == node : throw ApiException.NotFound("", "pods", attributes.Name);

    private static bool SameLabels(AdmissionAttributes attributes) => JsonNode.DeepEquals(
        attributes.Object.Child("metadata", "labels") ?? [], attributes.OldObject.Child("metadata", "labels") ?? []);

    private static void JudgeClaim(string node, AdmissionAttributes attributes)
    {
        Require(attributes, attributes is { Subresource: "status", Operation: Operation.Update }, "may only update PVC status");
        Require(
            attributes,
            JsonNode.DeepEquals(Kept(attributes.Object!), Kept(attributes.OldObject!)),
            $"node {GoText.Quote(node)} is not allowed to update fields other than status.quantity and status.conditions");

        static JsonObject Kept(JsonObject claim)
        {
            var kept = (JsonObject)claim.DeepClone();
            kept.Child("metadata")?.Remove("resourceVersion");
            foreach (var name in (ReadOnlySpan<string>)["capacity", "conditions", "allocatedResourceStatuses", "allocatedResources"])
            {
                kept.Child("status")?.Remove(name);
            }

            return kept;
        }
    }

    private void JudgeToken(string node, AdmissionAttributes attributes)
    {
        var bound = attributes.Object.Child("spec", "boundObjectRef");
        var name = bound.Text("name") ?? "";
        Require(attributes, bound.Text("apiVersion") == "v1" && bound.Text("kind") == "Pod" && name.Length > 0, "node requested token not bound to a pod");
        var uid = bound.Text("uid") ?? "";
        Require(attributes, uid.Length > 0, "node requested token with a pod binding without a uid");
        var pod = pods.Get(attributes.Namespace, name) ?? throw ApiException.NotFound("", "pods", name);
        Require(attributes, pod.Uid == uid, $"the UID in the bound object reference ({uid}) does not match the UID in record. The object might have been deleted and then recreated");
        Require(attributes, references.NodeOf(attributes.Namespace, name) == node, "node requested token bound to a pod scheduled on a different node");
    }

    private static void JudgeRequest(string node, AdmissionAttributes attributes)
    {
        var spec = attributes.Object.Child("spec");
        if (spec.Text("signerName") is not ("kubernetes.io/kubelet-serving" or "kubernetes.io/kube-apiserver-client-kubelet"))
        {
            return;
        }

        try
        {
            var name = SigningRequest.Parse(Convert.FromBase64String(spec.Text("request") ?? "")).CommonName;
            Require(attributes, name == NodeIdentity.Prefix + node, $"can only create a node CSR with CN={NodeIdentity.Prefix}{node}");
        }
        catch (FormatException e)
        {
            throw attributes.Forbidden($"unable to parse csr: {e.Message}");
        }
    }

    private static string NameOf(AdmissionAttributes attributes) =>
        attributes.Operation == Operation.Create ? attributes.Object.Child("metadata").Text("name") ?? "" : attributes.Name;

    private static void Require(AdmissionAttributes attributes, bool holds, string otherwise)
    {
        if (!holds)
        {
            throw attributes.Forbidden(otherwise);
        }
    }
}
