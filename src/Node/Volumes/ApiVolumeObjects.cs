using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;
using Sealos.Kinds.Authentication;
using Sealos.Kinds.Core;

namespace Sealos.Node.Volumes;

/// <summary>Volumes' objects from the API server, read when a pod needs them; of all others only the names pass by.</summary>
internal sealed class ApiVolumeObjects(KubeClient client, string node, TimeProvider time, ILogger<ApiVolumeObjects> logger) : IVolumeObjects
{
    /// <inheritdoc/>
    public event Action<ObjectReferenceKey?>? Changed;

    /// <inheritdoc/>
    public Task FollowAsync(CancellationToken ct) => Task.WhenAll(
        FollowLoop.RunAsync(new ObjectChanges<ConfigMap>(client, node, changed => Tell("ConfigMap", changed), logger), time, ct),
        FollowLoop.RunAsync(new ObjectChanges<Secret>(client, node, changed => Tell("Secret", changed), logger), time, ct));

    /// <inheritdoc/>
    public Task<ConfigMap?> FindConfigMapAsync(string ns, string name, CancellationToken ct) => client.FindAsync<ConfigMap>(ns, name, ct);

    /// <inheritdoc/>
    public Task<Secret?> FindSecretAsync(string ns, string name, CancellationToken ct) => client.FindAsync<Secret>(ns, name, ct);

    /// <inheritdoc/>
    public Task<PersistentVolumeClaim?> FindClaimAsync(string ns, string name, CancellationToken ct) => client.FindAsync<PersistentVolumeClaim>(ns, name, ct);

    /// <inheritdoc/>
    public Task<PersistentVolume?> FindVolumeAsync(string name, CancellationToken ct) => client.FindAsync<PersistentVolume>(null, name, ct);

    /// <inheritdoc/>
    public async Task<TokenRequestStatus> RequestTokenAsync(Pod pod, ServiceAccountTokenProjection projection, CancellationToken ct)
    {
        var request = new TokenRequest
        {
            ApiVersion = TokenRequest.KubeKind.ApiVersion,
            Kind = TokenRequest.KubeKind.Kind,
            Spec = new TokenRequestSpec
            {
                Audiences = string.IsNullOrEmpty(projection.Audience) ? null : [projection.Audience],
                ExpirationSeconds = projection.ExpirationSeconds ?? ServiceAccountTokens.DefaultSeconds,
                BoundObjectRef = new BoundObjectReference { ApiVersion = "v1", Kind = "Pod", Name = pod.Metadata.Name, Uid = pod.Metadata.Uid },
            },
        };
        var account = pod.Spec?.ServiceAccountName is { Length: > 0 } named ? named : "default";
        var path = ServiceAccount.KubeKind.Path(pod.Metadata.Namespace, account, "token");
        var answer = await client.PostAsync<TokenRequest, TokenRequest>(path, request, ct).ConfigureAwait(false);
        return answer.Status ?? throw new InvalidDataException($"the API server gave no token for service account \"{account}\"");
    }

    private void Tell(string kind, IKubeObject? about) =>
        Changed?.Invoke(about is null ? null : new ObjectReferenceKey(kind, about.Metadata.Namespace ?? "", about.Metadata.Name ?? ""));
}
