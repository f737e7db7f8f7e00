using System.Text.Json.Nodes;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission;

/// <summary>A pod of a runtime class takes what the class costs besides, and goes where the class can run.</summary>
internal sealed class RuntimeClassAdmission(KindCache runtimeClasses) : AdmissionPlugin
{
    public override ValueTask MutateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (IsNewPod(attributes) && attributes.Object.Child("spec") is { } spec && Find(attributes, spec) is { } runtimeClass)
        {
            if (runtimeClass.Child("overhead") is { } overhead)
            {
                CheckOverhead(attributes, spec, overhead, isSet: spec.Child("overhead") is { Count: > 0 });
                spec["overhead"] = overhead["podFixed"]?.DeepClone();
            }

            if (runtimeClass.Child("scheduling") is { } scheduling)
            {
                MergeSelector(attributes, spec, scheduling.Child("nodeSelector"));
                MergeTolerations(spec, scheduling);
            }
        }

        return ValueTask.CompletedTask;
    }

    public override ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (IsNewPod(attributes) && attributes.Object.Child("spec") is { } spec)
        {
            if (Find(attributes, spec).Child("overhead") is { } overhead)
            {
                CheckOverhead(attributes, spec, overhead, isSet: true);
            }
            else if (spec["overhead"] is not null)
            {
                throw attributes.Forbidden("pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
            }
        }

        return ValueTask.CompletedTask;
    }

    private static bool IsNewPod(AdmissionAttributes attributes) => attributes.Operation == Operation.Create && attributes.Concerns("", "pods");

    private JsonObject? Find(AdmissionAttributes attributes, JsonObject spec) => spec.Text("runtimeClassName") is { Length: > 0 } name
        ? runtimeClasses.Get("", name)?.Parse() ?? throw attributes.Forbidden($"pod rejected: RuntimeClass \"{name}\" not found")
        : null;

    private static void CheckOverhead(AdmissionAttributes attributes, JsonObject spec, JsonObject overhead, bool isSet)
    {
        var (given, wanted) = (PodAmounts.Read(spec.Child("overhead")), PodAmounts.Read(overhead.Child("podFixed")));
        if (isSet && (given.Count != wanted.Count || wanted.Any(w => !given.TryGetValue(w.Key, out var amount) || !amount.Equals(w.Value))))
        {
            throw attributes.Forbidden("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
        }
    }

    private static void MergeSelector(AdmissionAttributes attributes, JsonObject spec, JsonObject? wanted)
    {
        var given = spec.Child("nodeSelector") ?? [];
        foreach (var (key, value) in wanted ?? [])
        {
            if (given.Text(key) is { } other && other != value.AsText())
            {
                throw attributes.Forbidden($"conflict: runtimeClass.scheduling.nodeSelector[{key}] = {value.AsText()}; pod.spec.nodeSelector[{key}] = {other}");
            }

            given[key] = value?.DeepClone();
        }

        if (given.Count > 0)
        {
            spec["nodeSelector"] ??= given;
        }
    }

    private static void MergeTolerations(JsonObject spec, JsonObject scheduling)
    {
        foreach (var toleration in scheduling.Objects("tolerations"))
        {
            if (spec["tolerations"] is not JsonArray tolerations)
            {
                tolerations = [];
                spec["tolerations"] = tolerations;
            }

            if (!tolerations.Any(t => JsonNode.DeepEquals(t, toleration)))
            {
                tolerations.Add(toleration.DeepClone());
            }
        }
    }
}
