using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission;

/// <summary>Pods that say nothing stay for five minutes on a node that is not ready or cannot be reached.</summary>
internal sealed class DefaultTolerationSeconds : AdmissionPlugin
{
    private const int Seconds = 300;
    private static readonly string[] Taints = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

    public override ValueTask MutateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Operation is not (Operation.Create or Operation.Update) || !attributes.Concerns("", "pods") || attributes.Object.Child("spec") is not { } spec)
        {
            return ValueTask.CompletedTask;
        }

        foreach (var taint in Taints)
        {
            if (!spec.Objects("tolerations").Any(t => Tolerates(t, taint)))
            {
                if (spec["tolerations"] is not JsonArray tolerations)
                {
                    tolerations = [];
                    spec["tolerations"] = tolerations;
                }

                tolerations.Add(new JsonObject { ["key"] = taint, ["operator"] = "Exists", ["effect"] = "NoExecute", ["tolerationSeconds"] = Seconds });
            }
        }

        return ValueTask.CompletedTask;
    }

    private static bool Tolerates(JsonObject toleration, string taint) =>
        (toleration.Text("key") is null or "" || toleration.Text("key") == taint)
        && toleration.Text("effect") is null or "" or "NoExecute";
}
