using System.Text;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Authentication;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.ServiceAccounts;

/// <summary>
/// Fills Secrets that ask for a token of a service account, and deletes them when that account goes. Such a token ends with
/// its Secret; only who can write Secrets there can ask for one.
/// </summary>
internal sealed class TokenSecretReconciler(ControllerContext context) : IReconciler
{
    public const string Selector = $"type={Type}";

    private const string Type = "kubernetes.io/service-account-token";
    private const string AccountName = "kubernetes.io/service-account.name";
    private const string AccountUid = "kubernetes.io/service-account.uid";

    // As long as the server grants: it is the Secret that ends it.
    private const long Seconds = 1L << 32;

    private readonly KubeClient _client = context.Client;
    private readonly Informer<Secret> _secrets = context.Informer<Secret>(Selector);
    private readonly byte[] _rootCertificate = Encoding.ASCII.GetBytes(context.Options.RootCertificatePem);

    public static string? AccountOf(Secret secret) => secret.Metadata.Annotations?.GetValueOrDefault(AccountName);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (_secrets.Get(key.Namespace, key.Name) is not { Metadata.DeletionTimestamp: null } secret || AccountOf(secret) is not { Length: > 0 } name)
        {
            return ReconcileResult.Done;
        }

        var wantedUid = secret.Metadata.Annotations!.GetValueOrDefault(AccountUid);
        var account = await _client.FindAsync<ServiceAccount>(key.Namespace, name, ct).ConfigureAwait(false);
        try
        {
            if (account is null || (!string.IsNullOrEmpty(wantedUid) && account.Metadata.Uid != wantedUid))
            {
                var options = new DeleteOptions { Preconditions = new DeletePreconditions { Uid = secret.Metadata.Uid } };
                await _client.DeleteAsync<Secret>(key.Namespace, key.Name, options, ct).ConfigureAwait(false);
            }
            else if (!IsFilled(secret))
            {
                await FillAsync(secret, account, ct).ConfigureAwait(false);
            }
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // It changed or went since it was cached; that event brings it back here.
        }

        return ReconcileResult.Done;
    }

    private bool IsFilled(Secret secret) =>
        secret.Data is { } data
        && data.GetValueOrDefault("token") is { Length: > 0 }
        && data.GetValueOrDefault("namespace") is { Length: > 0 }
        && data.GetValueOrDefault("ca.crt").AsSpan().SequenceEqual(_rootCertificate);

    private async Task FillAsync(Secret secret, ServiceAccount account, CancellationToken ct)
    {
        Dictionary<string, byte[]> data = new(secret.Data ?? []) { ["ca.crt"] = _rootCertificate };
        data.TryAdd("namespace", Encoding.UTF8.GetBytes(secret.Metadata.Namespace!));
        if (data.GetValueOrDefault("token") is not { Length: > 0 })
        {
            data["token"] = Encoding.ASCII.GetBytes(await RequestTokenAsync(secret, account, ct).ConfigureAwait(false));
        }

        Dictionary<string, string> annotations = new(secret.Metadata.Annotations!) { [AccountUid] = account.Metadata.Uid! };
        var metadata = new ObjectMeta
        {
            Name = secret.Metadata.Name,
            Namespace = secret.Metadata.Namespace,
            Uid = secret.Metadata.Uid,
            ResourceVersion = secret.Metadata.ResourceVersion,
            Labels = secret.Metadata.Labels,
            Annotations = annotations,
            Finalizers = secret.Metadata.Finalizers,
            OwnerReferences = secret.Metadata.OwnerReferences,
        };
        await _client.UpdateAsync(new Secret { Metadata = metadata, Type = secret.Type, Data = data, Immutable = secret.Immutable }, ct).ConfigureAwait(false);
    }

    private async Task<string> RequestTokenAsync(Secret secret, ServiceAccount account, CancellationToken ct)
    {
        var request = new TokenRequest
        {
            ApiVersion = TokenRequest.KubeKind.ApiVersion,
            Kind = TokenRequest.KubeKind.Kind,
            Spec = new TokenRequestSpec
            {
                ExpirationSeconds = Seconds,
                BoundObjectRef = new BoundObjectReference { ApiVersion = "v1", Kind = "Secret", Name = secret.Metadata.Name, Uid = secret.Metadata.Uid },
            },
        };
        var path = ServiceAccount.KubeKind.Path(account.Metadata.Namespace, account.Metadata.Name, "token");
        var issued = await _client.PostAsync<TokenRequest, TokenRequest>(path, request, ct).ConfigureAwait(false);
        return issued.Status!.Token!;
    }
}
