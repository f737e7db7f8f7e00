using Microsoft.Extensions.Logging;
using Sealos.Node.Cri;
using Sealos.Node.Pods.Config;

namespace Sealos.Node.Pods;

internal sealed partial class RuntimeCache
{
    private static readonly TimeSpan RelistInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ReconnectDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan FirstCheck = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LastCheck = TimeSpan.FromSeconds(2);

    /// <summary>Follows the runtime until cancelled.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        var relisting = RelistRegularlyAsync(ct);
        var isLost = false;
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await foreach (var id in cri.WatchExitsAsync(Connected, ct).ConfigureAwait(false))
                {
                    _ = FollowExitAsync(id, ct);
                }
            }
            catch (CriException e)
            {
                LogEventsInterrupted(logger, e.Message);
                if (!isLost)
                {
                    isLost = true;
                    Lost?.Invoke(e.Message);
                }
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                break;
            }

            await Task.Delay(ReconnectDelay, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await relisting.ConfigureAwait(false);

        void Connected()
        {
            _ = RelistSafelyAsync(ct);
            if (isLost)
            {
                isLost = false;
                Found?.Invoke();
            }
        }
    }

    private async Task RelistRegularlyAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(RelistInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(ct).ConfigureAwait(false))
            {
                await RelistSafelyAsync(ct).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task RelistSafelyAsync(CancellationToken ct)
    {
        try
        {
            await RelistAsync(ct).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
        }
        catch (CriException e)
        {
            LogRelistFailed(logger, e.Message);
        }
    }

    // The event may come before the runtime's own lists know of it, so we look until they do.
    private async Task FollowExitAsync(string id, CancellationToken ct)
    {
        try
        {
            if (await FindOwnerAsync(id, ct).ConfigureAwait(false) is not { } uid)
            {
                return;
            }

            for (var delay = FirstCheck; ; delay *= 2)
            {
                var pod = await RefreshAsync(uid, ct).ConfigureAwait(false);
                var isAlive = pod.Containers.Any(c => c.Id == id && c.State is RunState.Running or RunState.Created) || pod.Sandboxes.Any(s => s.Id == id && s.IsReady);
                if (!isAlive || delay > LastCheck)
                {
                    Changed?.Invoke(uid);
                    return;
                }

                await Task.Delay(delay, time, ct).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
        }
        catch (CriException e)
        {
            LogRelistFailed(logger, e.Message);
        }
    }

    private async Task<string?> FindOwnerAsync(string id, CancellationToken ct)
    {
        lock (_lock)
        {
            if (_owners.TryGetValue(id, out var uid))
            {
                return uid;
            }
        }

        try
        {
            return Label((await cri.ContainerStatusAsync(id, ct).ConfigureAwait(false)).Labels, Keys.PodUid);
        }
        catch (CriException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "containerd's events are interrupted, subscribing again: {Reason}")]
    private static partial void LogEventsInterrupted(ILogger logger, string reason);

    [LoggerMessage(2, LogLevel.Warning, "listing containers failed: {Reason}")]
    private static partial void LogRelistFailed(ILogger logger, string reason);
}
