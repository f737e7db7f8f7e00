using Microsoft.Extensions.Logging;
using Sealos.Node.Cri;

namespace Sealos.Node.Pods;

/// <summary>Removes from the runtime and the disk what pods no longer need, and what is left of pods that no longer exist.</summary>
internal sealed partial class GarbageCollector(CriClient cri, PodTools tools, NodeOptions options, ILogger<GarbageCollector> logger)
{
    /// <summary>Removes what a living pod no longer needs.</summary>
    public async Task CollectAsync(RuntimePod pod, CancellationToken ct)
    {
        var (containers, sandboxes) = Garbage.Find(pod, tools.Time.GetUtcNow() - options.Pressure.ContainerMinAge);
        if (containers.Count + sandboxes.Count == 0)
        {
            return;
        }

        try
        {
            foreach (var container in containers)
            {
                await cri.RemoveContainerAsync(container.Id, ct).ConfigureAwait(false);
                DeleteLogs(container.LogPath);
            }

            foreach (var sandbox in sandboxes)
            {
                await cri.StopPodSandboxAsync(sandbox.Id, ct).ConfigureAwait(false);
                await cri.RemovePodSandboxAsync(sandbox.Id, ct).ConfigureAwait(false);
            }
        }
        catch (CriException e)
        {
            LogNotCollected(logger, pod.Namespace, pod.Name, e.Message);
        }

        await tools.Runtime.RefreshAsync(pod.Uid, ct).ConfigureAwait(false);
    }

    /// <summary>
    /// Removes directories, logs and cgroups of pods that <paramref name="isKnown"/> does not know. It is asked about each right before,
    /// as pods come meanwhile; what is there before a pod is known can only be left of another.
    /// </summary>
    public async Task SweepAsync(Func<string, bool> isKnown, CancellationToken ct)
    {
        foreach (var uid in tools.Directories.List().Union(tools.Cgroups.List()).ToList().Where(u => !isKnown(u)))
        {
            try
            {
                tools.Starter.TearDown(uid);
                await tools.Volumes.TearDownAsync(uid, ct).ConfigureAwait(false);
                tools.Cgroups.Remove(uid);
                tools.Directories.Delete(uid);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                LogNotSwept(logger, uid, e.Message);
            }
        }

        SweepLogs(isKnown);
    }

    private void SweepLogs(Func<string, bool> isKnown)
    {
        if (!Directory.Exists(options.PodLogsRoot))
        {
            return;
        }

        foreach (var directory in Directory.EnumerateDirectories(options.PodLogsRoot).ToList())
        {
            var name = Path.GetFileName(directory);
            if (!isKnown(name[(name.LastIndexOf('_') + 1)..]))
            {
                Directory.Delete(directory, recursive: true);
            }
        }
    }

    private static void DeleteLogs(string path)
    {
        if (Path.GetDirectoryName(path) is not { } directory || !Directory.Exists(directory))
        {
            return;
        }

        foreach (var file in Directory.EnumerateFiles(directory, Path.GetFileName(path) + "*").ToList())
        {
            File.Delete(file);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "ended containers of pod {Namespace}/{Name} could not be removed: {Reason}")]
    private static partial void LogNotCollected(ILogger logger, string @namespace, string name, string reason);

    [LoggerMessage(2, LogLevel.Warning, "what is left of pod {Uid} could not be removed: {Reason}")]
    private static partial void LogNotSwept(ILogger logger, string uid, string reason);
}
