using System.Globalization;
using Microsoft.Extensions.Logging;
using Sealos.Node.Cri;
using Sealos.Node.Cri.Messages;
using Sealos.Node.Pods;
using Sealos.Node.Pods.Config;
using Sealos.Node.Storage;
using Sealos.Node.Volumes;

namespace Sealos.Node.Containerd;

/// <summary>Stops what a node agent leaves running on purpose: pods and containerd. No agent may run meanwhile.</summary>
public sealed partial class NodeTeardown(NodeOptions options, TimeProvider time, ILoggerFactory loggers)
{
    // Whoever stops a whole cloud waits at a prompt; this is enough for programs that listen to their stop signal.
    private static readonly TimeSpan LongestGrace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan KillWait = TimeSpan.FromMilliseconds(100);
    private const int KillTries = 50;
    private const int Batch = 8;

    private readonly ILogger _logger = loggers.CreateLogger<NodeTeardown>();
    private readonly ContainerdDaemon _containerd = new(options, time, loggers.CreateLogger<ContainerdDaemon>());
    private readonly PodCgroups _cgroups = new(options);

    /// <summary>Stops all pods and containerd and tells how many pods ran. What pods have written, and that they were there, is kept.</summary>
    public async Task<int> StopAsync(CancellationToken ct)
    {
        var count = _containerd.FindProcess() is not null || _cgroups.HasProcesses() ? await StopPodsAsync(ct).ConfigureAwait(false) : 0;

        await _containerd.StopAsync(ct).ConfigureAwait(false);
        await KillRestAsync(ct).ConfigureAwait(false);
        Mounts.UnmountBelow(options.RunRoot);
        Mounts.UnmountBelow(options.VolumesRoot);
        return count;
    }

    /// <summary>Removes every trace of what <see cref="StopAsync"/> has stopped: containers, images, volumes, logs, mounts and cgroups.</summary>
    public async Task RemoveTracesAsync(CancellationToken ct)
    {
        for (var i = 0; i < KillTries && !_cgroups.RemoveAll(); i++)
        {
            await Task.Delay(KillWait, time, ct).ConfigureAwait(false);
        }

        foreach (var folder in (string[])[options.PodsRoot, options.PodLogsRoot, Path.Combine(options.DataRoot, "containerd"), Path.Combine(options.RunRoot, "containerd"), Path.Combine(options.RunRoot, "secrets")])
        {
            Mounts.DeleteTree(folder);
        }

        await VolumePool.RemoveAllAsync(options, ct).ConfigureAwait(false);
    }

    private async Task<int> StopPodsAsync(CancellationToken ct)
    {
        var count = 0;
        try
        {
            // Without containerd nobody would give back what pods hold, their addresses for one.
            await _containerd.EnsureRunningAsync(ct).ConfigureAwait(false);
            using var cri = new CriClient(options.ContainerdSocket, time);
            var running = (await cri.ListContainersAsync(null, ct).ConfigureAwait(false)).Where(c => c.State == ContainerState.Running).ToList();
            LogStopping(_logger, running.Count);
            await Task.WhenAll(running.Select(c => TryAsync(limit => cri.StopContainerAsync(c.Id, GraceOf(c), limit), GraceOf(c) + AnswerTime, ct))).ConfigureAwait(false);
            var sandboxes = (await cri.ListPodSandboxAsync(null, ct).ConfigureAwait(false)).Where(s => s.State == PodSandboxState.Ready).ToList();
            foreach (var batch in sandboxes.Chunk(Batch))
            {
                await Task.WhenAll(batch.Select(s => TryAsync(limit => cri.StopPodSandboxAsync(s.Id, limit), AnswerTime, ct))).ConfigureAwait(false);
                count += batch.Length;
            }
        }
        catch (Exception e) when (e is CriException or ContainerdException)
        {
            // What cannot be stopped by containerd is killed by its cgroup.
            LogNotStopped(_logger, e.Message);
        }

        return count;
    }

    private static TimeSpan GraceOf(Container container) =>
        container.Annotations.TryGetValue(Keys.PodTerminationGrace, out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < LongestGrace.TotalSeconds
            ? TimeSpan.FromSeconds(seconds)
            : LongestGrace;

    // containerd does not answer at all when it cannot write down what has become of a container, on a full disk.
    private async Task TryAsync(Func<CancellationToken, Task> call, TimeSpan within, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(within);
        try
        {
            await call(limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CriException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            LogNotStopped(_logger, e.Message);
        }
    }

    private async Task KillRestAsync(CancellationToken ct)
    {
        for (var i = 0; i < KillTries && _cgroups.KillAll(); i++)
        {
            await Task.Delay(KillWait, time, ct).ConfigureAwait(false);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "stopping {Count} containers")]
    private static partial void LogStopping(ILogger logger, int count);

    [LoggerMessage(2, LogLevel.Warning, "a container or pod could not be stopped by containerd and is killed: {Reason}")]
    private static partial void LogNotStopped(ILogger logger, string reason);
}
