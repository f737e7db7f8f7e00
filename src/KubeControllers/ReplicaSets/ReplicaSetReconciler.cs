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
    private readonly EventRecorder _events;
    private readonly TimeProvider _time;
    private readonly Claims<TSet, Pod> _claims;

    public ReplicaSetReconciler(ReplicaKind<TSet> kind, ControllerContext context, EventRecorder events)
    {
        _kind = kind;
        _client = context.Client;
        _sets = context.Informer<TSet>();
        _pods = context.Pods;
        _writes = new OwnWrites<Pod>(context.Informer<Pod>(), context.Time);
        _events = events;
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
        var set = wanted.Set;
        var error = await SlowStart.RunAsync(count, async _ =>
        {
            var pod = _writes.Note(key, await _client.CreateAsync(ReplicaPods.Build(set, wanted.View.Template!), ct).ConfigureAwait(false));
            _events.Normal(set, "SuccessfulCreate", $"Created pod: {pod.Metadata.Name}");
        }).ConfigureAwait(false);
        if (error is null || Refusals.IsNamespaceTerminating(error))
        {
            return null;
        }

        _events.Warning(set, "FailedCreate", $"Error creating: {error.Message}");
        return new Failure("FailedCreate", error);
    }

    private async Task<Failure?> DeleteAsync(TSet set, List<Pod> pods, int count, CancellationToken ct)
    {
        var related = _kind.PodsOfSiblings(_pods, set);
        var surplus = ReplicaRanking.SelectForDeletion(pods, related, count, _time.GetUtcNow());
        var failures = await Task.WhenAll(surplus.Select(pod => DeleteOneAsync(set, pod, ct))).ConfigureAwait(false);
        return Array.Find(failures, f => f is not null) is { } error ? new Failure("FailedDelete", error) : null;
    }

    private async Task<Exception?> DeleteOneAsync(TSet set, Pod pod, CancellationToken ct)
    {
        _writes.NoteDeletion(pod);
        try
        {
            await _client.DeleteAsync<Pod>(pod.Metadata.Namespace, pod.Metadata.Name!, new DeleteOptions { Preconditions = new DeletePreconditions { Uid = pod.Metadata.Uid } }, ct).ConfigureAwait(false);
            _events.Normal(set, "SuccessfulDelete", $"Deleted pod: {pod.Metadata.Name}");
            return null;
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // Gone, or another pod of that name by now: either way this one is no more.
            return null;
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException)
        {
            _writes.ForgetDeletion(pod);
            _events.Warning(set, "FailedDelete", $"Error deleting: {e.Message}");
            return e;
        }
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
