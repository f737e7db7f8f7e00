using System.Net;
using System.Text.Json;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Kinds.Networking;
using Sealos.Objects.Meta;

namespace Sealos.OsServices.Users.Walls;

/// <summary>Keeps the walls of workspaces standing.</summary>
internal sealed class UserWalls(KubeClient client, UsersCache cache, WallSettings settings)
{
    private readonly ObjectKeeper _keeper = new(client);

    public async Task EnsureAsync(User user, CancellationToken ct)
    {
        var name = user.Metadata.Name!;
        if (name == UserDirectory.AdminName)
        {
            return;
        }

        var choice = settings.Current;
        var ns = UsersObjects.WorkspaceOf(name);
        var hasQuota = cache.Quotas.Get(ns, WallObjects.QuotaNameOf(ns)) is not null;
        if (choice.IsUnknown && !hasQuota && !UserConditions.Holds(user, UserConditions.Namespace))
        {
            throw new StepRefusedException("SettingsUnreadable", $"no workspace is opened until ConfigMap {SignIn.SignInSettings.Namespace}/{WallSettings.Name} is mended: {string.Join(' ', choice.Problems)}");
        }

        // What nobody knows is left as it is.
        var current = cache.Namespaces.Get(null, ns);
        var quota = WallObjects.Quota(name, QuotaExpansion.Apply(choice.Options.Quota, QuotaExpansion.Of(current), choice.Ceilings), Changes(current));
        var (keepsQuota, keepsLimits) = (choice.IsUnknown && choice.IsQuotaUnread && hasQuota, choice.IsUnknown && choice.AreLimitsUnread && cache.LimitRanges.Get(ns, ns) is not null);
        await Task.WhenAll(
            keepsQuota ? Task.CompletedTask : _keeper.EnsureAsync(cache.Quotas, quota, Merge, ct),
            keepsLimits ? Task.CompletedTask : _keeper.EnsureAsync(cache.LimitRanges, WallObjects.Limits(name, choice.Options), Merge, ct),
            EnsurePoliciesAsync(name, choice.Options, ct)).ConfigureAwait(false);
    }

    // The defaults first: a workspace of an earlier version is not cut off for a moment.
    private async Task EnsurePoliciesAsync(string user, WallOptions options, CancellationToken ct)
    {
        var ns = UsersObjects.WorkspaceOf(user);
        var hasDefaults = cache.Policies.Get(ns, WallObjects.PolicyName)?.Metadata.Annotations?.ContainsKey(WallObjects.HasDefaults) == true;
        NetworkPolicy[] defaults = [WallObjects.Inside(user), WallObjects.Outside(user, options, Nodes())];
        await Task.WhenAll(defaults.Where(d => !hasDefaults || cache.Policies.Get(ns, d.Metadata.Name!) is not null).Select(d => EnsureDefaultAsync(d, hasDefaults, ct))).ConfigureAwait(false);
        await _keeper.EnsureAsync(cache.Policies, WallObjects.Walls(user, options), Merge, ct).ConfigureAwait(false);
    }

    private async Task EnsureDefaultAsync(NetworkPolicy wanted, bool mayBeDeleted, CancellationToken ct)
    {
        try
        {
            await _keeper.EnsureAsync(cache.Policies, wanted, Merge, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (mayBeDeleted && e.IsNotFound)
        {
            // Its people have just deleted it, and it stays away.
        }
    }

    /// <summary>The addresses of nodes that no range closes.</summary>
    public string OpenNodes() => string.Join(' ', Nodes().Where(n => !settings.Current.Options.ClosedRanges.Any(r => r.Contains(n))).Select(n => n.ToString()).Order(StringComparer.Ordinal));

    private IEnumerable<IPAddress> Nodes() => cache.Nodes.List()
        .SelectMany(n => n.Status?.Addresses ?? [])
        .Select(a => IPAddress.TryParse(a.Address, out var address) ? address : null)
        .OfType<IPAddress>()
        .Concat(settings.Current.Options.MachineAddresses())
        .Where(a => a.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork)
        .Distinct();

    /// <summary>What is wrong with what an operator wrote for a user's workspace; the walls stand without it, by what all have.</summary>
    public string? ProblemOf(string user) => TryRead(cache.Namespaces.Get(null, UsersObjects.WorkspaceOf(user)), out _)
        ? null
        : $"annotation {UserKeys.Quota} of namespace {UsersObjects.WorkspaceOf(user)} must be a JSON object of quantities, such as {{\"limits.cpu\":\"32\"}}; until then it counts as absent";

    private static Dictionary<string, Quantity> Changes(Namespace? ns) => TryRead(ns, out var changes) ? changes : [];

    // Only the operator writes a namespace.
    private static bool TryRead(Namespace? ns, out Dictionary<string, Quantity> changes)
    {
        changes = [];
        if (ns?.Metadata.Annotations?.GetValueOrDefault(UserKeys.Quota) is not { Length: > 0 } text)
        {
            return true;
        }

        try
        {
            changes = JsonSerializer.Deserialize<Dictionary<string, Quantity>>(text, KubeJson.Options) ?? [];
            return true;
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return false;
        }
    }

    private static bool Merge(ResourceQuota current, ResourceQuota wanted)
    {
        var hard = current.Spec?.Hard;
        if (hard is not null && hard.Count == wanted.Spec!.Hard!.Count && wanted.Spec.Hard.All(w => hard.TryGetValue(w.Key, out var q) && q.Value == w.Value.Value) && current.Spec is { Scopes: null, ScopeSelector: null })
        {
            return false;
        }

        current.Spec = wanted.Spec;
        return true;
    }

    private static bool Merge(LimitRange current, LimitRange wanted)
    {
        if (ObjectKeeper.AreSame(current.Spec, wanted.Spec))
        {
            return false;
        }

        current.Spec = wanted.Spec;
        return true;
    }

    private static bool Merge(NetworkPolicy current, NetworkPolicy wanted)
    {
        if (ObjectKeeper.AreSame(current.Spec, wanted.Spec))
        {
            return false;
        }

        current.Spec = wanted.Spec;
        return true;
    }
}
