using System.Text.Json;
using System.Text.RegularExpressions;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Objects.Meta;

namespace Sealos.OsServices.Users.Walls;

/// <summary>By how much a workspace's quota has grown by itself, and when it did so last; an annotation of its namespace.</summary>
/// <param name="At">When.</param>
/// <param name="Hard">What it is of the resources that have grown.</param>
internal sealed partial record QuotaExpansion(DateTimeOffset At, IReadOnlyDictionary<string, Quantity> Hard)
{
    /// <summary>How long a workspace waits from one growth to the next.</summary>
    public static readonly TimeSpan Cycle = TimeSpan.FromHours(24);

    // Below these Sealos doubles a quota, above it adds half to it, if more than half is used.
    private static readonly Dictionary<string, decimal> BaseSteps = new(StringComparer.Ordinal)
    {
        ["limits.cpu"] = 64, ["limits.memory"] = 256m * 1024 * 1024 * 1024, ["requests.storage"] = 300m * 1024 * 1024 * 1024, ["services.nodeports"] = 50,
    };

    /// <summary>What a namespace says; null where it says nothing that can be read.</summary>
    public static QuotaExpansion? Of(Namespace? ns)
    {
        try
        {
            return ns?.Metadata.Annotations?.GetValueOrDefault(UserKeys.QuotaExpanded) is { Length: > 0 } text ? JsonSerializer.Deserialize<QuotaExpansion>(text, KubeJson.Options) : null;
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            // Nothing has grown, then.
            return null;
        }
    }

    /// <summary>The annotation.</summary>
    public string Write() => JsonSerializer.Serialize(this, KubeJson.Options);

    /// <summary>What was refused for want of quota, by what the API server said; none where it said something else.</summary>
    public static IReadOnlyList<string> LimitedBy(string? message, string quota) =>
        message is not null && Exceeded().Match(message) is { Success: true } found && found.Groups["quota"].Value == quota
            ? [.. found.Groups["limited"].Value.Split(',').Select(p => p.Split('=')[0].Trim()).Where(n => n.Length > 0)]
            : [];

    /// <summary>What the resources that were short become, as far as the operator lets them; those that stay are left out.</summary>
    public static Dictionary<string, Quantity> Grow(IEnumerable<string> wanted, ResourceQuota quota, IReadOnlyDictionary<string, Quantity> ceilings)
    {
        var grown = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var name in wanted)
        {
            if (!ceilings.TryGetValue(name, out var ceiling) || quota.Spec?.Hard?.TryGetValue(name, out var hard) != true || hard.Value >= ceiling.Value)
            {
                continue;
            }

            var used = quota.Status?.Used?.GetValueOrDefault(name).Value ?? 0;
            var isSmall = !BaseSteps.TryGetValue(name, out var step) || hard.Value < step;
            if (isSmall || used * 2 > hard.Value)
            {
                var next = hard.Value == 0 ? ceiling : hard.Plus(isSmall ? hard : Half(hard));
                grown[name] = next.Value < ceiling.Value ? next : ceiling;
            }
        }

        return grown;
    }

    /// <summary>A quota with what has grown, as far as the operator lets it now.</summary>
    public static IReadOnlyDictionary<string, Quantity> Apply(IReadOnlyDictionary<string, Quantity> usual, QuotaExpansion? expansion, IReadOnlyDictionary<string, Quantity> ceilings)
    {
        if (expansion is null)
        {
            return usual;
        }

        var hard = new Dictionary<string, Quantity>(usual, StringComparer.Ordinal);
        foreach (var (name, quantity) in expansion.Hard)
        {
            if (ceilings.TryGetValue(name, out var ceiling) && hard.TryGetValue(name, out var now))
            {
                var most = quantity.Value < ceiling.Value ? quantity : ceiling;
                hard[name] = most.Value > now.Value ? most : now;
            }
        }

        return hard;
    }

    private static Quantity Half(Quantity of) => of.Value > int.MaxValue ? Quantity.FromLong(of.LongValue / 2) : Quantity.FromMilli(of.MilliValue / 2000 * 1000);

    [GeneratedRegex("exceeded quota: (?<quota>[^, ]{1,253}), requested: [^:]*, used: [^:]*, limited: (?<limited>.{1,2000})\\z", RegexOptions.Singleline)]
    private static partial Regex Exceeded();
}
