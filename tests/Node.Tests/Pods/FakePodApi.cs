using System.Collections.Concurrent;
using System.Globalization;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Node.Pods;
using Sealos.Node.Pods.Config;

namespace Sealos.Node.Tests.Pods;

/// <summary>The API server as pod workers see it, in memory, with its watch.</summary>
internal sealed class FakePodApi : IPodApi
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Pod> _pods = [];
    private int _version = 1;

    /// <summary>The watch: old and new.</summary>
    public event Action<Pod?, Pod?>? Changed;

    public ConcurrentQueue<string> Events { get; } = [];

    public Dictionary<string, ConfigMap> ConfigMaps { get; } = [];

    /// <summary>Every status written, in order.</summary>
    public ConcurrentQueue<PodStatus> Written { get; } = [];

    /// <summary>Called before each write of a status.</summary>
    public Action? BeforeWrite { get; set; }

    public Pod? Find(string name)
    {
        lock (_lock)
        {
            return _pods.GetValueOrDefault(name);
        }
    }

    public void Apply(Pod pod)
    {
        Pod? old;
        lock (_lock)
        {
            old = _pods.GetValueOrDefault(pod.Name);
            pod = KubeJson.Clone(pod);
            pod.Metadata.ResourceVersion = (++_version).ToString(CultureInfo.InvariantCulture);
            _pods[pod.Name] = pod;
        }

        Changed?.Invoke(old, pod);
    }

    public void Delete(string name, long grace)
    {
        var pod = KubeJson.Clone(Find(name)!);
        pod.Metadata.DeletionTimestamp = DateTimeOffset.UtcNow;
        pod.Metadata.DeletionGracePeriodSeconds = grace;
        Apply(pod);
    }

    public void Remove(string name)
    {
        Pod? old;
        lock (_lock)
        {
            _pods.Remove(name, out old);
        }

        Changed?.Invoke(old, null);
    }

    public Task<Pod?> FindPodAsync(string ns, string name, CancellationToken ct) => Task.FromResult(Find(name));

    public Task<Pod> UpdateStatusAsync(Pod pod, CancellationToken ct)
    {
        BeforeWrite?.Invoke();
        if (Find(pod.Name) is not { } present)
        {
            throw new ApiException(404, "NotFound", "gone");
        }

        if (present.Metadata.ResourceVersion != pod.Metadata.ResourceVersion)
        {
            throw new ApiException(409, "Conflict", "changed meanwhile");
        }

        Written.Enqueue(pod.Status!);
        Apply(new Pod { Metadata = present.Metadata, Spec = present.Spec, Status = pod.Status });
        return Task.FromResult(KubeJson.Clone(Find(pod.Name)!));
    }

    public Task DeleteAsync(Pod pod, CancellationToken ct)
    {
        Events.Enqueue("deleted");
        if (Find(pod.Name)?.Uid == pod.Uid)
        {
            Remove(pod.Name);
        }

        return Task.CompletedTask;
    }

    public Task<ConfigMap?> FindConfigMapAsync(string ns, string name, CancellationToken ct) => Task.FromResult(ConfigMaps.GetValueOrDefault(name));

    public Task<Secret?> FindSecretAsync(string ns, string name, CancellationToken ct) => Task.FromResult<Secret?>(null);

    public IEnumerable<Service> ServicesFor(string ns) => [];

    public void Normal(Pod pod, string reason, string message, string? container = null) => Events.Enqueue($"{reason}: {message}");

    public void Warning(Pod pod, string reason, string message, string? container = null) => Events.Enqueue($"{reason}: {message}");
}
