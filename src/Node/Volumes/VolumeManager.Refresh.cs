using System.Globalization;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;

namespace Sealos.Node.Volumes;

/// <summary>What happens to volumes while their pods run: objects change, tokens age, folders grow.</summary>
internal sealed partial class VolumeManager
{
    private readonly Channel<string> _dirty = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Keeps volumes up to date until cancelled, or until one of its tasks fails.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Task[] tasks = [_objects.FollowAsync(stop.Token), FollowObjectsAsync(stop.Token), RenewTokensAsync(stop.Token), MeasureAsync(stop.Token)];
        var first = await Task.WhenAny(tasks).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first.ConfigureAwait(false);
    }

    /// <summary>Writes the volumes of a pod anew where they differ from the objects they are made from.</summary>
    internal async Task RefreshAsync(string podUid, CancellationToken ct)
    {
        if (!_pods.TryGetValue(podUid, out var state))
        {
            return;
        }

        await state.Gate.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            if (state.Paths is not null && _pods.ContainsKey(podUid))
            {
                await MakeAllAsync(state, ct).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is VolumeException or ApiException or HttpRequestException)
        {
            // What is there stays as it is: an old file helps a running pod more than none.
            LogNotRefreshed(_logger, state.Pod.Metadata.Namespace, state.Pod.Metadata.Name, e.Message);
            state.RefreshBy(_time.GetUtcNow() + RetryAfter);
        }
        finally
        {
            state.Gate.Release();
        }
    }

    private async Task FollowObjectsAsync(CancellationToken ct)
    {
        while (await _dirty.Reader.WaitToReadAsync(ct).ConfigureAwait(false))
        {
            var uids = new HashSet<string>(StringComparer.Ordinal);
            while (_dirty.Reader.TryRead(out var uid))
            {
                uids.Add(uid);
            }

            foreach (var uid in uids)
            {
                await RefreshAsync(uid, ct).ConfigureAwait(false);
            }
        }
    }

    private async Task RenewTokensAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(_options.RefreshInterval, _time);
        var last = _time.GetUtcNow();
        while (await timer.WaitForNextTickAsync(ct).ConfigureAwait(false))
        {
            // Once the clock is set back, tokens are of a time to come, and nobody takes them until then.
            var now = _time.GetUtcNow();
            var isSetBack = now < last;
            last = now;
            foreach (var (uid, _) in _pods.Where(p => p.Value.RefreshAt <= now || (isSetBack && p.Value.RefreshAt is not null)).ToList())
            {
                await RefreshAsync(uid, ct).ConfigureAwait(false);
            }
        }
    }

    private async Task MeasureAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(_options.MeasureInterval, _time);
        while (await timer.WaitForNextTickAsync(ct).ConfigureAwait(false))
        {
            foreach (var (_, state) in _pods)
            {
                foreach (var volume in (state.Pod.Spec?.Volumes ?? []).Where(v => v.EmptyDir is { SizeLimit: not null, Medium: null or "" }))
                {
                    Measure(state, volume);
                }
            }
        }
    }

    private void Measure(PodVolumes state, Volume volume)
    {
        var limit = volume.EmptyDir!.SizeLimit!.Value;
        try
        {
            if (state.Paths?.TryGetValue(volume.Name ?? "", out var folder) == true && limit.Value > 0 && TreeSize.IsOver(folder, limit.LongValue))
            {
                LimitExceeded?.Invoke(state.Pod, string.Create(CultureInfo.InvariantCulture, $"Usage of EmptyDir volume \"{volume.Name}\" exceeds the limit \"{limit}\"."));
            }
        }
        catch (IOException)
        {
            // The pod is being taken down.
        }
    }

    [LoggerMessage(2, LogLevel.Warning, "volumes of pod {Namespace}/{Pod} were not updated: {Reason}")]
    private static partial void LogNotRefreshed(ILogger logger, string? @namespace, string? pod, string reason);
}
