using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.DaemonSets;

/// <summary>Keeps one pod on every node that a DaemonSet is for.</summary>
internal sealed class DaemonSetReconciler : IReconciler
{
    // Many nodes may come at once; each reconcile makes no more than this.
    private const int Burst = 250;

    private readonly ControllerContext _context;
    private readonly EventRecorder _events;
    private readonly Informer<DaemonSet> _sets;
    private readonly Informer<Node> _nodes;
    private readonly RevisionStore<DaemonSet> _revisions;
    private readonly OwnWrites<Pod> _writes;
    private readonly OwnWrites<DaemonSet> _statuses;
    private readonly Claims<DaemonSet, Pod> _claims;
    private readonly PodControl<DaemonSet> _control;
    private readonly Backoff _failures;

    public DaemonSetReconciler(ControllerContext context, EventRecorder events)
    {
        _context = context;
        _events = events;
        _sets = context.Informer<DaemonSet>();
        _nodes = context.Informer<Node>();
        _revisions = new RevisionStore<DaemonSet>(context);
        _writes = new OwnWrites<Pod>(context.Informer<Pod>(), context.Time);
        _statuses = new OwnWrites<DaemonSet>(_sets, context.Time);
        _claims = new Claims<DaemonSet, Pod>(context.Client);
        _control = new PodControl<DaemonSet>(context.Client, _writes, events);
        _failures = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(15), context.Time);
    }

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        var set = _sets.Get(key.Namespace, key.Name);
        if (set?.Spec?.Template is null || set.Metadata.DeletionTimestamp is not null || SelectsAll(set))
        {
            return ReconcileResult.Done;
        }

        if (_writes.AreUnseen(key) || _statuses.AreUnseen(key) || _revisions.AreWritesUnseen(key))
        {
            return ReconcileResult.After(OwnWrites<Pod>.Lag);
        }

        var pods = await _claims.ClaimAsync(set, set.Spec.Selector!, _context.Pods.OwnedOrOrphaned(set), ct).ConfigureAwait(false);
        var revisions = await _revisions.EnsureAsync(key, Revised(set), ct).ConfigureAwait(false);
        var world = Look(set, pods, revisions.Update);
        var (failure, again) = await EnsurePodsAsync(key, world, ct).ConfigureAwait(false);
        await EnsureHistoryAsync(set, revisions, pods, ct).ConfigureAwait(false);
        await EnsureStatusAsync(key, world, revisions.Collisions, ct).ConfigureAwait(false);
        if (failure is not null)
        {
            // Rethrown only now, so that the status tells of it while the queue backs off.
            throw failure;
        }

        return new ReconcileResult(Sooner(again, PodState.UntilNextAvailable(pods, set.Spec.MinReadySeconds ?? 0, world.Now)));
    }

    private bool SelectsAll(DaemonSet set)
    {
        if (set.Spec!.Selector is { MatchLabels: { Count: > 0 } } or { MatchExpressions: { Count: > 0 } })
        {
            return false;
        }

        _events.Warning(set, "SelectingAll", "This daemon set is selecting all pods. A non-empty selector is required.");
        return true;
    }

    private static RevisedTemplate<DaemonSet> Revised(DaemonSet set) => new(set, set.Spec!.Selector!, set.Spec.Template!, DaemonPods.HashLabel, set.Status?.CollisionCount);

    private static string HashOf(ControllerRevision revision) => revision.Metadata.Labels?.GetValueOrDefault(DaemonPods.HashLabel) ?? revision.Metadata.Name!;

    private DaemonWorld Look(DaemonSet set, List<Pod> pods, ControllerRevision update)
    {
        var tolerations = DaemonPods.Tolerations(set.Spec!.Template!.Spec ?? new PodSpec());
        var nodes = _nodes.List().Select(n => (n.Metadata.Name!, DaemonFit.Of(set, tolerations, n))).ToList();
        return new DaemonWorld(set, nodes, DaemonWorld.ByNode(pods), HashOf(update), _context.Time.GetUtcNow())
        {
            IsLeaving = pod => pod.Metadata.DeletionTimestamp is not null || _writes.IsDeleted(pod),
        };
    }

    // An update goes on only when each node has what it should have otherwise.
    private async Task<(Exception? Failure, TimeSpan? Again)> EnsurePodsAsync(ObjectKey key, DaemonWorld world, CancellationToken ct)
    {
        var plan = DaemonPlacement.Make(world);
        var again = DeleteEnded(world.Set, plan);
        if (plan.Create.Count == 0 && plan.Delete.Count == 0)
        {
            plan = DaemonRollout.Make(world);
        }

        var create = plan.Create.Take(Burst).ToList();
        var (_, failed) = await _control.CreateAsync(key, world.Set, create.Count, i => DaemonPods.Build(world.Set, world.Hash, create[i]), ct).ConfigureAwait(false);
        var undeleted = await _control.DeleteAsync(world.Set, plan.Delete.Take(Burst), ct).ConfigureAwait(false);
        return (failed ?? undeleted, again);
    }

    // A pod that the node refuses fails as soon as it is made; without a pause the two would go on like that forever.
    private TimeSpan? DeleteEnded(DaemonSet set, DaemonPlan plan)
    {
        TimeSpan? again = null;
        foreach (var (node, pod) in plan.Failed)
        {
            var key = $"{set.Metadata.Uid}/{set.Status?.ObservedGeneration ?? 0}/{node}";
            if (_failures.Left(key) is { } left)
            {
                again = Sooner(again, left);
                continue;
            }

            _failures.Next(key);
            _events.Warning(set, "FailedDaemonPod", $"Found failed daemon pod {ObjectKey.Of(pod)} on node {node}, will try to kill it");
            plan.Delete.Add(pod);
        }

        foreach (var (node, pod) in plan.Succeeded)
        {
            _events.Normal(set, "SucceededDaemonPod", $"Found succeeded daemon pod {ObjectKey.Of(pod)} on node {node}, will try to delete it");
            plan.Delete.Add(pod);
        }

        return again;
    }

    private Task EnsureHistoryAsync(DaemonSet set, KnownRevisions revisions, List<Pod> pods, CancellationToken ct)
    {
        var live = pods.Select(p => p.Metadata.Labels?.GetValueOrDefault(DaemonPods.HashLabel)).ToHashSet();
        var old = revisions.All.Where(r => r.Metadata.Name != revisions.Update.Metadata.Name).ToList();
        var limit = set.Spec!.RevisionHistoryLimit ?? 10;

        // Those of running pods count, but stay: an update needs to tell them apart.
        var surplus = Math.Max(0, old.Count - limit);
        return _revisions.DeleteAsync(old.Where(r => !live.Contains(HashOf(r))).OrderBy(r => r.Revision ?? 0).Take(surplus), ct);
    }

    private async Task EnsureStatusAsync(ObjectKey key, DaemonWorld world, int? collisions, CancellationToken ct)
    {
        var status = DaemonStatusMath.Calculate(world, collisions);
        if (JsonSame.As(status, world.Set.Status))
        {
            return;
        }

        try
        {
            var set = new DaemonSet { Metadata = world.Set.Metadata, Spec = world.Set.Spec, Status = status };
            _statuses.Note(key, await _context.Client.UpdateStatusAsync(set, ct).ConfigureAwait(false));
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // The set changed or went since it was cached; that event brings it back here.
        }
    }

    private static TimeSpan? Sooner(TimeSpan? a, TimeSpan? b) => a is null || b < a ? b ?? a : a;
}
