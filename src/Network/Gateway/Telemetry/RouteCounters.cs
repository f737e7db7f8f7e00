namespace Sealos.Network.Gateway.Telemetry;

/// <summary>How a request ended, for counting.</summary>
internal readonly record struct RequestOutcome(int Status, TimeSpan Duration, long BytesIn, long BytesOut);

/// <summary>What one ingress has served since the gateway started; holds nothing until the first request.</summary>
internal sealed class RouteCounters
{
    /// <summary>Upper bounds of the latency buckets in milliseconds; slower requests fall into one more.</summary>
    public static readonly int[] BucketBounds = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 10_000];

    private const int StatusClasses = 6;
    private const int BytesIn = StatusClasses;
    private const int BytesOut = BytesIn + 1;
    private const int Micros = BytesOut + 1;
    private const int Buckets = Micros + 1;

    private long[]? _cells;
    private int _active;

    public void Begin() => Interlocked.Increment(ref _active);

    public void End(RequestOutcome outcome)
    {
        Interlocked.Decrement(ref _active);
        var cells = Volatile.Read(ref _cells) ?? Allocate();
        Interlocked.Increment(ref cells[Math.Clamp(outcome.Status / 100, 0, StatusClasses - 1)]);
        Interlocked.Add(ref cells[BytesIn], outcome.BytesIn);
        Interlocked.Add(ref cells[BytesOut], outcome.BytesOut);
        Interlocked.Add(ref cells[Micros], (long)outcome.Duration.TotalMicroseconds);
        Interlocked.Increment(ref cells[Buckets + BucketOf(outcome.Duration)]);
    }

    /// <summary>The counts as of now, or null where nothing was ever served.</summary>
    public CounterSnapshot? Read()
    {
        var cells = Volatile.Read(ref _cells);
        if (cells is null)
        {
            return null;
        }

        var copy = new long[cells.Length];
        for (var i = 0; i < copy.Length; i++)
        {
            copy[i] = Interlocked.Read(ref cells[i]);
        }

        return new CounterSnapshot(copy[..StatusClasses], copy[BytesIn], copy[BytesOut], TimeSpan.FromMicroseconds(copy[Micros]), copy[Buckets..])
        {
            Active = Volatile.Read(ref _active),
        };
    }

    private static int BucketOf(TimeSpan duration)
    {
        var i = 0;
        while (i < BucketBounds.Length && duration.TotalMilliseconds > BucketBounds[i])
        {
            i++;
        }

        return i;
    }

    private long[] Allocate()
    {
        var made = new long[Buckets + BucketBounds.Length + 1];
        return Interlocked.CompareExchange(ref _cells, made, null) ?? made;
    }
}

/// <summary>Counts of one ingress at one moment. Status class 0 counts requests whose client left before an answer.</summary>
internal sealed record CounterSnapshot(long[] ByStatusClass, long BytesIn, long BytesOut, TimeSpan TotalDuration, long[] Buckets)
{
    public int Active { get; init; }

    public long Requests => ByStatusClass.Sum();
}
