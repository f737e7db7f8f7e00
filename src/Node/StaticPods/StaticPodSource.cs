using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Node.Pods;
using Sealos.Node.Pods.Config;

namespace Sealos.Node.StaticPods;

/// <summary>
/// Pods that are files in a folder of this machine: they run whether or not there is an API server, and as long as their file is there.
/// In the API each is shown by a mirror; deleting that deletes nothing.
/// </summary>
internal sealed partial class StaticPodSource(NodeOptions options, PodWorkers workers, MirroredPodApi api, IMirrors mirrors, TimeProvider time, ILogger<StaticPodSource> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, (string Stamp, Pod? Pod)> _files = new(StringComparer.Ordinal);
    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>A mirror has come, changed or gone.</summary>
    public void OnMirrorChange() => _wakes.Writer.TryWrite(true);

    /// <summary>Follows the folder and the mirrors until cancelled.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            Scan();
            await TendMirrorsAsync(ct).ConfigureAwait(false);
            using var limit = new CancellationTokenSource(Interval, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
            try
            {
                await _wakes.Reader.ReadAsync(either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                // The time is up.
            }
        }
    }

    /// <summary>Hands over what the files say now: pods that came, changed or went. A changed pod is another pod.</summary>
    public void Scan()
    {
        var present = Directory.Exists(options.StaticPodsRoot)
            ? new DirectoryInfo(options.StaticPodsRoot).EnumerateFiles().Where(f => !f.Name.StartsWith('.')).ToDictionary(f => f.FullName, f => $"{f.Length} {f.LastWriteTimeUtc.Ticks}", StringComparer.Ordinal)
            : [];
        foreach (var (path, known) in _files.Where(f => present.GetValueOrDefault(f.Key) != f.Value.Stamp).ToList())
        {
            _files.Remove(path);
            End(known.Pod);
        }

        var come = present.Where(p => !_files.ContainsKey(p.Key)).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => (Path: p.Key, Stamp: p.Value, Pod: TryRead(p.Key))).ToList();
        workers.CountRunning(come.Select(c => c.Pod).OfType<Pod>());
        foreach (var (path, stamp, pod) in come)
        {
            _files[path] = (stamp, pod);
            if (pod is not null)
            {
                api.Own(pod);
                workers.OnChange(null, pod);
            }
        }
    }

    /// <summary>Makes mirrors that are missing and removes those of no file.</summary>
    internal async Task TendMirrorsAsync(CancellationToken ct)
    {
        var pods = _files.Values.Select(f => f.Pod).OfType<Pod>().ToDictionary(p => (p.Namespace, p.Name));
        var seen = mirrors.List();
        foreach (var mirror in seen.Where(m => !pods.TryGetValue((m.Namespace, m.Name), out var pod) || !MirroredPodApi.IsOf(m, pod)))
        {
            // One whose pod is just being stopped goes with it.
            if (!workers.IsWorkedOn(mirror.Namespace, mirror.Name) || mirror.IsDeleting || pods.ContainsKey((mirror.Namespace, mirror.Name)))
            {
                await TryAsync(mirror, () => mirrors.DeleteAsync(mirror, ct)).ConfigureAwait(false);
            }
        }

        foreach (var pod in pods.Values.Where(p => !seen.Any(m => m.Namespace == p.Namespace && m.Name == p.Name && MirroredPodApi.IsOf(m, p))))
        {
            await TryAsync(pod, () => api.ShowAsync(() => workers.Find(pod.Namespace, pod.Name) is { } known && known.Uid == pod.Uid ? known : pod, ct)).ConfigureAwait(false);
        }
    }

    private void End(Pod? pod)
    {
        if (pod is null)
        {
            return;
        }

        var ending = KubeJson.Clone(workers.Find(pod.Namespace, pod.Name) is { } known && known.Uid == pod.Uid ? known : pod);

        // Newer than whatever the mirror's writes have answered: nothing is after the end.
        ending.Metadata.ResourceVersion = ulong.MaxValue.ToString(CultureInfo.InvariantCulture);
        ending.Metadata.DeletionTimestamp = time.GetUtcNow();
        ending.Metadata.DeletionGracePeriodSeconds = ending.Spec?.TerminationGracePeriodSeconds;
        workers.OnChange(pod, ending);
    }

    private Pod? TryRead(string path)
    {
        try
        {
            return StaticPodFile.Read(path, File.ReadAllBytes(path), options.NodeName);
        }
        catch (Exception e) when (e is StaticPodException or IOException or UnauthorizedAccessException)
        {
            LogRefused(logger, path, e.Message);
            return null;
        }
    }

    // Pods run without their mirrors; what does not work now is tried again at the next look.
    private async Task TryAsync(Pod pod, Func<Task> write)
    {
        try
        {
            await write().ConfigureAwait(false);
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException or JsonException)
        {
            LogNotMirrored(logger, pod.Namespace, pod.Name, e.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "{Path} is no static pod: {Reason}")]
    private static partial void LogRefused(ILogger logger, string path, string reason);

    [LoggerMessage(2, LogLevel.Warning, "static pod {Namespace}/{Name} could not be shown in the API: {Reason}")]
    private static partial void LogNotMirrored(ILogger logger, string @namespace, string name, string reason);
}
