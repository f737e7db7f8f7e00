using Sealos.Store.Reading;
using Sealos.Store.Sqlite;
using SQLitePCL;

namespace Sealos.Store.Writing;

/// <summary>
/// The one thread that writes. Whatever waits is committed in one transaction, each request with an answer of its
/// own, and answered when the log is on disk; between transactions it does one small step of maintenance.
/// </summary>
internal sealed class Writer
{
    private readonly StoreFile _file;
    private readonly StoreState _state;
    private readonly RecentEvents _recent;
    private readonly WriteQueue _queue;
    private readonly Maintenance _maintenance;
    private readonly DiskReserve _reserve;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<WriteRequest> _batch = [];
    private readonly List<StoreEvent> _events = [];
    private readonly List<Exception?> _refusals = [];
    private WriterConnection? _connection;
    private volatile bool _isStopping;
    private bool _isLogInDoubt;

    public Writer(StoreFile file, StoreOptions options, StoreState state, RecentEvents recent)
    {
        _file = file;
        _state = state;
        _recent = recent;
        _queue = new WriteQueue(options);
        _maintenance = new Maintenance(options, state, _queue.Wake);
        _reserve = new DiskReserve(options, file.Spare);
        Connect();
        new Thread(Run) { IsBackground = true, Name = "store writer" }.Start();
    }

    public Task<long> WriteAsync(WriteRequest request, CancellationToken cancellationToken) =>
        _queue.EnqueueAsync(request, cancellationToken);

    public Task CompactAsync(long revision, CancellationToken cancellationToken) =>
        _maintenance.CompactAsync(revision, cancellationToken);

    /// <summary>Commits what is queued and closes the file.</summary>
    public Task StopAsync()
    {
        _queue.Close();
        _isStopping = true;
        _queue.Wake();
        return _ended.Task;
    }

    private void Run()
    {
        while (true)
        {
            _batch.Clear();
            _queue.Take(_batch);
            if (_batch.Count > 0)
            {
                CommitBatch();
            }
            else if (_isStopping && _queue.Close())
            {
                break;
            }

            var hasMore = !_isStopping && Maintain();
            if (_batch.Count == 0 && !hasMore)
            {
                _queue.WaitForWork();
            }
        }

        _maintenance.Close();
        _connection?.Dispose();
        _queue.Dispose();
        _ended.SetResult();
    }

    private WriterConnection Connect()
    {
        if (_connection is null)
        {
            var connection = new WriterConnection(_file);
            if (connection.Revision < _state.Revision)
            {
                connection.Dispose();
                throw new SqliteFailure(raw.SQLITE_CORRUPT, $"the file ends at revision {connection.Revision}, but {_state.Revision} was committed");
            }

            SettleLog(connection);
            _connection = connection;
            // After a failed write was followed by opening the file anew, SQLite may have recovered that write: it
            // was never promised, and it is whole, so it counts.
            _state.Revision = _connection.Revision;
            _state.Compacted = _connection.Compacted;
            _recent.StartAfter(_state.Revision);
        }

        return _connection;
    }

    private void SettleLog(WriterConnection connection)
    {
        if (!_isLogInDoubt)
        {
            return;
        }

        try
        {
            connection.Database.EmptyLog();
            _isLogInDoubt = false;
        }
        catch (SqliteFailure)
        {
            connection.Dispose();
            throw;
        }
    }

    private void CommitBatch()
    {
        var failure = TryCommit(0, _batch.Count);
        if (failure is null)
        {
            return;
        }

        // One large write must not take down the small ones beside it (a deletion may be what makes room).
        for (var i = 0; i < _batch.Count; i++)
        {
            var own = _batch.Count == 1 ? failure : TryCommit(i, 1);
            if (own is not null)
            {
                _batch[i].Fail(own);
            }
        }
    }

    /// <summary>Commits a part of the batch and answers its requests; a failure leaves them unanswered and nothing written.</summary>
    private StoreException? TryCommit(int start, int count)
    {
        _events.Clear();
        _refusals.Clear();
        try
        {
            var connection = Connect();
            connection.Begin();
            var revision = _state.Revision;
            for (var i = start; i < start + count; i++)
            {
                _refusals.Add(Apply(connection, _batch[i], revision + 1));
                revision += _refusals[^1] is null ? 1 : 0;
            }

            connection.Commit();
        }
        catch (SqliteFailure failure)
        {
            Recover(failure);
            return failure.ToStoreException("writing to the store");
        }

        Answer(start);
        return null;
    }

    /// <summary>Writes one request inside the open transaction, or answers why not.</summary>
    private Exception? Apply(WriterConnection connection, WriteRequest request, long revision)
    {
        var latest = connection.FindLatest(request.Key);
        var current = latest.IsDeleted ? 0 : latest.Revision;
        var isDeletion = request.Value is null;
        if ((request.ExpectedRevision is { } expected && expected != current) || (isDeletion && current == 0))
        {
            return new RevisionConflictException(request.Key, request.ExpectedRevision, current);
        }

        if (!isDeletion && _reserve.Refuse(request.Value!.Value.Length) is { } noRoom)
        {
            return noRoom;
        }

        var type = isDeletion ? StoreEventType.Deleted : current == 0 ? StoreEventType.Created : StoreEventType.Updated;
        var written = new StoreEvent(
            revision,
            request.Key,
            type,
            request.Value,
            type == StoreEventType.Created ? revision : latest.CreateRevision);
        connection.Append(written, latest.Revision);
        _events.Add(written);
        return null;
    }

    // Watchers hear of a write before its caller does, so that whoever was answered finds it in every cache that waits
    // for its revision.
    private void Answer(int start)
    {
        if (_events.Count > 0)
        {
            _state.Revision = _events[^1].Revision;
            _recent.Publish(_events);
        }

        var next = 0;
        for (var i = 0; i < _refusals.Count; i++)
        {
            if (_refusals[i] is { } refusal)
            {
                _batch[start + i].Fail(refusal);
            }
            else
            {
                _batch[start + i].Succeed(_events[next++].Revision);
            }
        }
    }

    private bool Maintain()
    {
        try
        {
            return _maintenance.Step(Connect());
        }
        catch (SqliteFailure failure)
        {
            Recover(failure);
            _maintenance.Fail(failure.ToStoreException("compacting the store"));
            return false;
        }
    }

    private void Recover(SqliteFailure failure)
    {
        _isLogInDoubt |= failure.PrimaryCode == raw.SQLITE_IOERR;
        if (_connection is { } connection && !(connection.Database.TryRollback() && failure.LeavesConnectionUsable))
        {
            connection.Dispose();
            _connection = null;
        }
    }
}
