using System.Globalization;
using SQLitePCL;

namespace Sealos.Store.Writing;

/// <summary>
/// Compaction, giving space back and checkpoints, each in steps of a few milliseconds on the writer's thread, so
/// that no write waits long and none of them can fall behind the writes.
/// </summary>
internal sealed class Maintenance(StoreOptions options, StoreState state, Action wake)
{
    private const int MinStep = 16;
    private const int MaxStep = 2048;
    private const int VacuumPages = 128;
    private const int CheckpointPages = 1000;
    private const int LogPagesLimit = 4096;
    private const int MaxRestartsMissed = 4;
    private static readonly TimeSpan StepTime = TimeSpan.FromMilliseconds(4);

    private readonly Lock _gate = new();
    private readonly List<Waiter> _waiters = [];
    private long _target;
    private bool _isVacuuming;
    private int _step = 256;
    private int _pagesInLog;
    private int _logPagesPatience = LogPagesLimit;
    private int _restartsMissed;
    private bool _isClosed;

    /// <summary>Ends when everything up to <paramref name="revision"/> is compacted; cancelling stops only the waiting.</summary>
    public Task CompactAsync(long revision, CancellationToken cancellationToken)
    {
        var waiter = new Waiter(revision);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(KeyValueStore));
            _target = Math.Max(_target, revision);
            _waiters.Add(waiter);
        }

        wake();
        return waiter.Done.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Does at most one step; true when there is more to do at once.</summary>
    public bool Step(WriterConnection connection)
    {
        CheckpointWhenDue(connection);
        long target;
        lock (_gate)
        {
            target = Math.Min(_target, state.Revision);
        }

        if (state.Compacted < target)
        {
            CompactSome(connection, target);
            _isVacuuming = true;
            return true;
        }

        if (_isVacuuming)
        {
            _isVacuuming = VacuumSome(connection);
            return true;
        }

        Answer();
        return false;
    }

    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
        }

        Fail(new ObjectDisposedException(nameof(KeyValueStore)));
    }

    /// <summary>Gives up what was asked for; the next request starts again where this one stopped.</summary>
    public void Fail(Exception exception)
    {
        List<Waiter> waiters;
        lock (_gate)
        {
            waiters = [.. _waiters];
            _waiters.Clear();
            _target = 0;
            _isVacuuming = false;
        }

        foreach (var waiter in waiters)
        {
            waiter.Done.TrySetException(exception);
        }
    }

    private void Answer()
    {
        lock (_gate)
        {
            for (var i = _waiters.Count - 1; i >= 0; i--)
            {
                if (_waiters[i].Revision <= state.Compacted)
                {
                    _waiters[i].Done.TrySetResult();
                    _waiters.RemoveAt(i);
                }
            }
        }
    }

    private void CompactSome(WriterConnection connection, long target)
    {
        var from = state.Compacted;
        var to = Math.Min(target, from + _step);
        var started = options.Time.GetTimestamp();
        connection.Compact(from, to);
        state.Compacted = to;
        _step = options.Time.GetElapsedTime(started) > StepTime ? Math.Max(MinStep, _step / 2) : Math.Min(MaxStep, _step * 2);
    }

    // An eighth of the file stays free for what is written next: moving pages to shrink a file that grows again
    // would be work for nothing.
    private bool VacuumSome(WriterConnection connection)
    {
        var database = connection.Database;
        var free = database.ReadNumber("PRAGMA freelist_count");
        var keep = Math.Max(256, database.ReadNumber("PRAGMA page_count") / 8);
        if (free <= keep)
        {
            Checkpoint(connection);
            return false;
        }

        database.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA incremental_vacuum({Math.Min(VacuumPages, free - keep)})"));
        return true;
    }

    private void CheckpointWhenDue(WriterConnection connection)
    {
        _pagesInLog += connection.Database.TakePagesWritten();
        if (_pagesInLog >= CheckpointPages)
        {
            Checkpoint(connection);
        }
    }

    // A log that was copied whole starts over with the next write. A reader in the middle of an old snapshot can
    // prevent that; when the log has grown far too long, the writer waits for that reader, unless it is a backup. A reader that
    // stays time and again (a backup by another process) is waited for again only when the log has doubled.
    private void Checkpoint(WriterConnection connection)
    {
        var (frames, copied) = connection.Database.Checkpoint(raw.SQLITE_CHECKPOINT_PASSIVE);
        if (frames > _logPagesPatience && state.BackupsRunning == 0)
        {
            connection.Database.SetBusyTimeout(200);
            (frames, copied) = connection.Database.Checkpoint(raw.SQLITE_CHECKPOINT_RESTART);
            connection.Database.SetBusyTimeout(10_000);
            _restartsMissed = copied == frames ? 0 : _restartsMissed + 1;
            _logPagesPatience = _restartsMissed < MaxRestartsMissed ? LogPagesLimit : frames * 2;
        }
        else if (frames <= LogPagesLimit)
        {
            _logPagesPatience = LogPagesLimit;
            _restartsMissed = 0;
        }

        _pagesInLog = copied == frames ? 0 : CheckpointPages / 2;
    }

    private sealed record Waiter(long Revision)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
