using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.ReplicaSets;

/// <summary>Keeps as many pods of a template as asked for, for every kind that asks for just that.</summary>
internal sealed class ReplicaSetReconciler<TSet> : IReconciler
    where TSet : class, IKubeObject<TSet>, new()
{
    private const int Burst = 500;

    private readonly ReplicaKind<TSet> _kind;
    private readonly KubeClient _client;
    private readonly Informer<TSet> _sets;
    private readonly PodLookup _pods;
    private readonly OwnWrites<Pod> _writes;
    private readonly PodControl<TSet> _control;
    private readonly TimeProvider _time;
    private readonly Claims<TSet, Pod> _claims;

    public ReplicaSetReconciler(ReplicaKind<TSet> kind, ControllerContext context, EventRecorder events)
    {
        _kind = kind;
        _client = context.Client;
        _sets = context.Informer<TSet>();
        _pods = context.Pods;
        _writes = new OwnWrites<Pod>(context.Informer<Pod>(), context.Time);
        _control = new PodControl<TSet>(context.Client, _writes, events);
        _time = context.Time;
        _claims = new Claims<TSet, Pod>(context.Client);
    }

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        var set = _sets.Get(key.Namespace, key.Name);
        if (set is null || _kind.View(set) is not { Template: not null } view)
        {
            return ReconcileResult.Done;
        }

        if (_writes.AreUnseen(key))
        {
            return ReconcileResult.After(OwnWrites<Pod>.Lag);
        }

        var pods = await EnsureClaimsAsync(set, view, ct).ConfigureAwait(false);
        var failure = set.Metadata.DeletionTimestamp is null ? await EnsureReplicasAsync(key, new(set, view), pods, ct).ConfigureAwait(false) : null;
        await EnsureStatusAsync(new(set, view), pods, failure, ct).ConfigureAwait(false);
        if (failure is { Cause: { } cause })
        {
            // Rethrown only now, so that the status tells of it while the queue backs off.
            throw cause;
        }

        return new ReconcileResult(PodState.UntilNextAvailable(pods, view.MinReadySeconds, _time.GetUtcNow()));
    }

    private async Task<List<Pod>> EnsureClaimsAsync(TSet set, ReplicaView view, CancellationToken ct)
    {
        var candidates = _pods.OwnedOrOrphaned(set).Where(p => PodState.IsActive(p) && !_writes.IsDeleted(p)).ToList();
        return await _claims.ClaimAsync(set, view.Selector, candidates, ct).ConfigureAwait(false);
    }

    private Task<Failure?> EnsureReplicasAsync(ObjectKey key, Wanted wanted, List<Pod> pods, CancellationToken ct)
    {
        var missing = wanted.View.Replicas - pods.Count;
        return missing switch
        {
            > 0 => CreateAsync(key, wanted, Math.Min(missing, Burst), ct),
            < 0 => DeleteAsync(wanted.Set, pods, Math.Min(-missing, Burst), ct),
            _ => Task.FromResult<Failure?>(null),
        };
    }

    private async Task<Failure?> CreateAsync(ObjectKey key, Wanted wanted, int count, CancellationToken ct)
    {
        var (_, error) = await _control.CreateAsync(key, wanted.Set, count, _ => ReplicaPods.Build(wanted.Set, wanted.View.Template!), ct).ConfigureAwait(false);
        return error is null ? null : new Failure("FailedCreate", error);
    }

    private async Task<Failure?> DeleteAsync(TSet set, List<Pod> pods, int count, CancellationToken ct)
    {
        var related = _kind.PodsOfSiblings(_pods, set);
        var surplus = ReplicaRanking.SelectForDeletion(pods, related, count, _time.GetUtcNow());
        var error = await _control.DeleteAsync(set, surplus, ct).ConfigureAwait(false);
        return error is null ? null : new Failure("FailedDelete", error);
    }

    private async Task EnsureStatusAsync(Wanted wanted, List<Pod> pods, Failure? failure, CancellationToken ct)
    {
        var status = ReplicaSetStatusMath.Calculate(wanted.View, pods, failure is null ? null : (failure.Reason, failure.Cause.Message), _time.GetUtcNow());
        if (JsonSame.As(status, wanted.View.Status))
        {
            return;
        }

        try
        {
            await _client.UpdateStatusAsync(_kind.WithStatus(wanted.Set, status), ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // The set changed or went since it was cached; that event brings it back here.
        }
    }

    private readonly record struct Wanted(TSet Set, ReplicaView View);

    private sealed record Failure(string Reason, Exception Cause);
}
