using System.Globalization;
using Sealos.Objects.Meta;

namespace Sealos.Node.Pressure;

/// <summary>The least that must be left of something: an amount, or a share of the whole. Pure.</summary>
/// <param name="Signal">What is measured.</param>
/// <param name="Text">The least, as it was written.</param>
/// <param name="Amount">The least as an amount, where it is one.</param>
/// <param name="Share">The least as a share of the whole, where it is one.</param>
internal sealed record Threshold(string Signal, string Text, long Amount, decimal Share)
{
    public const string Memory = "memory.available";
    public const string Disk = "nodefs.available";
    public const string Inodes = "nodefs.inodesFree";
    public const string Processes = "pid.available";

    // Images are on the same disk as everything else.
    private static readonly Dictionary<string, string> Signals = new(StringComparer.Ordinal)
    {
        [Memory] = Memory,
        [Disk] = Disk,
        [Inodes] = Inodes,
        [Processes] = Processes,
        ["imagefs.available"] = Disk,
        ["imagefs.inodesFree"] = Inodes,
    };

    /// <summary>The resource that runs short, in Kubernetes' words.</summary>
    public string Resource => Signal switch { Memory => "memory", Disk => "ephemeral-storage", Inodes => "inodes", _ => "pids" };

    /// <summary>Whether less than the least is left.</summary>
    public bool IsMet(Room room) => room.Total > 0 && room.Available < Least(room);

    /// <summary>The least as an amount.</summary>
    public long Least(Room room) => Share > 0 ? (long)(room.Total * Share) : Amount;

    /// <summary>Reads a list such as <c>memory.available&lt;100Mi,nodefs.available&lt;10%</c>; returns what is wrong with it, or null.</summary>
    public static string? TryParse(string text, out IReadOnlyList<Threshold> thresholds)
    {
        var found = new List<Threshold>();
        thresholds = found;
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.Split('<') is not [var signal, var least] || !Signals.TryGetValue(signal, out var known))
            {
                return $"'{part}' must be one of {string.Join(", ", Signals.Keys)}, then < and the least that must be left";
            }

            if (Parse(known, least) is not { } threshold)
            {
                return $"'{part}': '{least}' must be a quantity such as 100Mi or a share such as 10%";
            }

            found.Add(threshold);
        }

        return null;
    }

    private static Threshold? Parse(string signal, string least)
    {
        if (least.EndsWith('%'))
        {
            return decimal.TryParse(least[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent is >= 0 and <= 100
                ? new Threshold(signal, least, 0, percent / 100)
                : null;
        }

        return Quantity.TryParse(least, out var quantity) && quantity.Value >= 0 ? new Threshold(signal, least, quantity.LongValue, 0) : null;
    }
}

/// <summary>How much of something there is, and how much of that is left.</summary>
internal readonly record struct Room(long Available, long Total);
