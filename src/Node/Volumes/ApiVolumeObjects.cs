using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;
using Sealos.Kinds.Authentication;
using Sealos.Kinds.Core;

namespace Sealos.Node.Volumes;

/// <summary>Volumes' objects from the API server; those that are in a cache are not asked for again.</summary>
internal sealed class ApiVolumeObjects : IVolumeObjects
{
    private readonly KubeClient _client;
    private readonly Informer<ConfigMap> _configMaps;
    private readonly Informer<Secret> _secrets;

    /// <summary>Watches through <paramref name="informers"/>, which the caller starts.</summary>
    public ApiVolumeObjects(KubeClient client, InformerFactory informers)
    {
        _client = client;
        _configMaps = informers.For<ConfigMap>();
        _secrets = informers.For<Secret>();
        _configMaps.OnChange((old, now) => Tell("ConfigMap", now ?? old));
        _secrets.OnChange((old, now) => Tell("Secret", now ?? old));
    }

    /// <inheritdoc/>
    public event Action<ObjectReferenceKey>? Changed;

    /// <inheritdoc/>
    public async Task<ConfigMap?> FindConfigMapAsync(string ns, string name, CancellationToken ct) =>
        _configMaps.Get(ns, name) ?? await _client.FindAsync<ConfigMap>(ns, name, ct).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<Secret?> FindSecretAsync(string ns, string name, CancellationToken ct) =>
        _secrets.Get(ns, name) ?? await _client.FindAsync<Secret>(ns, name, ct).ConfigureAwait(false);

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
        var answer = await _client.PostAsync<TokenRequest, TokenRequest>(path, request, ct).ConfigureAwait(false);
        return answer.Status ?? throw new InvalidDataException($"the API server gave no token for service account \"{account}\"");
    }

    private void Tell(string kind, IKubeObject? about)
    {
        if (about is not null)
        {
            Changed?.Invoke(new ObjectReferenceKey(kind, about.Metadata.Namespace ?? "", about.Metadata.Name ?? ""));
        }
    }
}
