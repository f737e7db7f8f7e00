using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Coordination;
using Sealos.Kinds.Meta;

namespace Sealos.ControllerKit.Reconciling;

/// <summary>
/// Of several copies of a program one leads: the one that holds a Lease. Whoever finds the Lease unchanged for its whole duration takes
/// it; clocks of other machines are never compared. A leader is told to stop at the latest <see cref="RenewWithin"/> after it began to write
/// the last renewal that came through, whatever its requests are waiting for, and so before another may take the Lease; and at once where
/// it finds that another has it all the same, as after a sleep of its machine, which its clock knows nothing of.
/// </summary>
public sealed partial class Leadership(KubeClient client, ObjectKey lease, string identity, TimeProvider time, ILogger logger)
{
    private (string? Version, long At) _seen;

    /// <summary>How long the Lease holds that nobody renews.</summary>
    internal TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a leader leads that cannot renew it; shorter, so that there are never two.</summary>
    internal TimeSpan RenewWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a leader that has lost the Lease has to stop what it began; its process must be gone by then.</summary>
    internal TimeSpan StopWithin => (Duration - RenewWithin) * 0.8;

    /// <summary>How often it is looked at.</summary>
    internal TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Waits for its turn, then runs <paramref name="lead"/> until it ends, the Lease is lost or <paramref name="ct"/> is cancelled. True
    /// when it ended by itself or was told to stop; false when the Lease was lost: whoever led must end then, and at once, as what it was
    /// told to stop may not have.
    /// </summary>
    public async Task<bool> RunAsync(Func<CancellationToken, Task> lead, CancellationToken ct)
    {
        var asked = time.GetTimestamp();
        while (await TryTakeAsync(ct).ConfigureAwait(false) != Outcome.Taken)
        {
            await Task.Delay(Interval, time, ct).ConfigureAwait(false);
            asked = time.GetTimestamp();
        }

        LogLeads(logger, identity);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var done = new CancellationTokenSource();
        using var over = new CancellationTokenSource(Left(asked), time);
        using var ends = over.Token.Register(() => End(stop, done));
        var work = lead(stop.Token);

        // Also while it stops: what it still does it does as the leader.
        var keeping = KeepAsync(asked, over, done.Token);
        await Task.WhenAny(work, keeping).ConfigureAwait(false);
        var isLost = over.IsCancellationRequested;
        End(stop, done);
        await keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (isLost)
        {
            LogLost(logger, identity);
            await work.WaitAsync(StopWithin, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return false;
        }

        // The next one need not wait; but where the work has failed, what it began may run on until this process ends.
        if (!work.IsFaulted)
        {
            await ReleaseAsync().ConfigureAwait(false);
        }

        await work.ConfigureAwait(false);
        return true;
    }

    private static void End(CancellationTokenSource stop, CancellationTokenSource done)
    {
        stop.Cancel();
        done.Cancel();
    }

    // What is left of the time that a renewal gives. It counts from before the renewal was sent: others count from later.
    private TimeSpan Left(long renewed) => RenewWithin - time.GetElapsedTime(renewed) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    // Puts the end off with each renewal; no request outlives it.
    private async Task KeepAsync(long renewed, CancellationTokenSource over, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            await Task.Delay(Interval < Left(renewed) ? Interval : Left(renewed), time, ct).ConfigureAwait(false);
            var asked = time.GetTimestamp();
            switch (await TryTakeAsync(ct).ConfigureAwait(false))
            {
                case Outcome.Taken:
                    renewed = asked;
                    over.CancelAfter(Left(renewed));
                    break;
                case Outcome.AnotherHasIt:
                    await over.CancelAsync().ConfigureAwait(false);
                    break;
            }
        }
    }

    private async Task<Outcome> TryTakeAsync(CancellationToken ct)
    {
        try
        {
            return await TakeAsync(ct).ConfigureAwait(false);
        }
        catch (Exception e) when (IsPassing(e))
        {
            LogNotNow(logger, e.Message);
            return Outcome.NotNow;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // The API was too slow.
            return Outcome.NotNow;
        }
    }

    // An answer that makes no sense is somebody's between here and the API.
    private static bool IsPassing(Exception e) => e is ApiException or HttpRequestException or IOException or JsonException;

    private async Task<Outcome> TakeAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        if (await client.FindAsync<Lease>(lease.Namespace, lease.Name, ct).ConfigureAwait(false) is not { } found)
        {
            var made = await client.TryCreateAsync(new Lease { Metadata = new ObjectMeta { Name = lease.Name, Namespace = lease.Namespace }, Spec = Held(now, 0) }, ct).ConfigureAwait(false);
            return made ? Outcome.Taken : Outcome.NotNow;
        }

        var holder = found.Spec?.HolderIdentity;
        if (holder != identity && holder is { Length: > 0 } && !IsOver(found))
        {
            return Outcome.AnotherHasIt;
        }

        var changes = found.Spec?.LeaseTransitions ?? 0;
        var before = found.Spec?.AcquireTime;
        found.Spec = Held(now, holder == identity ? changes : changes + 1);
        found.Spec.AcquireTime = holder == identity ? before : now;
        try
        {
            await client.UpdateAsync(found, ct).ConfigureAwait(false);
            return Outcome.Taken;
        }
        catch (ApiException e) when (e.IsConflict || e.IsNotFound)
        {
            return Outcome.NotNow;
        }
    }

    // As long as this clock says, from when this copy saw the Lease change.
    private bool IsOver(Lease found)
    {
        if (_seen.Version != found.Metadata.ResourceVersion)
        {
            _seen = (found.Metadata.ResourceVersion, time.GetTimestamp());
            return false;
        }

        return time.GetElapsedTime(_seen.At) > Duration;
    }

    private LeaseSpec Held(DateTimeOffset now, int changes) => new()
    {
        HolderIdentity = identity,
        LeaseDurationSeconds = (int)Math.Ceiling(Duration.TotalSeconds),
        AcquireTime = now,
        RenewTime = now,
        LeaseTransitions = changes,
    };

    private async Task ReleaseAsync()
    {
        using var limit = new CancellationTokenSource(Interval, time);
        try
        {
            if (await client.FindAsync<Lease>(lease.Namespace, lease.Name, limit.Token).ConfigureAwait(false) is { Spec: { } spec } found && spec.HolderIdentity == identity)
            {
                spec.HolderIdentity = "";
                await client.UpdateAsync(found, limit.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (IsPassing(e) || e is OperationCanceledException)
        {
            // The next one waits until the Lease is over.
            LogNotNow(logger, e.Message);
        }
    }

    private enum Outcome
    {
        Taken,
        AnotherHasIt,
        NotNow,
    }

    [LoggerMessage(1, LogLevel.Information, "{Identity} leads")]
    private static partial void LogLeads(ILogger logger, string identity);

    [LoggerMessage(2, LogLevel.Warning, "{Identity} leads no longer: the Lease could not be renewed in time, or another has it")]
    private static partial void LogLost(ILogger logger, string identity);

    [LoggerMessage(3, LogLevel.Warning, "the Lease could not be had: {Reason}")]
    private static partial void LogNotNow(ILogger logger, string reason);
}
