using Sealos.Kinds.Core;

namespace Sealos.KubeControllers.Namespaces;

/// <summary>The conditions that tell why a namespace being deleted is not gone yet.</summary>
internal static class NamespaceConditions
{
    public static List<NamespaceCondition> Calculate(IReadOnlyList<NamespaceCondition>? known, NamespaceRemains remains, DateTimeOffset now)
    {
        (string Type, string? Reason, string Message, string ReasonWhenFine, string MessageWhenFine)[] wanted =
        [
            ("NamespaceDeletionDiscoveryFailure", remains.UnreachableGroups.Count == 0 ? null : "DiscoveryFailed", $"Discovery failed for some groups: {string.Join(", ", remains.UnreachableGroups)}", "ResourcesDiscovered", "All resources successfully discovered"),
            ("NamespaceDeletionGroupVersionParsingFailure", null, "", "ParsedGroupVersions", "All legacy kube types successfully parsed"),
            ("NamespaceDeletionContentFailure", remains.Failures.Count == 0 ? null : "ContentDeletionFailed", $"Failed to delete all resource types, {remains.Failures.Count} remaining: {string.Join(", ", remains.Failures)}", "ContentDeleted", "All content successfully deleted, may be waiting on finalization"),
            ("NamespaceContentRemaining", remains.Remaining.Count == 0 ? null : "SomeResourcesRemain", $"Some resources are remaining: {Join(remains.Remaining, "has")}", "ContentRemoved", "All content successfully removed"),
            ("NamespaceFinalizersRemaining", remains.Finalizers.Count == 0 ? null : "SomeFinalizersRemain", $"Some content in the namespace has finalizers remaining: {Join(remains.Finalizers, "in")}", "ContentHasNoFinalizers", "All content-preserving finalizers finished"),
        ];
        List<NamespaceCondition> conditions = [.. (known ?? []).Where(c => !Array.Exists(wanted, w => w.Type == c.Type))];
        foreach (var w in wanted)
        {
            var status = w.Reason is null ? "False" : "True";
            var old = known?.FirstOrDefault(c => c.Type == w.Type);
            conditions.Add(new NamespaceCondition
            {
                Type = w.Type,
                Status = status,
                Reason = w.Reason ?? w.ReasonWhenFine,
                Message = w.Reason is null ? w.MessageWhenFine : w.Message,
                LastTransitionTime = old?.Status == status ? old.LastTransitionTime : now,
            });
        }

        return conditions;
    }

    private static string Join(SortedDictionary<string, int> counts, string verb) =>
        string.Join(", ", counts.Select(c => $"{c.Key} {verb} {c.Value} resource instances"));
}
