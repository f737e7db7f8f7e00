namespace Sealos.Store;

/// <summary>What everybody reads and only the writer's thread sets: the two revisions (and how many backups run).</summary>
internal sealed class StoreState
{
    private long _revision;
    private long _compacted;
    private int _backupsRunning;

    public long Revision
    {
        get => Volatile.Read(ref _revision);
        set => Volatile.Write(ref _revision, value);
    }

    public long Compacted
    {
        get => Volatile.Read(ref _compacted);
        set => Volatile.Write(ref _compacted, value);
    }

    public int BackupsRunning => Volatile.Read(ref _backupsRunning);

    public void BackupStarted() => Interlocked.Increment(ref _backupsRunning);

    public void BackupEnded() => Interlocked.Decrement(ref _backupsRunning);
}
