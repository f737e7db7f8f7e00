using System.Text.Json.Nodes;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission;

/// <summary>Turns a pod's priority class into its priority.</summary>
internal sealed class PriorityAdmission(KindCache priorityClasses) : AdmissionPlugin
{
    public override ValueTask MutateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Operation == Operation.Create && attributes.Concerns("", "pods") && attributes.Object.Child("spec") is { } spec)
        {
            Resolve(attributes, spec);
        }

        return ValueTask.CompletedTask;
    }

    public override ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Operation is Operation.Create or Operation.Update && attributes.Concerns("scheduling.k8s.io", "priorityclasses")
            && attributes.Object.Flag("globalDefault") == true && GlobalDefault().Child("metadata").Text("name") is { } other && other != attributes.Name)
        {
            throw attributes.Forbidden($"PriorityClass {other} is already marked as default. Only one default can exist");
        }

        return ValueTask.CompletedTask;
    }

    private void Resolve(AdmissionAttributes attributes, JsonObject spec)
    {
        var name = spec.Text("priorityClassName");
        var found = string.IsNullOrEmpty(name)
            ? GlobalDefault()
            : priorityClasses.Get("", name)?.Parse() ?? throw attributes.Forbidden($"no PriorityClass with name {name} was found");
        var value = found.Number("value") ?? 0;
        if (spec.Number("priority") is { } given && given != value)
        {
            throw attributes.Forbidden($"the integer value of priority ({given}) must not be provided in pod spec; priority admission controller computed {value} from the given PriorityClass name");
        }

        if (found.Child("metadata").Text("name") is { } resolved)
        {
            spec["priorityClassName"] = resolved;
        }

        spec["priority"] = value;
        var policy = found.Text("preemptionPolicy") ?? "PreemptLowerPriority";
        if (spec.Text("preemptionPolicy") is { Length: > 0 } wanted && wanted != policy)
        {
            throw attributes.Forbidden($"the string value of PreemptionPolicy ({wanted}) must not be provided in pod spec; priority admission controller computed {policy} from the given PriorityClass name");
        }

        spec["preemptionPolicy"] = policy;
    }

    /// <summary>The class for pods that name none: of several that claim to be it, the lowest.</summary>
    private JsonObject? GlobalDefault()
    {
        using var list = priorityClasses.List(null);
        JsonObject? best = null;
        foreach (var cached in list.Items)
        {
            var candidate = cached.Parse();
            if (candidate.Flag("globalDefault") == true && (best is null || candidate.Number("value") < best.Number("value")))
            {
                best = candidate;
            }
        }

        return best;
    }
}
