using System.Text.Json.Nodes;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.ServiceAccounts;

/// <summary>Gives every namespace what its pods cannot do without: the service account <c>default</c> and the cluster's root certificate.</summary>
internal sealed class NamespaceDefaultsReconciler(ControllerContext context) : IReconciler
{
    public const string ServiceAccountName = "default";
    public const string RootCertificateName = "kube-root-ca.crt";
    private const string RootCertificateKey = "ca.crt";

    private readonly KubeClient _client = context.Client;
    private readonly Informer<Namespace> _namespaces = context.Informer<Namespace>();
    private readonly Informer<ServiceAccount> _accounts = context.Informer<ServiceAccount>();
    private readonly Informer<ConfigMap> _certificates = context.Informer<ConfigMap>($"metadata.name={RootCertificateName}");

    /// <summary>The key is the namespace's.</summary>
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (_namespaces.Get(null, key.Name) is not { Metadata.DeletionTimestamp: null } ns || ns.Status?.Phase == "Terminating")
        {
            return ReconcileResult.Done;
        }

        try
        {
            await EnsureServiceAccountAsync(key.Name, ct).ConfigureAwait(false);
            await EnsureRootCertificateAsync(key.Name, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound || Refusals.IsNamespaceTerminating(e))
        {
            // The namespace is going, and with it the need.
        }

        return ReconcileResult.Done;
    }

    private async Task EnsureServiceAccountAsync(string ns, CancellationToken ct)
    {
        if (_accounts.Get(ns, ServiceAccountName) is null)
        {
            await CreateAsync(new ServiceAccount { Metadata = new ObjectMeta { Name = ServiceAccountName, Namespace = ns } }, ct).ConfigureAwait(false);
        }
    }

    private async Task EnsureRootCertificateAsync(string ns, CancellationToken ct)
    {
        var pem = context.Options.RootCertificatePem;
        var known = _certificates.Get(ns, RootCertificateName);
        if (known is null)
        {
            await CreateAsync(
                new ConfigMap
                {
                    Metadata = new ObjectMeta
                    {
                        Name = RootCertificateName,
                        Namespace = ns,
                        Annotations = new() { ["kubernetes.io/description"] = "Certificate authority to verify this cluster's API server with." },
                    },
                    Data = new() { [RootCertificateKey] = pem },
                },
                ct).ConfigureAwait(false);
        }
        else if (known.Data is not { Count: 1 } data || data.GetValueOrDefault(RootCertificateKey) != pem || known.BinaryData is { Count: > 0 })
        {
            var wanted = new JsonObject { [RootCertificateKey] = pem };
            foreach (var other in (known.Data ?? []).Keys.Where(k => k != RootCertificateKey))
            {
                wanted[other] = null;
            }

            await _client.PatchAsync<ConfigMap>(ns, RootCertificateName, new JsonObject { ["data"] = wanted, ["binaryData"] = null }, null, ct).ConfigureAwait(false);
        }
    }

    private async Task CreateAsync<T>(T obj, CancellationToken ct)
        where T : class, Kinds.IKubeObject<T>, new()
    {
        try
        {
            await _client.CreateAsync(obj, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // Made by the server with the namespace; the cache will show it, and a wrong one is mended then.
        }
    }
}
