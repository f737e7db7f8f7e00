using System.Text.Json.Nodes;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Apps;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Deployments;

/// <summary>Writes the ReplicaSets of a Deployment, and the events that tell of it.</summary>
internal sealed class ReplicaSetWriter(KubeClient client, OwnWrites<ReplicaSet> writes, EventRecorder events)
{
    public bool AreWritesUnseen(ObjectKey deployment) => writes.AreUnseen(deployment);

    /// <summary>Makes the new set. A name taken by another's set or another template makes the next try use another hash.</summary>
    public async Task<RolloutOutcome> CreateAsync(RolloutOutcome outcome, CancellationToken ct)
    {
        var deployment = outcome.Rollout.Deployment;
        var desired = ReplicaSetBuilder.Build(outcome.Rollout);
        try
        {
            var created = writes.Note(ObjectKey.Of(deployment), await client.CreateAsync(desired, ct).ConfigureAwait(false));
            if (Rollout.Size(created) > 0)
            {
                events.Normal(deployment, "ScalingReplicaSet", $"Scaled up replica set {created.Metadata.Name} from 0 to {Rollout.Size(created)}");
            }

            return Found(outcome, created, isNew: true);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            var known = await client.FindAsync<ReplicaSet>(desired.Metadata.Namespace, desired.Metadata.Name!, ct).ConfigureAwait(false);
            return known is not null && Owners.IsControlledBy(known, deployment) && TemplateHash.AreEqual(known.Spec?.Template, deployment.Spec!.Template)
                ? Found(outcome, known, isNew: false)
                : outcome with { Collisions = (outcome.Collisions ?? 0) + 1 };
        }
        catch (ApiException e) when (Refusals.IsNamespaceTerminating(e))
        {
            return outcome;
        }
        catch (ApiException e) when (!e.IsTransient)
        {
            var message = $"Failed to create new replica set \"{desired.Metadata.Name}\": {e.Message}";
            events.Warning(deployment, "ReplicaSetCreateError", message);
            return outcome with { Step = outcome.Step with { CreateError = message }, Error = e };
        }
    }

    /// <summary>Gives a set a size; null when it has it.</summary>
    public async Task<ReplicaSet?> ScaleAsync(Rollout rollout, SetScale scale, CancellationToken ct)
    {
        if (ReplicaSetBuilder.ScalePatch(scale.Set, scale.Size, rollout.Target) is not { } patch)
        {
            return null;
        }

        var written = await PatchAsync(rollout.Deployment, scale.Set, patch, ct).ConfigureAwait(false);
        var before = Rollout.Size(scale.Set);
        if (before != scale.Size)
        {
            events.Normal(rollout.Deployment, "ScalingReplicaSet", $"Scaled {(scale.Size > before ? "up" : "down")} replica set {scale.Set.Metadata.Name} from {before} to {scale.Size}");
        }

        return written;
    }

    public async Task<ReplicaSet> PatchAsync(Deployment deployment, ReplicaSet set, JsonObject patch, CancellationToken ct) =>
        writes.Note(ObjectKey.Of(deployment), await client.PatchAsync<ReplicaSet>(set.Metadata.Namespace, set.Metadata.Name!, patch, null, ct).ConfigureAwait(false));

    public Task DeleteAsync(ReplicaSet set, CancellationToken ct) => client.DeleteExactlyAsync(set, new DeleteOptions { PropagationPolicy = "Background" }, ct);

    private static RolloutOutcome Found(RolloutOutcome outcome, ReplicaSet set, bool isNew) =>
        outcome with { Rollout = outcome.Rollout with { New = set }, Step = outcome.Step with { HasCreatedSet = isNew } };
}
