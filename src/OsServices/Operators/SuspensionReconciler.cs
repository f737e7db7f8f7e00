using System.Text.Json.Nodes;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Core;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.Operators;

/// <summary>
/// Stops what runs in a workspace that is to be suspended, and starts it again. Each object is stopped and remembers what it was in one write,
/// so whoever is interrupted goes on where they were.
/// </summary>
internal sealed class SuspensionReconciler(KubeClient client, Informer<Namespace> namespaces) : IReconciler
{
    private static readonly TimeSpan WhileStopping = TimeSpan.FromSeconds(1);

    private readonly SuspendedWork _work = new(client);
    private readonly SuspendedPods _pods = new(client);

    /// <summary>Whether there is something to do for a workspace.</summary>
    public static bool Wants(Namespace? ns) => ns?.Metadata.Annotations?.GetValueOrDefault(UserKeys.DebtStatus) is WorkspaceSuspension.Suspend or WorkspaceSuspension.Resume;

    /// <inheritdoc/>
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (namespaces.Get(null, key.Name) is not { Metadata.DeletionTimestamp: null } ns || !Wants(ns) || UsersObjects.UserOf(key.Name) is null or UserDirectory.AdminName)
        {
            return ReconcileResult.Done;
        }

        var isSuspending = ns.Metadata.Annotations![UserKeys.DebtStatus] == WorkspaceSuspension.Suspend;
        if (isSuspending)
        {
            await _work.StopAsync(key.Name, ct).ConfigureAwait(false);
        }
        else
        {
            await _work.StartAsync(key.Name, ct).ConfigureAwait(false);
        }

        if (!await (isSuspending ? _pods.StopAsync(key.Name, ct) : _pods.StartAsync(key.Name, ct)).ConfigureAwait(false))
        {
            return ReconcileResult.After(WhileStopping);
        }

        // Refused when somebody has thought better of it meanwhile; what they want is looked at then.
        await OperatedWorkspace.AnnotateAsync(client, ns, new JsonObject { [UserKeys.DebtStatus] = isSuspending ? WorkspaceSuspension.Completed : WorkspaceSuspension.Normal }, ct).ConfigureAwait(false);
        return ReconcileResult.Done;
    }
}
