using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.StatefulSets;

/// <summary>Keeps pods with fixed names, made, removed and updated in order.</summary>
internal sealed class StatefulSetReconciler(ControllerContext context, EventRecorder events) : IReconciler
{
    private readonly KubeClient _client = context.Client;
    private readonly Informer<StatefulSet> _sets = context.Informer<StatefulSet>();
    private readonly RevisionStore<StatefulSet> _revisions = new(context);
    private readonly OwnWrites<Pod> _writes = new(context.Informer<Pod>(), context.Time);
    private readonly OwnWrites<StatefulSet> _statuses = new(context.Informer<StatefulSet>(), context.Time);
    private readonly Claims<StatefulSet, Pod> _claims = new(context.Client);
    private readonly ClaimWriter _volumes = new(context, events);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        var set = _sets.Get(key.Namespace, key.Name);
        if (set?.Spec?.Template is null || set.Metadata.DeletionTimestamp is not null)
        {
            return ReconcileResult.Done;
        }

        if (_writes.AreUnseen(key) || _statuses.AreUnseen(key) || _revisions.AreWritesUnseen(key))
        {
            return ReconcileResult.After(OwnWrites<Pod>.Lag);
        }

        var pods = await EnsureClaimsAsync(set, ct).ConfigureAwait(false);
        var known = await _revisions.EnsureAsync(key, StatefulRevisions.Revised(set), ct).ConfigureAwait(false);
        var current = StatefulRevisions.Of(set, known);
        await EnsureStatusAsync(key, set, pods, current, ct).ConfigureAwait(false);
        await _volumes.EnsureOwnersAsync(set, pods, ct).ConfigureAwait(false);
        await EnsurePodsAsync(key, set, pods, current, ct).ConfigureAwait(false);
        await _revisions.DeleteAsync(current.Outdated(set, known.All, pods), ct).ConfigureAwait(false);
        return new ReconcileResult(PodState.UntilNextAvailable(pods, set.Spec.MinReadySeconds ?? 0, context.Time.GetUtcNow()));
    }

    private Task<List<Pod>> EnsureClaimsAsync(StatefulSet set, CancellationToken ct)
    {
        var candidates = context.Pods.OwnedOrOrphaned(set).Where(p => StatefulPods.OrdinalOf(set, p) is not null).ToList();
        return _claims.ClaimAsync(set, set.Spec!.Selector!, candidates, ct);
    }

    private async Task EnsurePodsAsync(ObjectKey key, StatefulSet set, List<Pod> pods, StatefulRevisions current, CancellationToken ct)
    {
        var actions = StatefulPlan.Make(set, pods, (current.Current.Metadata.Name!, current.Update.Metadata.Name!), context.Time.GetUtcNow());
        foreach (var removal in actions.Where(a => a.Delete is not null))
        {
            await DeleteAsync(set, removal, ct).ConfigureAwait(false);
        }

        var missing = actions.Where(a => a.Delete is null).ToList();
        var error = await SlowStart.RunAsync(missing.Count, i => CreateAsync(key, set, current, missing[i], ct)).ConfigureAwait(false);
        if (error is not null && !Refusals.IsNamespaceTerminating(error))
        {
            throw error;
        }
    }

    private async Task CreateAsync(ObjectKey key, StatefulSet set, StatefulRevisions current, StatefulAction action, CancellationToken ct)
    {
        var revision = action.Revision == current.Current.Metadata.Name ? current.Current : current.Update;
        var pod = StatefulPods.Build(set, TemplateRevisions.TemplateOf(revision), action.Revision!, action.Ordinal);
        await _volumes.EnsureAsync(set, action.Ordinal, ct).ConfigureAwait(false);
        try
        {
            _writes.Note(key, await _client.CreateAsync(pod, ct).ConfigureAwait(false));
            events.Normal(set, "SuccessfulCreate", $"create Pod {pod.Metadata.Name} in StatefulSet {set.Metadata.Name} successful");
        }
        catch (ApiException e) when (!Refusals.IsNamespaceTerminating(e))
        {
            events.Warning(set, "FailedCreate", $"create Pod {pod.Metadata.Name} in StatefulSet {set.Metadata.Name} failed error: {e.Message}");
            throw;
        }
    }

    private async Task DeleteAsync(StatefulSet set, StatefulAction action, CancellationToken ct)
    {
        var pod = action.Delete!;
        if (_writes.IsDeleted(pod))
        {
            return;
        }

        if (action.IsReplacement)
        {
            events.Warning(set, "RecreatingFailedPod", $"StatefulSet {ObjectKey.Of(set)} is recreating failed Pod {pod.Metadata.Name}");
        }

        if (await _writes.DeleteAsync(_client, pod, null, ct).ConfigureAwait(false))
        {
            events.Normal(set, "SuccessfulDelete", $"delete Pod {pod.Metadata.Name} in StatefulSet {set.Metadata.Name} successful");
        }
    }

    private async Task EnsureStatusAsync(ObjectKey key, StatefulSet set, List<Pod> pods, StatefulRevisions current, CancellationToken ct)
    {
        var status = StatefulStatusMath.Calculate(set, pods, current, context.Time.GetUtcNow());
        if (JsonSame.As(status, set.Status))
        {
            return;
        }

        try
        {
            _statuses.Note(key, await _client.UpdateStatusAsync(new StatefulSet { Metadata = set.Metadata, Spec = set.Spec, Status = status }, ct).ConfigureAwait(false));
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // The set changed or went since it was cached; that event brings it back here.
        }
    }
}
