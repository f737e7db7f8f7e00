using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Core;
using Sealos.Node.Pods.Config;

namespace Sealos.Node.Pods;

/// <summary>The API server, as pod workers see it.</summary>
internal sealed class KubePodApi : IPodApi
{
    private const string ByNamespace = "namespace";

    private readonly KubeClient _client;
    private readonly EventRecorder _events;
    private readonly Informer<Service> _services;

    public KubePodApi(KubeClient client, EventRecorder events, Informer<Service> services)
    {
        _client = client;
        _events = events;
        _services = services.AddIndex(ByNamespace, s => [s.Metadata.Namespace ?? ""]);
    }

    public Task<Pod?> FindPodAsync(string ns, string name, CancellationToken ct) => _client.FindAsync<Pod>(ns, name, ct);

    public Task<Pod> UpdateStatusAsync(Pod pod, CancellationToken ct) => _client.UpdateStatusAsync(pod, ct);

    public Task DeleteAsync(Pod pod, CancellationToken ct) => _client.DeleteExactlyAsync(pod, new DeleteOptions { GracePeriodSeconds = 0 }, ct);

    public Task<ConfigMap?> FindConfigMapAsync(string ns, string name, CancellationToken ct) => _client.FindAsync<ConfigMap>(ns, name, ct);

    public Task<Secret?> FindSecretAsync(string ns, string name, CancellationToken ct) => _client.FindAsync<Secret>(ns, name, ct);

    public IEnumerable<Service> ServicesFor(string ns)
    {
        var services = _services.ByIndex(ByNamespace, ns);
        return ns != "default" && _services.Get("default", "kubernetes") is { } api ? services.Append(api) : services;
    }

    public void Normal(Pod pod, string reason, string message, string? container = null) =>
        _events.Normal(pod, reason, message, container is null ? null : PodFacts.FieldPath(pod, container));

    public void Warning(Pod pod, string reason, string message, string? container = null) =>
        _events.Warning(pod, reason, message, container is null ? null : PodFacts.FieldPath(pod, container));
}
