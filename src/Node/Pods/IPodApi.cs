using Sealos.Kinds.Core;

namespace Sealos.Node.Pods;

/// <summary>What pod workers need of the Kubernetes API; tests put a fake in its place.</summary>
internal interface IPodApi
{
    /// <summary>The pod as it is now, or null.</summary>
    Task<Pod?> FindPodAsync(string ns, string name, CancellationToken ct);

    /// <summary>Replaces a pod's status.</summary>
    Task<Pod> UpdateStatusAsync(Pod pod, CancellationToken ct);

    /// <summary>Removes a pod whose containers have stopped; nothing happens when it is gone or another has its name.</summary>
    Task DeleteAsync(Pod pod, CancellationToken ct);

    Task<ConfigMap?> FindConfigMapAsync(string ns, string name, CancellationToken ct);

    Task<Secret?> FindSecretAsync(string ns, string name, CancellationToken ct);

    /// <summary>The services a pod learns of through its environment.</summary>
    IEnumerable<Service> ServicesFor(string ns);

    /// <summary>Tells something ordinary; <paramref name="container"/> names the container it is about.</summary>
    void Normal(Pod pod, string reason, string message, string? container = null);

    /// <summary>Tells something a person should know.</summary>
    void Warning(Pod pod, string reason, string message, string? container = null);
}
