using Sealos.Store.Reading;
using Sealos.Store.Sqlite;
using Sealos.Store.Writing;

namespace Sealos.Store;

/// <summary>A revisioned key-value log on disk: every write gets the next revision, and what is acknowledged stays.</summary>
public sealed class KeyValueStore : IAsyncDisposable
{
    private readonly StoreOptions _options;
    private readonly StoreFile _file;
    private readonly StoreState _state = new();
    private readonly RecentEvents _recent;
    private readonly ReaderPool _readers;
    private readonly Writer _writer;
    private readonly CancellationTokenSource _closed = new();
    private readonly HistoryKeeper _history;
    private readonly ITimer? _compactionTimer;
    private int _isDisposed;

    private KeyValueStore(StoreOptions options, StoreFile file)
    {
        _options = options;
        _file = file;
        _recent = new RecentEvents(options);
        _readers = new ReaderPool(file);
        _writer = new Writer(file, options, _state, _recent);
        _history = new HistoryKeeper(options);
        if (options.CompactionInterval > TimeSpan.Zero)
        {
            _compactionTimer = options.Time.CreateTimer(
                static store => _ = ((KeyValueStore)store!).CompactOldAsync(), this, options.CompactionInterval, options.CompactionInterval);
        }
    }

    /// <summary>The newest committed revision.</summary>
    public long Revision => _state.Revision;

    /// <summary>The oldest revision that can be listed at or watched from.</summary>
    public long CompactedRevision => _state.Compacted;

    /// <summary>Opens or makes the store, checking it first; only one process can have it open.</summary>
    public static Task<KeyValueStore> OpenAsync(StoreOptions options, CancellationToken cancellationToken)
    {
        options.Validate();
        return Task.Run(() => Open(options), cancellationToken);
    }

    /// <summary>
    /// Writes a value and answers its revision. <paramref name="expectedRevision"/>: null writes whatever is there,
    /// 0 only when the key does not exist, else only when the key is at that revision. The bytes are kept, not copied.
    /// </summary>
    public Task<long> PutAsync(string key, ReadOnlyMemory<byte> value, long? expectedRevision, CancellationToken cancellationToken)
    {
        KeyRange.Validate(key);
        if (value.Length > _options.MaxValueBytes)
        {
            throw new ArgumentException($"a value of {value.Length} bytes is over the limit of {_options.MaxValueBytes}", nameof(value));
        }

        return _writer.WriteAsync(new WriteRequest(key, value, expectedRevision), cancellationToken);
    }

    /// <summary>Deletes a key and answers the deletion's revision; a key that does not exist is a conflict (current 0).</summary>
    public Task<long> DeleteAsync(string key, long? expectedRevision, CancellationToken cancellationToken)
    {
        KeyRange.Validate(key);
        return _writer.WriteAsync(new WriteRequest(key, null, expectedRevision), cancellationToken);
    }

    /// <summary>The key's newest value, or null.</summary>
    public StoredValue? Get(string key)
    {
        KeyRange.Validate(key);
        return _readers.Read(reader => reader.Get(key));
    }

    /// <summary>
    /// The keys under <paramref name="prefix"/> in byte order, after <paramref name="startAfter"/>, at most
    /// <paramref name="limit"/> (0: all), as of <paramref name="atRevision"/> (null: now).
    /// </summary>
    public IReadOnlyList<StoredValue> List(string prefix, long? atRevision, string? startAfter, int limit)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        if (atRevision is { } revision)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(revision, Revision, nameof(atRevision));
        }

        return _readers.Read(reader => reader.List(prefix, atRevision, startAfter, limit));
    }

    /// <summary>
    /// Every write under <paramref name="prefix"/> after <paramref name="afterRevision"/>, in order, without gaps,
    /// until cancelled. A watcher may be as slow as it likes; only compaction can end it (<see cref="CompactedException"/>).
    /// </summary>
    public IAsyncEnumerable<StoreEvent> Watch(string prefix, long afterRevision, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return new Watcher(_state, _recent, _readers, _closed.Token).WatchAsync(prefix, afterRevision, cancellationToken);
    }

    /// <summary>
    /// Forgets what was superseded at or before <paramref name="revision"/> and gives its space back; ends when done.
    /// Cancelling stops the waiting, not the compaction.
    /// </summary>
    public Task CompactAsync(long revision, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(revision, Revision);
        return _writer.CompactAsync(revision, cancellationToken);
    }

    /// <summary>Writes a consistent copy of the store to <paramref name="path"/> while it goes on working.</summary>
    public async Task BackupAsync(string path, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        _state.BackupStarted();
        try
        {
            await Task.Run(() => Backup.Write(_file.Path, path, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _state.BackupEnded();
        }
    }

    /// <summary>Commits what is queued and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        if (_compactionTimer is not null)
        {
            await _compactionTimer.DisposeAsync().ConfigureAwait(false);
        }

        await _closed.CancelAsync().ConfigureAwait(false);
        _recent.WakeAll();
        _readers.Dispose();
        await _writer.StopAsync().ConfigureAwait(false);
        _file.Dispose();
        _closed.Dispose();
    }

    private static KeyValueStore Open(StoreOptions options)
    {
        var file = StoreFile.Open(options);
        try
        {
            return new KeyValueStore(options, file);
        }
        catch (SqliteFailure failure)
        {
            file.Dispose();
            throw failure.ToStoreException($"opening the store {options.Path}");
        }
    }

    private async Task CompactOldAsync()
    {
        var target = _history.NextTarget(Revision);
        if (target <= CompactedRevision)
        {
            return;
        }

        try
        {
            await _writer.CompactAsync(target, _closed.Token).ConfigureAwait(false);
        }
        catch (StoreException failure)
        {
            // The next tick tries again; the writes that the same disk refuses are told to their callers.
            _options.MaintenanceFailed?.Invoke(failure);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The store is being closed.
        }
    }
}
