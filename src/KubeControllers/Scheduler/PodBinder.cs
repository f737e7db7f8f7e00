using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Scheduler;

/// <summary>Writes what the scheduler decided.</summary>
internal sealed class PodBinder(KubeClient client, EventRecorder events, TimeProvider time)
{
    private const string Scheduled = "PodScheduled";

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

    /// <summary>Tells why a pod waits: an event each time, and a condition where it says something new.</summary>
    public async Task ReportAsync(Pod pod, string reason, string message, CancellationToken ct)
    {
        if (reason == "Unschedulable")
        {
            events.Warning(pod, "FailedScheduling", message);
        }

        var known = PodState.Condition(pod, Scheduled);
        if (known is { Status: "False" } && known.Reason == reason && known.Message == message)
        {
            return;
        }

        var status = pod.Status is null ? new PodStatus() : KubeJson.Clone(pod.Status);
        status.Conditions = [.. (status.Conditions ?? []).Where(c => c.Type != Scheduled)];
        status.Conditions.Add(new PodCondition
        {
            Type = Scheduled,
            Status = "False",
            Reason = reason,
            Message = message,
            LastTransitionTime = known?.Status == "False" ? known.LastTransitionTime : time.GetUtcNow(),
        });
        try
        {
            await client.UpdateStatusAsync(new Pod { Metadata = pod.Metadata, Spec = pod.Spec, Status = status }, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // Gone or changed meanwhile; if it still waits, the next attempt tells.
        }
    }
}
