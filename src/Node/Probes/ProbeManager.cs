using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sealos.Kinds.Core;

namespace Sealos.Node.Probes;

/// <summary>Probes the containers that run and keeps the verdicts.</summary>
internal sealed partial class ProbeManager(IProber prober, TimeProvider time, ILogger<ProbeManager> logger) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(string Uid, string Container), ContainerProbes> _containers = new();
    private readonly ConcurrentDictionary<string, ContainerProbes> _byId = new(StringComparer.Ordinal);

    /// <summary>A verdict has changed.</summary>
    public event Action<ProbeResultChange>? Changed;

    /// <summary>A look has failed.</summary>
    public event Action<ProbeFailure>? Failed;

    /// <summary>Begins to probe a container that has begun to run; nothing happens when this very start is being probed.</summary>
    public void Start(Pod pod, Container container, string containerId, string podIp, DateTimeOffset startedAt)
    {
        var key = (pod.Metadata.Uid ?? "", container.Name ?? "");
        if (_containers.TryGetValue(key, out var known) && known.ContainerId == containerId)
        {
            return;
        }

        Stop(key.Item1, key.Item2);
        var target = new ProbeTarget(pod, container, containerId, podIp, startedAt);
        var probes = new ContainerProbes(target, prober, time);
        foreach (var worker in probes.Workers)
        {
            worker.Changed += w => Changed?.Invoke(new ProbeResultChange(key.Item1, key.Item2, containerId, w.Kind, w.Verdict == true));
            worker.Failed += (w, message) => Failed?.Invoke(new ProbeFailure(pod, key.Item2, $"{w.Kind} probe failed: {message}"));
        }

        _containers[key] = probes;
        _byId[containerId] = probes;
        probes.Run(e => LogBroken(logger, pod.Metadata.Namespace, pod.Metadata.Name, key.Item2, e));
    }

    /// <summary>Ends probing a container, or all of the pod's when <paramref name="container"/> is null, and forgets the verdicts.</summary>
    public void Stop(string podUid, string? container)
    {
        foreach (var key in KeysOf(podUid, container))
        {
            if (_containers.TryRemove(key, out var probes))
            {
                _byId.TryRemove(probes.ContainerId, out _);
                probes.Stop();
            }
        }
    }

    /// <summary>Ends the probes that could restart containers of a pod that is being deleted; readiness goes on.</summary>
    public void StopRestarts(string podUid)
    {
        foreach (var key in KeysOf(podUid, null))
        {
            _containers.GetValueOrDefault(key)?.StopRestarts();
        }
    }

    /// <summary>What the probes of containers that run have found, in Prometheus' text form.</summary>
    public string RenderMetrics() => ProbeMetrics.Render(_containers.Values.SelectMany(c => c.Workers).Select(w => (w.Target, w.Kind, w.Count)));

    /// <summary>Whether the readiness probe of a container is content, or it has none; never before it has started.</summary>
    public bool IsReady(string podUid, string container) =>
        !_containers.TryGetValue((podUid, container), out var probes) || (probes.Verdict(ProbeKind.Startup, absent: true) == true && probes.Verdict(ProbeKind.Readiness, absent: true) == true);

    /// <summary>Whether the startup probe of a container has passed, or it has none.</summary>
    public bool IsStarted(string podUid, string container) =>
        !_containers.TryGetValue((podUid, container), out var probes) || probes.Verdict(ProbeKind.Startup, absent: true) == true;

    /// <summary>Which probe has given up on this start of a container, <c>startup</c> or <c>liveness</c>; null when none has.</summary>
    public string? FindFailure(string containerId)
    {
        if (!_byId.TryGetValue(containerId, out var probes))
        {
            return null;
        }

        return probes.Verdict(ProbeKind.Startup, absent: true) == false ? "startup"
            : probes.Verdict(ProbeKind.Liveness, absent: true) == false ? "liveness" : null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        var all = _containers.Values.ToList();
        _containers.Clear();
        _byId.Clear();
        foreach (var probes in all)
        {
            probes.Stop();
        }

        await Task.WhenAll(all.Select(p => p.Ended)).ConfigureAwait(false);
    }

    private List<(string Uid, string Container)> KeysOf(string podUid, string? container) =>
        container is not null ? [(podUid, container)] : [.. _containers.Keys.Where(k => k.Uid == podUid)];

    [LoggerMessage(1, LogLevel.Error, "a probe of container {Container} of pod {Namespace}/{Pod} ended unexpectedly")]
    private static partial void LogBroken(ILogger logger, string? @namespace, string? pod, string container, Exception exception);
}
