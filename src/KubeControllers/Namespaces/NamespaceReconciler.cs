using System.Text.Json;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Namespaces;

/// <summary>Empties a namespace that is being deleted and lets it go when nothing is left.</summary>
internal sealed class NamespaceReconciler(ControllerContext context) : IReconciler
{
    private const string Finalizer = "kubernetes";

    // Deletions in the namespace bring it back at once; this is for what no event tells of.
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    private readonly KubeClient _client = context.Client;
    private readonly Informer<Namespace> _namespaces = context.Informer<Namespace>();
    private readonly NamespaceContents _contents = new(context.Client);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (_namespaces.Get(null, key.Name)?.Metadata.DeletionTimestamp is null
            || await _client.FindAsync<Namespace>(null, key.Name, ct).ConfigureAwait(false) is not { Metadata.DeletionTimestamp: not null } ns
            || ns.Spec?.Finalizers?.Contains(Finalizer) != true)
        {
            return ReconcileResult.Done;
        }

        var remains = await _contents.DeleteAsync(key.Name, ct).ConfigureAwait(false);
        if (!remains.IsEmpty)
        {
            await EnsureConditionsAsync(ns, remains, ct).ConfigureAwait(false);
            return ReconcileResult.After(LookAgain);
        }

        await EnsureFinalizedAsync(ns, ct).ConfigureAwait(false);
        return ReconcileResult.Done;
    }

    private async Task EnsureConditionsAsync(Namespace ns, NamespaceRemains remains, CancellationToken ct)
    {
        var conditions = NamespaceConditions.Calculate(ns.Status?.Conditions, remains, context.Time.GetUtcNow());
        if (!JsonSame.As(conditions, ns.Status?.Conditions))
        {
            var status = new NamespaceStatus { Phase = "Terminating", Conditions = conditions };
            await _client.UpdateStatusAsync(new Namespace { Metadata = ns.Metadata, Spec = ns.Spec, Status = status }, ct).ConfigureAwait(false);
        }
    }

    private async Task EnsureFinalizedAsync(Namespace ns, CancellationToken ct)
    {
        ns.ApiVersion = Namespace.KubeKind.ApiVersion;
        ns.Kind = Namespace.KubeKind.Kind;
        ns.Spec!.Finalizers!.Remove(Finalizer);
        using var body = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(ns, KubeJson.Options));
        body.Headers.ContentType = new("application/json");
        try
        {
            await _client.SendAsync<JsonElement>(HttpMethod.Put, Namespace.KubeKind.Path(null, ns.Metadata.Name, "finalize"), body, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Gone already, which is what was wanted.
        }
    }
}
