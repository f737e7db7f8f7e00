using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Common;
using Sealos.KubeControllers.Nodes;
using Sealos.KubeControllers.Volumes;

namespace Sealos.KubeControllers.Scheduler;

/// <summary>Writes what the scheduler decided.</summary>
internal sealed class PodBinder(KubeClient client, EventRecorder events, TimeProvider time)
{
    private const string Scheduled = "PodScheduled";
    private static readonly RemovalReason Preempted = new("PreemptionByScheduler", $"{PodScheduler.Name}: preempting to accommodate a higher priority pod");

    private readonly PodRemoval _removal = new(client, time);

    /// <summary>Binds a pod; false when it is gone or was bound by somebody else, so that nothing is left to do.</summary>
    public async Task<bool> BindAsync(Pod pod, string node, CancellationToken ct)
    {
        var binding = new Binding
        {
            ApiVersion = Binding.KubeKind.ApiVersion,
            Kind = Binding.KubeKind.Kind,
            Metadata = new ObjectMeta { Name = pod.Metadata.Name, Namespace = pod.Metadata.Namespace, Uid = pod.Metadata.Uid },
            Target = new ObjectReference { ApiVersion = Node.KubeKind.ApiVersion, Kind = Node.KubeKind.Kind, Name = node },
        };
        try
        {
            await client.PostAsync<Binding, JsonNode>(Pod.KubeKind.Path(pod.Metadata.Namespace, pod.Metadata.Name, "binding"), binding, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            return false;
        }

        events.Normal(pod, "Scheduled", $"Successfully assigned {pod.Metadata.Namespace}/{pod.Metadata.Name} to {node}");
        return true;
    }

    /// <summary>Writes which volumes a pod's claims get on the node that was chosen, or that theirs are to be made there.</summary>
    public async Task ChooseAsync(Placement placement, CancellationToken ct)
    {
        foreach (var (claim, volume) in placement.Claims)
        {
            if (volume is not null && VolumeBinder.Reserved(volume, claim) is { } reserved)
            {
                await client.UpdateAsync(reserved, ct).ConfigureAwait(false);
            }
            else if (volume is null)
            {
                var changed = KubeJson.Clone(claim);
                (changed.Metadata.Annotations ??= [])[StorageNames.SelectedNode] = placement.Node!;
                await client.UpdateAsync(changed, ct).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Removes a pod that must give way to another, and tells both of them.</summary>
    public async Task PreemptAsync(Pod victim, Pod pod, string node, CancellationToken ct)
    {
        var current = await client.FindAsync<Pod>(victim.Metadata.Namespace, victim.Metadata.Name!, ct).ConfigureAwait(false);
        if (current is { Metadata.DeletionTimestamp: null } && current.Metadata.Uid == victim.Metadata.Uid)
        {
            await _removal.RemoveAsync(current, Preempted, isGone: false, ct).ConfigureAwait(false);
            events.Normal(victim, "Preempted", $"Preempted by pod {pod.Metadata.Uid} on node {node}");
        }
    }

    /// <summary>Tells why a pod waits: an event each time, and a condition where it says something new.</summary>
    public async Task ReportAsync(Pod pod, string reason, Placement placement, CancellationToken ct)
    {
        if (reason == "Unschedulable")
        {
            events.Warning(pod, "FailedScheduling", placement.Message!);
        }

        for (var current = pod; current is not null && PodState.NodeName(current) is null && !await TryTellAsync(current, reason, placement, ct).ConfigureAwait(false);)
        {
            current = await client.FindAsync<Pod>(pod.Metadata.Namespace, pod.Metadata.Name!, ct).ConfigureAwait(false) is { } read && read.Metadata.Uid == pod.Metadata.Uid ? read : null;
        }
    }

    // False when the pod has changed since it was read.
    private async Task<bool> TryTellAsync(Pod pod, string reason, Placement placement, CancellationToken ct)
    {
        var known = PodState.Condition(pod, Scheduled);
        var nominated = placement.Preemption?.Node ?? pod.Status?.NominatedNodeName;
        if (known is { Status: "False" } && known.Reason == reason && known.Message == placement.Message && nominated == pod.Status?.NominatedNodeName)
        {
            return true;
        }

        var status = pod.Status is null ? new PodStatus() : KubeJson.Clone(pod.Status);
        status.NominatedNodeName = nominated;
        status.Conditions = [.. (status.Conditions ?? []).Where(c => c.Type != Scheduled)];
        status.Conditions.Add(new PodCondition
        {
            Type = Scheduled,
            Status = "False",
            Reason = reason,
            Message = placement.Message,
            LastTransitionTime = known?.Status == "False" ? known.LastTransitionTime : time.GetUtcNow(),
        });
        try
        {
            await client.UpdateStatusAsync(new Pod { Metadata = pod.Metadata, Spec = pod.Spec, Status = status }, ct).ConfigureAwait(false);
            return true;
        }
        catch (ApiException e) when (e.IsConflict)
        {
            return false;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return true;
        }
    }
}
