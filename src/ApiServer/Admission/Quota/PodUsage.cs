using System.Text.Json.Nodes;
using Sealos.Objects.Meta;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.ApiServer.Admission.Quota;

/// <summary>What a pod counts for: as an object while it is stored, for what it takes while it can run.</summary>
internal static class PodUsage
{
    private static readonly string[] Bare = ["cpu", "memory", "ephemeral-storage"];
    private static readonly string[] AffinityKinds = ["podAffinity", "podAntiAffinity"];

    public static ObjectUsage Measure(JsonObject pod, DateTimeOffset now)
    {
        var spec = pod.Child("spec");
        var amounts = new Dictionary<string, Quantity>(StringComparer.Ordinal) { ["count/pods"] = CountedKind.One };
        if (Counts(pod, now))
        {
            amounts["pods"] = CountedKind.One;
            var occupied = PodAmounts.Occupied(pod);
            Name(PodAmounts.Requests(occupied), PodAmounts.Limits(occupied), amounts);
        }

        return new ObjectUsage(amounts, Scope(spec));
    }

    /// <summary>A pod that has ended, or whose time to stop is over, takes nothing any more.</summary>
    private static bool Counts(JsonObject pod, DateTimeOffset now)
    {
        if (pod.Child("status").Text("phase") is "Failed" or "Succeeded")
        {
            return false;
        }

        return pod.Child("metadata").Text("deletionTimestamp") is not { } deletion || !KubeTime.TryParse(deletion, out var end) || end > now;
    }

    /// <summary>Gives amounts the names quotas know them by.</summary>
    private static void Name(Dictionary<string, Quantity> requests, Dictionary<string, Quantity> limits, Dictionary<string, Quantity> amounts)
    {
        foreach (var (name, amount) in requests)
        {
            amounts[$"requests.{name}"] = amount;
            if (Bare.Contains(name) || name.StartsWith("hugepages-", StringComparison.Ordinal))
            {
                amounts[name] = amount;
            }
        }

        foreach (var (name, amount) in limits)
        {
            if (Bare.Contains(name))
            {
                amounts[$"limits.{name}"] = amount;
            }
        }
    }

    private static PodScope Scope(JsonObject? spec) => new(
        spec.Number("activeDeadlineSeconds") >= 0,
        QualityOfService.Of(spec) == "BestEffort",
        spec.Text("priorityClassName") ?? "",
        CrossesNamespaces(spec.Child("affinity")))
    {
        Containers = [.. spec.Objects("containers").Concat(spec.Objects("initContainers")).Select(Named)],
    };

    private static (string, IReadOnlySet<string>) Named(JsonObject container)
    {
        var amounts = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        Name(PodAmounts.Of(container, "requests"), PodAmounts.Of(container, "limits"), amounts);
        return (container.Text("name") ?? "", amounts.Keys.ToHashSet(StringComparer.Ordinal));
    }

    private static bool CrossesNamespaces(JsonObject? affinity) => AffinityKinds
        .Select(kind => affinity.Child(kind))
        .SelectMany(one => one.Objects("requiredDuringSchedulingIgnoredDuringExecution")
            .Concat(one.Objects("preferredDuringSchedulingIgnoredDuringExecution").Select(weighted => weighted.Child("podAffinityTerm")).OfType<JsonObject>()))
        .Any(term => term.Array("namespaces") is { Count: > 0 } || term["namespaceSelector"] is not null);
}
