using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Node.Pods.Config;

namespace Sealos.Node.Pods;

/// <summary>
/// Brings one pod's status to the API, beside the work: only the latest is written, what is there already is not written again,
/// and a conflict is resolved by computing anew from what the server has.
/// </summary>
internal sealed partial class PodStatusWriter(IPodApi api, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private PodView? _pending;
    private Task _writing = Task.CompletedTask;
    private Pod? _last;
    private string _lastWritten = "";
    private string _lastReturned = "";

    /// <summary>Has a status written soon.</summary>
    public void Post(PodView view, CancellationToken ct)
    {
        lock (_lock)
        {
            _pending = view;
            if (_writing.IsCompleted)
            {
                _writing = Task.Run(() => WriteAllAsync(ct), CancellationToken.None);
            }
        }
    }

    /// <summary>Waits until everything posted is written.</summary>
    public Task FlushAsync(CancellationToken ct)
    {
        lock (_lock)
        {
            return _writing.WaitAsync(ct);
        }
    }

    /// <summary>The newer of what the watch has shown and what the server has answered to the last write.</summary>
    public Pod Newest(Pod seen)
    {
        var last = _last;
        return last is not null && last.Uid == seen.Uid && Version(last) > Version(seen) ? last : seen;
    }

    private async Task WriteAllAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            PodView view;
            lock (_lock)
            {
                if (_pending is null)
                {
                    // Said under the lock, so that whoever posts next begins anew.
                    _writing = Task.CompletedTask;
                    return;
                }

                view = _pending;
                _pending = null;
            }

            if (!await TryWriteAsync(view, ct).ConfigureAwait(false))
            {
                lock (_lock)
                {
                    _pending ??= view;
                }

                await Task.Delay(RetryDelay, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<bool> TryWriteAsync(PodView view, CancellationToken ct)
    {
        var pod = Newest(view.Pod);
        try
        {
            while (true)
            {
                var status = PodStatusBuilder.Build(view with { Pod = pod });
                if (IsWritten(pod, status))
                {
                    return true;
                }

                try
                {
                    var updated = await api.UpdateStatusAsync(new Pod { Metadata = pod.Metadata, Spec = pod.Spec, Status = status }, ct).ConfigureAwait(false);
                    (_last, _lastWritten, _lastReturned) = (updated, Text(status), Text(updated.Status));
                    return true;
                }
                catch (ApiException e) when (e.IsConflict)
                {
                    if (await api.FindPodAsync(pod.Namespace, pod.Name, ct).ConfigureAwait(false) is not { } fresh || fresh.Uid != pod.Uid)
                    {
                        return true;
                    }

                    pod = fresh;
                }
            }
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return true;
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException or JsonException)
        {
            LogNotWritten(logger, pod.Namespace, pod.Name, e.Message);
            return false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    // The server may write a status in another form than ours; then what it answered last time tells whether ours is still there.
    private bool IsWritten(Pod pod, PodStatus status)
    {
        var (wanted, present) = (Text(status), Text(pod.Status));
        return wanted == present || (wanted == _lastWritten && present == _lastReturned);
    }

    private static string Text(PodStatus? status) => JsonSerializer.Serialize(status, KubeJson.Options);

    private static ulong Version(Pod pod) => ulong.TryParse(pod.Metadata.ResourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;

    [LoggerMessage(1, LogLevel.Warning, "the status of pod {Namespace}/{Name} could not be written, trying again: {Reason}")]
    private static partial void LogNotWritten(ILogger logger, string @namespace, string name, string reason);
}
