using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Coordination;
using Sealos.Kinds.Meta;

namespace Sealos.ControllerKit.Reconciling;

/// <summary>
/// Of several copies of a program one leads: the one that holds a Lease. Whoever finds the Lease unchanged for its whole duration takes
/// it; clocks of other machines are never compared. A leader that cannot renew it stops before another may take it.
/// </summary>
public sealed partial class Leadership(KubeClient client, ObjectKey lease, string identity, TimeProvider time, ILogger logger)
{
    private (string? Version, long At) _seen;

    /// <summary>How long the Lease holds that nobody renews.</summary>
    internal TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a leader leads that cannot renew it; shorter, so that there are never two.</summary>
    internal TimeSpan RenewWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often it is looked at.</summary>
    internal TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Waits for its turn, then runs <paramref name="lead"/> until it ends, the Lease is lost or <paramref name="ct"/> is cancelled. True
    /// when it ended by itself or was told to stop; false when the Lease was lost: whoever led should end then.
    /// </summary>
    public async Task<bool> RunAsync(Func<CancellationToken, Task> lead, CancellationToken ct)
    {
        while (!await TryTakeAsync(ct).ConfigureAwait(false))
        {
            await Task.Delay(Interval, time, ct).ConfigureAwait(false);
        }

        LogLeads(logger, identity);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var work = lead(stop.Token);
        var keeping = KeepAsync(stop.Token);
        var isLost = await Task.WhenAny(work, keeping).ConfigureAwait(false) == keeping && !ct.IsCancellationRequested;
        await stop.CancelAsync().ConfigureAwait(false);
        await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (isLost)
        {
            LogLost(logger, identity);
            return false;
        }

        // Told to stop: the next one need not wait.
        await ReleaseAsync().ConfigureAwait(false);
        await work.ConfigureAwait(false);
        return true;
    }

    // Returns when the Lease could not be renewed in time.
    private async Task KeepAsync(CancellationToken ct)
    {
        var last = time.GetTimestamp();
        while (time.GetElapsedTime(last) < RenewWithin)
        {
            await Task.Delay(Interval, time, ct).ConfigureAwait(false);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
            limit.CancelAfter(RenewWithin - Interval);
            if (await TryTakeAsync(limit.Token).ConfigureAwait(false))
            {
                last = time.GetTimestamp();
            }
        }
    }

    private async Task<bool> TryTakeAsync(CancellationToken ct)
    {
        try
        {
            return await TakeAsync(ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException)
        {
            LogNotNow(logger, e.Message);
            return false;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // The API was too slow.
            return false;
        }
    }

    private async Task<bool> TakeAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        if (await client.FindAsync<Lease>(lease.Namespace, lease.Name, ct).ConfigureAwait(false) is not { } found)
        {
            return await client.TryCreateAsync(new Lease { Metadata = new ObjectMeta { Name = lease.Name, Namespace = lease.Namespace }, Spec = Held(now, 0) }, ct).ConfigureAwait(false);
        }

        var holder = found.Spec?.HolderIdentity;
        if (holder != identity && holder is { Length: > 0 } && !IsOver(found))
        {
            return false;
        }

        var changes = found.Spec?.LeaseTransitions ?? 0;
        var before = found.Spec?.AcquireTime;
        found.Spec = Held(now, holder == identity ? changes : changes + 1);
        found.Spec.AcquireTime = holder == identity ? before : now;
        try
        {
            await client.UpdateAsync(found, ct).ConfigureAwait(false);
            return true;
        }
        catch (ApiException e) when (e.IsConflict || e.IsNotFound)
        {
            return false;
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
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException or OperationCanceledException)
        {
            // The next one waits until the Lease is over.
            LogNotNow(logger, e.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "{Identity} leads")]
    private static partial void LogLeads(ILogger logger, string identity);

    [LoggerMessage(2, LogLevel.Warning, "{Identity} leads no longer: the Lease could not be renewed in time")]
    private static partial void LogLost(ILogger logger, string identity);

    [LoggerMessage(3, LogLevel.Warning, "the Lease could not be had: {Reason}")]
    private static partial void LogNotNow(ILogger logger, string reason);
}
