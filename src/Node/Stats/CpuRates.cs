namespace Sealos.Node.Stats;

/// <summary>Turns growing totals of processor time into rates; containerd leaves that to its callers.</summary>
internal sealed class CpuRates
{
    // What was used so long ago says nothing of now.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    // Two samples closer than this say more about rounding than about load.
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<string, Sample> _samples = new(StringComparer.Ordinal);

    /// <summary>Billionths of a core used on average since the sample before; null when there is none that is recent.</summary>
    public ulong? Next(string id, ulong total, DateTimeOffset at)
    {
        var known = _samples.TryGetValue(id, out var before) && total >= before.Total && at - before.At <= Longest;
        if (known && at - before.At < Shortest)
        {
            return before.Rate;
        }

        ulong? rate = known ? (ulong)((total - before.Total) / (at - before.At).TotalSeconds) : null;
        _samples[id] = new Sample(total, at, rate);
        return rate;
    }

    /// <summary>Drops what has not been measured for a while.</summary>
    public void Forget(DateTimeOffset now)
    {
        foreach (var (id, sample) in _samples)
        {
            if (now - sample.At > Longest)
            {
                _samples.Remove(id);
            }
        }
    }

    private readonly record struct Sample(ulong Total, DateTimeOffset At, ulong? Rate);
}
