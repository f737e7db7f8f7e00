using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Core;

namespace Sealos.OsServices.Users.Walls;

/// <summary>
/// Lets quotas grow that work was refused for, where the operator has said how far: once a day, and not where a workspace is suspended or
/// the operator has said what it may take. Told of refusals by events, so what nobody tries costs nothing.
/// </summary>
internal sealed class QuotaExpander(KubeClient client, UsersCache cache, WallSettings settings, EventRecorder events, TimeProvider time) : IReconciler
{
    private const int MostNames = 50;
    private static readonly string[] Suspended = ["Suspend", "FinalDeletion", "TerminateSuspend"];

    private readonly ConcurrentDictionary<string, IReadOnlyList<string>> _wanted = new(StringComparer.Ordinal);

    /// <summary>Notes what was refused; whether a look at the workspace may help.</summary>
    public bool Note(Event? refusal)
    {
        if (refusal?.Metadata.Namespace is not { } ns || settings.Current.Ceilings.Count == 0 || cache.Namespaces.Get(null, ns) is null)
        {
            return false;
        }

        var limited = QuotaExpansion.LimitedBy(refusal.Message, WallObjects.QuotaNameOf(ns));
        if (limited.Count > 0)
        {
            _wanted.AddOrUpdate(ns, limited, (_, before) => [.. before.Union(limited).Take(MostNames)]);
        }

        return limited.Count > 0;
    }

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (!_wanted.TryRemove(key.Name, out var wanted) || cache.Namespaces.Get(null, key.Name) is not { Metadata.DeletionTimestamp: null } ns
            || cache.Quotas.Get(key.Name, WallObjects.QuotaNameOf(key.Name)) is not { } quota || IsSuspended(ns))
        {
            return ReconcileResult.Done;
        }

        var before = QuotaExpansion.Of(ns);
        if (before is not null && time.GetUtcNow() < before.At + QuotaExpansion.Cycle)
        {
            return ReconcileResult.Done;
        }

        // What the operator has said of this workspace is more than what all may have.
        var own = WallChoice.ReadQuota(ns.Metadata.Annotations?.GetValueOrDefault(UserKeys.Quota), []);
        var grown = own is null ? [] : QuotaExpansion.Grow(wanted.Where(w => !own.ContainsKey(w)), quota, settings.Current.Ceilings);
        if (grown.Count == 0)
        {
            return ReconcileResult.Done;
        }

        var all = (before?.Hard ?? new Dictionary<string, Objects.Meta.Quantity>()).Where(h => !grown.ContainsKey(h.Key)).Concat(grown).ToDictionary(h => h.Key, h => h.Value, StringComparer.Ordinal);
        var metadata = new JsonObject
        {
            ["annotations"] = new JsonObject { [UserKeys.QuotaExpanded] = new QuotaExpansion(time.GetUtcNow(), all).Write() },
            ["resourceVersion"] = ns.Metadata.ResourceVersion,
        };
        try
        {
            await client.PatchAsync<Namespace>(null, key.Name, new JsonObject { ["metadata"] = metadata }, null, ct).ConfigureAwait(false);
        }
        catch (ApiException)
        {
            _wanted.TryAdd(key.Name, wanted);
            throw;
        }

        events.Normal(quota, "QuotaExpanded", $"there was not enough: {string.Join(", ", grown.OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Key} is {g.Value} now"))}; the next may come in a day");
        return ReconcileResult.Done;
    }

    private static bool IsSuspended(Namespace ns) => ns.Metadata.Annotations?.GetValueOrDefault(UserKeys.DebtStatus) is { } status && Suspended.Any(s => status.StartsWith(s, StringComparison.Ordinal));
}
