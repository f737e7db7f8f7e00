using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Sealos.ApiServer.CustomKinds;
using Sealos.ApiServer.Registry;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Selectors;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Subresources;

/// <summary>
/// What the budget that guards a pod says to its eviction. Its status is written before the pod goes, so that no two evictions
/// use the same allowance; the controller counts anew once the pod is gone.
/// </summary>
internal sealed class DisruptionBudgets(ObjectUpdater updater, Resource budgets, TimeProvider time)
{
    private const int Attempts = 20;
    private const int MostAwaited = 2000;
    private const string Refused = "Cannot evict pod as it would violate the pod's disruption budget.";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    // A selector is read once for each version of a budget, however many pods are evicted.
    private readonly ConditionalWeakTable<CachedObject, LabelSelector> _selectors = [];

    /// <summary>The budget of a pod, or null.</summary>
    public CachedObject? Find(CachedObject pod)
    {
        CachedObject? found = null;
        using var all = budgets.Cache.List(pod.Namespace);
        foreach (var budget in all.Items)
        {
            if (!_selectors.GetValue(budget, SelectorOf).Matches(pod.Labels))
            {
                continue;
            }

            if (found is not null)
            {
                throw new ApiException(500, null, "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
            }

            found = budget;
        }

        return found;
    }

    /// <summary>Whether a pod may go without counting, as it is not ready and so no loss to what the budget guards.</summary>
    public static bool Spares(CachedObject budget, JsonObject pod)
    {
        if (pod.Child("status").Objects("conditions").Any(c => c.Text("type") == "Ready" && c.Text("status") == "True"))
        {
            return false;
        }

        var obj = budget.Parse();
        var status = obj.Child("status");
        var desired = status.Number("desiredHealthy") ?? 0;
        return obj.Child("spec").Text("unhealthyPodEvictionPolicy") == "AlwaysAllow" || (desired > 0 && (status.Number("currentHealthy") ?? 0) >= desired);
    }

    /// <summary>Takes one of the disruptions that the budget allows, or refuses.</summary>
    public async Task TakeAsync(CachedObject budget, string pod, bool dryRun, CancellationToken cancellationToken)
    {
        var update = new UpdateRequest(budgets, budget.Namespace, budget.Name, obj => Take(obj, pod)) { IsInternal = true };
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await updater.UpdateAsync(update, new WriteContext(WriteContext.System) { Subresource = "status", DryRun = dryRun }, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (ApiException e) when (e.Code == 409 && attempt < Attempts)
            {
                await Task.Delay(Pause * attempt, time, cancellationToken).ConfigureAwait(false);
            }
            catch (ApiException e) when (e.Code == 409)
            {
                throw new ApiException(504, "Timeout", $"Timeout: couldn't update PodDisruptionBudget \"{budget.Name}\" due to conflicts") { Details = new StatusDetails { RetryAfterSeconds = 10 } };
            }
        }
    }

    /// <summary>A refusal until the budget's controller has looked at it.</summary>
    public static ApiException StillProcessed(string budget) => Refuse($"The disruption budget {budget} is still being processed by the server.", 10);

    private JsonObject Take(JsonObject budget, string pod)
    {
        var name = budget.Child("metadata").Text("name")!;
        var status = budget.Child("status") ?? [];
        var generation = status.Number("observedGeneration") ?? 0;
        if (generation < (budget.Child("metadata").Number("generation") ?? 0))
        {
            throw StillProcessed(name);
        }

        var allowed = status.Number("disruptionsAllowed") ?? 0;
        if (allowed < 0)
        {
            throw ApiException.Forbidden("policy", "poddisruptionbudget", name, "pdb disruptions allowed is negative");
        }

        if (status.Child("disruptedPods") is { Count: > MostAwaited })
        {
            throw ApiException.Forbidden("policy", "poddisruptionbudget", name, "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
        }

        if (allowed == 0)
        {
            throw Refuse(string.Create(CultureInfo.InvariantCulture, $"The disruption budget {name} needs {status.Number("desiredHealthy") ?? 0} healthy pods and has {status.Number("currentHealthy") ?? 0} currently"), 0);
        }

        status["disruptionsAllowed"] = allowed - 1;
        if (allowed == 1)
        {
            Conditions.Set(budget, "DisruptionAllowed", false, ("InsufficientPods", ""), time.GetUtcNow());
            Conditions.Find(budget, "DisruptionAllowed")!["observedGeneration"] = generation;
        }

        if (status["disruptedPods"] is not JsonObject awaited)
        {
            status["disruptedPods"] = awaited = [];
        }

        awaited[pod] = KubeTime.Format(time.GetUtcNow());
        return budget;
    }

    private static ApiException Refuse(string cause, int retryAfterSeconds) => new(429, "TooManyRequests", Refused)
    {
        Details = new StatusDetails { Causes = [new StatusCause("DisruptionBudget", cause, null)], RetryAfterSeconds = retryAfterSeconds },
    };

    private static LabelSelector SelectorOf(CachedObject budget)
    {
        try
        {
            return LabelSelector.FromObject(budget.Parse().Child("spec", "selector"));
        }
        catch (SelectorException)
        {
            return LabelSelector.Nothing;
        }
    }
}
