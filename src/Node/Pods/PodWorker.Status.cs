using Sealos.Kinds.Core;
using Sealos.Node.Containerd;
using Sealos.Node.Pods.Config;

namespace Sealos.Node.Pods;

internal sealed partial class PodWorker
{
    private PodView View(Pod pod, RuntimePod runtime) => new()
    {
        Pod = pod,
        Runtime = runtime,
        NodeIp = _tools.Node.Ip,
        Now = _tools.Time.GetUtcNow(),
        Waiting = new Dictionary<string, WaitingReason>(_waiting),
        IsReady = c => _tools.Probes.IsReady(pod.Uid, c.RequiredName),
        IsStarted = c => _tools.Probes.IsStarted(pod.Uid, c.RequiredName),
        Failure = _failure,
        Sizes = _resizer.Sizes,
        HasUnifiedCgroups = _tools.Node.HasUnifiedCgroups,
        CanMountReadOnly = _tools.Node.Abilities().CanMountReadOnly(HandlerOf(pod)),
    };

    private void Report(Pod pod, RuntimePod runtime) => Report(View(pod, runtime));

    // Step 6 of a pod: what is true now is told, whoever woke us.
    private void Report(PodView view)
    {
        var newest = view with { Pod = _writer.Newest(view.Pod) };
        Snapshot = new Pod { Metadata = newest.Pod.Metadata, Spec = newest.Pod.Spec, Status = PodStatusBuilder.Build(newest) };
        _writer.Post(newest, _stop.Token);
    }

    private async Task<PodFailure?> FindFailureAsync(Pod pod, RuntimePod runtime, CancellationToken ct)
    {
        if (pod.IsFinished || pod.IsDeleting)
        {
            return null;
        }

        if (await FindRefusalAsync(pod, runtime, ct).ConfigureAwait(false) is { } refusal)
        {
            _tools.Api.Warning(pod, refusal.Reason, refusal.Message);
            return refusal with { Message = "Pod was rejected: " + refusal.Message };
        }

        if (DeadlineOf(pod) is { } deadline && deadline <= _tools.Time.GetUtcNow())
        {
            const string Message = "Pod was active on the node longer than the specified deadline";
            _tools.Api.Normal(pod, "DeadlineExceeded", Message);
            return new PodFailure("DeadlineExceeded", Message);
        }

        return null;
    }

    // Asked once, when the pod comes; what has begun already is another's matter.
    private async Task<PodFailure?> FindRefusalAsync(Pod pod, RuntimePod runtime, CancellationToken ct)
    {
        if (!_isLetIn && pod.Status?.StartTime is null && runtime.Sandboxes.Count == 0 && await _tools.Admit(pod, ct).ConfigureAwait(false) is { } refusal)
        {
            return refusal;
        }

        _isLetIn = true;
        return Sysctls.FindForbidden(pod, _tools.Node.AllowedSysctls) is { } forbidden ? new PodFailure("SysctlForbidden", forbidden) : null;
    }

    private static DateTimeOffset? DeadlineOf(Pod pod) =>
        pod.Spec?.ActiveDeadlineSeconds is { } seconds && pod.Status?.StartTime is { } start ? start.AddSeconds(seconds) : null;

    private void WakeAtDeadline(Pod pod)
    {
        if (DeadlineOf(pod) is { } deadline)
        {
            WakeAfter(deadline - _tools.Time.GetUtcNow());
        }
    }

    // The runtime that the pod's class names; null when there is no such class.
    private string? HandlerOf(Pod pod) => pod.Spec?.RuntimeClassName is { Length: > 0 } name ? _tools.Node.FindHandler(name) : "";

    // What runs stays in the runtime that it was started in, even when its class is gone.
    private bool IsInGvisor(Pod pod) =>
        (_tools.Runtime.Get(pod.Uid).Sandbox is { IsReady: true } sandbox ? sandbox.Handler : HandlerOf(pod)) == ContainerdConfig.GvisorHandler;

    // A pod that asks for what this node cannot do waits, and says for what.
    private bool IsRefused(Pod pod)
    {
        var fields = UnsupportedFields.Find(pod, HandlerOf(pod), _tools.Node.HasAppArmor, _tools.Node.Abilities());
        if (fields.Count == 0)
        {
            return false;
        }

        var message = string.Join("; ", fields);
        foreach (var container in pod.InitContainers.Concat(pod.Containers).Concat(pod.EphemeralContainers))
        {
            _waiting[container.RequiredName] = new WaitingReason(ContainerStartException.ConfigError, message);
        }

        if (_told != message)
        {
            _told = message;
            _tools.Api.Warning(pod, "Unsupported", message);
        }

        return true;
    }

    // Nothing of the pod can be started yet: every container says why it is still being created.
    private void Hold(Pod pod, string message)
    {
        foreach (var container in pod.InitContainers.Concat(pod.Containers))
        {
            _waiting[container.RequiredName] = new WaitingReason(ContainerStatuses.InitialReason(pod), message);
        }
    }

    private void Unhold()
    {
        foreach (var name in _waiting.Where(w => w.Value.Reason is ContainerStatuses.Creating or ContainerStatuses.Initializing).Select(w => w.Key).ToList())
        {
            _waiting.Remove(name);
        }
    }

    private void SyncProbes(Pod pod, RuntimePod runtime)
    {
        foreach (var container in pod.InitContainers.Where(c => c.IsSidecar).Concat(pod.Containers))
        {
            if (container.LivenessProbe is null && container.ReadinessProbe is null && container.StartupProbe is null)
            {
                continue;
            }

            var running = runtime.Active(container.RequiredName) is { IsRunning: true } active ? active : null;
            var known = _probed.GetValueOrDefault(container.RequiredName);
            if (known == running?.Id)
            {
                continue;
            }

            if (running is null)
            {
                _probed.Remove(container.RequiredName);
                _tools.Probes.Stop(pod.Uid, container.RequiredName);
            }
            else
            {
                _probed[container.RequiredName] = running.Id;
                var startedAt = running.StartedAt ?? _tools.Time.GetUtcNow();
                _tools.Probes.Start(pod, container, running.Id, pod.IsHostNetwork ? _tools.Node.Ip : runtime.Ip, startedAt);
            }
        }
    }
}
