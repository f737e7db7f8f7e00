namespace Sealos.Store.Writing;

/// <summary>
/// Keeps the last of the disk for what makes room: deletions and compaction need some themselves, and a store that
/// filled its disk to the last byte could not be helped from within.
/// </summary>
internal sealed class DiskReserve(StoreOptions options, SpareRoom spare)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    private readonly DriveInfo _drive = new(Path.GetFullPath(options.Path));
    private long _lookedAt;
    private long _bytesSince = long.MaxValue;
    private long _free;

    /// <summary>Why a put cannot be taken; null when there is room.</summary>
    public StoreException? Refuse(int valueBytes)
    {
        Look(valueBytes);
        return _free - valueBytes >= options.ReserveBytes
            ? null
            : new StoreException($"the disk is full: {_free >> 20} MiB are free, and the last {options.ReserveBytes >> 20} MiB are kept for deletions; make room on the machine's disk")
            {
                IsTransient = true,
                IsDiskFull = true,
            };
    }

    private void Look(int valueBytes)
    {
        var now = options.Time.GetTimestamp();
        if (_bytesSince < options.ReserveBytes / 16 && options.Time.GetElapsedTime(_lookedAt, now) < LookEvery)
        {
            _bytesSince += valueBytes;
            return;
        }

        try
        {
            _free = _drive.AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What cannot be measured is tried: SQLite itself says when the disk is full.
            _free = long.MaxValue;
        }

        if (_free - valueBytes >= options.ReserveBytes)
        {
            spare.Ensure();
        }

        _lookedAt = now;
        _bytesSince = valueBytes;
    }
}
