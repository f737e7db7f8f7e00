using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Apps;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Deployments;

/// <summary>Moves a Deployment's ReplicaSets one step nearer to its template and size.</summary>
internal sealed class DeploymentReconciler : IReconciler
{
    private readonly KubeClient _client;
    private readonly Informer<Deployment> _deployments;
    private readonly Informer<ReplicaSet> _sets;
    private readonly PodLookup _pods;
    private readonly Claims<Deployment, ReplicaSet> _claims;
    private readonly OwnWrites<Deployment> _writes;
    private readonly ReplicaSetWriter _writer;
    private readonly TimeProvider _time;

    public DeploymentReconciler(ControllerContext context, EventRecorder events)
    {
        _client = context.Client;
        _deployments = context.Informer<Deployment>();
        _sets = context.Informer<ReplicaSet>();
        _pods = context.Pods;
        _claims = new Claims<Deployment, ReplicaSet>(context.Client);
        _writes = new OwnWrites<Deployment>(_deployments, context.Time);
        _writer = new ReplicaSetWriter(context.Client, new OwnWrites<ReplicaSet>(_sets, context.Time), events);
        _time = context.Time;
    }

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        var deployment = _deployments.Get(key.Namespace, key.Name);
        if (deployment?.Spec?.Template is null)
        {
            return ReconcileResult.Done;
        }

        if (_writes.AreUnseen(key) || _writer.AreWritesUnseen(key))
        {
            return ReconcileResult.After(OwnWrites<Deployment>.Lag);
        }

        var rollout = await EnsureClaimsAsync(deployment, ct).ConfigureAwait(false);
        var outcome = new RolloutOutcome(rollout, default, deployment.Status?.CollisionCount);
        if (deployment.Metadata.DeletionTimestamp is null)
        {
            outcome = await EnsureNewSetIsCurrentAsync(outcome, ct).ConfigureAwait(false);
            outcome = outcome.Rollout.IsPaused || outcome.Rollout.IsScaling
                ? await EnsureProportionsAsync(outcome, ct).ConfigureAwait(false)
                : await EnsureRolloutAsync(outcome, ct).ConfigureAwait(false);
            outcome = await EnsureRevisionAsync(key, outcome, ct).ConfigureAwait(false);
            await EnsureHistoryAsync(outcome.Rollout, ct).ConfigureAwait(false);
        }

