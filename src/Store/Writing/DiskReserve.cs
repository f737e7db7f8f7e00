namespace Sealos.Store.Writing;

/// <summary>
/// Keeps the last of the disk for what makes room: deletions and compaction need some themselves, and a store that
/// filled its disk to the last byte could not be helped from within.
/// </summary>
internal sealed class DiskReserve(StoreOptions options)
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
            : new StoreException($"no space is left for writing to the store: the disk has {_free} bytes free, and {options.ReserveBytes} are kept for deletions and compaction")
            {
                IsTransient = true,
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

        _lookedAt = now;
        _bytesSince = valueBytes;
    }
}
