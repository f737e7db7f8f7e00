using System.Globalization;
using Sealos.Kinds.Batch;

namespace Sealos.KubeControllers.Jobs;

/// <summary>When enough of an indexed job's pods have succeeded.</summary>
internal static class SuccessRules
{
    /// <summary>Which rule is met, in words; null when none is.</summary>
    public static string? Met(SuccessPolicy? policy, int completions, IndexSet succeeded)
    {
        if (policy?.Rules is not { } rules || succeeded.Count == 0)
        {
            return null;
        }

        var index = rules.FindIndex(rule => IsMet(rule, completions, succeeded));
        return index < 0 ? null : string.Create(CultureInfo.InvariantCulture, $"Matched rules at index {index}");
    }

    private static bool IsMet(SuccessPolicyRule rule, int completions, IndexSet succeeded)
    {
        if (rule.SucceededIndexes is null)
        {
            return succeeded.Count >= rule.SucceededCount;
        }

        var wanted = IndexSet.Parse(rule.SucceededIndexes, completions);
        var shared = wanted.CountShared(succeeded);
        return wanted.Count > 0 && (shared == wanted.Count || shared >= rule.SucceededCount);
    }
}