        return await EnsureStatusAsync(key, outcome, ct).ConfigureAwait(false);
    }

    private async Task<Rollout> EnsureClaimsAsync(Deployment deployment, CancellationToken ct)
    {
        var candidates = _sets.ByIndex(DeploymentController.OwnerIndex, deployment.Metadata.Uid!)
            .Concat(_sets.ByIndex(DeploymentController.OrphanIndex, deployment.Metadata.Namespace ?? ""));
        return Rollout.Of(deployment, await _claims.ClaimAsync(deployment, deployment.Spec!.Selector!, candidates, ct).ConfigureAwait(false));
    }

    private async Task<RolloutOutcome> EnsureNewSetIsCurrentAsync(RolloutOutcome outcome, CancellationToken ct)
    {
        if (outcome.Rollout.New is null || ReplicaSetBuilder.RefreshPatch(outcome.Rollout) is not { } patch)
        {
            return outcome;
        }

        return outcome.With(await _writer.PatchAsync(outcome.Rollout.Deployment, outcome.Rollout.New, patch, ct).ConfigureAwait(false));
    }

    private async Task<RolloutOutcome> EnsureProportionsAsync(RolloutOutcome outcome, CancellationToken ct) =>
        await ScaleAsync(outcome, RolloutPlan.ForScaling(outcome.Rollout), ct).ConfigureAwait(false);

    private Task<RolloutOutcome> EnsureRolloutAsync(RolloutOutcome outcome, CancellationToken ct)
    {
        outcome = outcome with { Step = outcome.Step with { HasRolledOut = true } };
        return outcome.Rollout.IsRecreate ? RecreateAsync(outcome, ct) : RollAsync(outcome, ct);
    }

    private async Task<RolloutOutcome> RollAsync(RolloutOutcome outcome, CancellationToken ct)
    {
        outcome = await EnsureNewSetAsync(outcome, ct).ConfigureAwait(false);
        return outcome.Rollout.New is null ? outcome : await ScaleAsync(outcome, RolloutPlan.ForRolling(outcome.Rollout), ct).ConfigureAwait(false);
    }

    private async Task<RolloutOutcome> RecreateAsync(RolloutOutcome outcome, CancellationToken ct)
    {
        var shrinking = RolloutPlan.ForRecreate(outcome.Rollout);
        if (shrinking.Count > 0)
        {
            return await ScaleAsync(outcome, shrinking, ct).ConfigureAwait(false);
        }

        if (outcome.Rollout.Old.SelectMany(_pods.OwnedBy).Any(p => !PodState.IsTerminal(p)))
        {
            return outcome;
        }

        outcome = await EnsureNewSetAsync(outcome, ct).ConfigureAwait(false);
        return outcome.Rollout.New is null ? outcome : await ScaleAsync(outcome, [new SetScale(outcome.Rollout.New, outcome.Rollout.Target.Replicas)], ct).ConfigureAwait(false);
    }

    private async Task<RolloutOutcome> EnsureNewSetAsync(RolloutOutcome outcome, CancellationToken ct) =>
        outcome.Rollout.New is null ? await _writer.CreateAsync(outcome, ct).ConfigureAwait(false) : outcome;

    private async Task<RolloutOutcome> ScaleAsync(RolloutOutcome outcome, IReadOnlyList<SetScale> scales, CancellationToken ct)
    {
        foreach (var scale in scales)
        {
            if (await _writer.ScaleAsync(outcome.Rollout, scale, ct).ConfigureAwait(false) is { } written)
            {
                outcome = outcome.With(written);
            }
        }

        return outcome;
    }

    // The Deployment shows the revision of its new set; the status that follows builds on the version this writes.
    private async Task<RolloutOutcome> EnsureRevisionAsync(ObjectKey key, RolloutOutcome outcome, CancellationToken ct)
    {
        var deployment = outcome.Rollout.Deployment;
        if (outcome.Rollout.New is null || Revisions.Of(deployment) == Revisions.Of(outcome.Rollout.New))
        {
            return outcome;
        }

        var revision = outcome.Rollout.New.Metadata.Annotations![Revisions.Revision];
        var patch = new System.Text.Json.Nodes.JsonObject
        {
            ["metadata"] = new System.Text.Json.Nodes.JsonObject
            {
                ["uid"] = deployment.Metadata.Uid,
                ["annotations"] = new System.Text.Json.Nodes.JsonObject { [Revisions.Revision] = revision },
            },
        };
        var written = await _client.PatchAsync<Deployment>(key.Namespace, key.Name, patch, null, ct).ConfigureAwait(false);

        // A spec changed meanwhile must not be reported as observed: keep to the generation this reconcile worked on.
        written.Metadata.Generation = deployment.Metadata.Generation;
        return outcome with { Rollout = outcome.Rollout with { Deployment = _writes.Note(key, written) } };
    }

    private async Task EnsureHistoryAsync(Rollout rollout, CancellationToken ct)
    {
        if (rollout.IsPaused || DeploymentStatusMath.IsComplete(rollout.Deployment, rollout.Deployment.Status))
        {
            foreach (var set in RolloutPlan.Outdated(rollout))
            {
                await _writer.DeleteAsync(set, ct).ConfigureAwait(false);
            }
        }
    }

    private async Task<ReconcileResult> EnsureStatusAsync(ObjectKey key, RolloutOutcome outcome, CancellationToken ct)
    {
        var deployment = outcome.Rollout.Deployment;
        var status = DeploymentStatusMath.Calculate(outcome.Rollout, outcome.Step, outcome.Collisions, _time.GetUtcNow());
        if (!JsonSame.As(status, deployment.Status))
        {
            try
            {
                _writes.Note(key, await _client.UpdateStatusAsync(new Deployment { Metadata = deployment.Metadata, Spec = deployment.Spec, Status = status }, ct).ConfigureAwait(false));
            }
            catch (ApiException e) when (e.IsNotFound || e.IsConflict)
            {
                // The Deployment changed or went since it was cached; that event brings it back here.
            }
        }

        if (outcome.Error is not null)
        {
            throw outcome.Error;
        }

        return new ReconcileResult(DeploymentStatusMath.UntilDeadline(deployment, status, _time.GetUtcNow()));
    }
}
