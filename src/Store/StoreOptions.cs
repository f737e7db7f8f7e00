namespace Sealos.Store;

/// <summary>Where a store lives and what it may use.</summary>
/// <param name="Path">The database file; its folder is made when missing.</param>
public sealed record StoreOptions(string Path)
{
    /// <summary>How long a superseded revision can still be listed or watched from.</summary>
    public TimeSpan HistoryKept { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The most revisions kept as history, whatever their age.</summary>
    public int MaxHistoryRevisions { get; init; } = 100_000;

    /// <summary>How often history is looked at; <see cref="TimeSpan.Zero"/> leaves compaction to the caller.</summary>
    public TimeSpan CompactionInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The most writes committed in one transaction.</summary>
    public int MaxBatchWrites { get; init; } = 500;

    /// <summary>The most value bytes committed in one transaction; one larger value still commits alone.</summary>
    public int MaxBatchBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Writes that may wait for the writer; more wait for room in that queue.</summary>
    public int MaxQueuedWrites { get; init; } = 4096;

    /// <summary>The largest value taken.</summary>
    public int MaxValueBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>The size the database file may reach; null leaves it to the disk.</summary>
    public long? MaxFileBytes { get; init; }

    /// <summary>Disk space left for deletions and compaction: puts are refused while less than this is free.</summary>
    public long ReserveBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Recent events kept in memory for watchers.</summary>
    public int MaxRecentEvents { get; init; } = 2048;

    /// <summary>Value bytes of recent events kept in memory for watchers.</summary>
    public int MaxRecentBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Files up to this size are checked whole when the store opens, larger ones in outline.</summary>
    public long FullCheckBytes { get; init; } = 1024 * 1024 * 1024;

    /// <summary>The clock that ages history.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Told when compaction in the background fails; it is tried again.</summary>
    public Action<StoreException>? MaintenanceFailed { get; init; }

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Path);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxHistoryRevisions);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBatchWrites, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBatchBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxQueuedWrites, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxValueBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRecentEvents, 1);
    }
}
