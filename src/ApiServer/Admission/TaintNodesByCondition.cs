using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission;

/// <summary>A new node takes no pods before its controller has seen that it is ready, and taken this taint away.</summary>
internal sealed class TaintNodesByCondition : AdmissionPlugin
{
    private const string NotReady = "node.kubernetes.io/not-ready";
    private const string NoSchedule = "NoSchedule";

    public override ValueTask MutateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Operation == Operation.Create && attributes.Concerns("", "nodes") && attributes.Object is { } node)
        {
            AddTaint(node);
        }

        return ValueTask.CompletedTask;
    }

    private static void AddTaint(JsonObject node)
    {
        if (node["spec"] is not JsonObject spec)
        {
            spec = [];
            node["spec"] = spec;
        }

        if (spec.Objects("taints").Any(taint => taint.Text("key") == NotReady && taint.Text("effect") == NoSchedule))
        {
            return;
        }

        if (spec["taints"] is not JsonArray taints)
        {
            taints = [];
            spec["taints"] = taints;
        }

        taints.Add(new JsonObject { ["key"] = NotReady, ["effect"] = NoSchedule });
    }
}
