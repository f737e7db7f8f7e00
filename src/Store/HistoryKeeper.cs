namespace Sealos.Store;

/// <summary>Says how far history may be forgotten: what is older than it must be kept, or more than may be kept.</summary>
internal sealed class HistoryKeeper(StoreOptions options)
{
    private readonly Queue<(long Time, long Revision)> _samples = new();
    private long _oldEnough;

    /// <summary>To be called now and then with the newest revision; answers the revision to compact at.</summary>
    public long NextTarget(long revision)
    {
        var now = options.Time.GetTimestamp();
        _samples.Enqueue((now, revision));
        while (_samples.TryPeek(out var sample) && options.Time.GetElapsedTime(sample.Time, now) >= options.HistoryKept)
        {
            _oldEnough = sample.Revision;
            _samples.Dequeue();
        }

        return Math.Max(_oldEnough, revision - options.MaxHistoryRevisions);
    }
}
