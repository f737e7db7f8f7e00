using System.Net;
using Sealos.Kinds.Core;
using Sealos.Node.Cri;
using Sealos.Node.Pods.Config;
using Sealos.Node.Pods.Resizing;
using Sealos.Node.Volumes;
using V1 = Sealos.Node.Cri.Messages;

namespace Sealos.Node.Pods;

internal sealed partial class PodWorker
{
    private readonly Dictionary<string, WaitingReason> _waiting = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _probed = new(StringComparer.Ordinal);
    private PodFailure? _failure;
    private bool _isLetIn;
    private bool _isTerminated;
    private bool _isDeleted;
    private bool _isKept;
    private string _told = "";
    private string? _admitted;

    private async Task<bool> SyncAsync(Pod pod, bool isRemoved, CancellationToken ct)
    {
        var runtime = _tools.Runtime.Get(pod.Uid);
        if (_failure is null)
        {
            // Meanwhile the machine may have found a reason of its own.
            var found = await FindFailureAsync(pod, runtime, ct).ConfigureAwait(false);
            lock (_lock)
            {
                _failure ??= found;
            }
        }

        if (isRemoved || pod.IsDeleting || PodStatusBuilder.IsOver(View(pod, runtime)))
        {
            return await TerminateAsync(pod, runtime, isRemoved, ct).ConfigureAwait(false);
        }

        WakeAtDeadline(pod);
        if (IsRefused(pod))
        {
            Report(pod, runtime);
            return false;
        }

        // From here on the pod is what it was given, which may be less than it asks for.
        pod = _resizer.Allocate(pod, runtime);
        WakeForRoom();
        SyncProbes(pod, runtime);
        Report(pod, runtime);

        // Step 4 of a pod: what should be is compared with what is.
        var resize = _resizer.Plan(pod, runtime);
        var actions = PodActions.Compute(pod, runtime, _tools.Findings).WithRestarts(resize);
        if (!await ResizeAsync(pod, resize, ct).ConfigureAwait(false))
        {
            WakeAfter(LastRetry);
        }

        if (actions.IsEmpty)
        {
            await KeepAsync(pod, ct).ConfigureAwait(false);
            await AdmitAsync(pod, runtime, ct).ConfigureAwait(false);
            return false;
        }

        try
        {
            await ApplyAsync(pod, runtime, actions, ct).ConfigureAwait(false);
        }
        finally
        {
            // Even what was interrupted may have changed the runtime.
            runtime = await _tools.Runtime.RefreshAsync(pod.Uid, _stop.Token).ConfigureAwait(false);
            SyncProbes(pod, runtime);
            Report(pod, runtime);
        }

        ContinueIfNeeded(pod, runtime);
        return false;
    }

    // Room that others give back is not announced to anybody.
    private void WakeForRoom()
    {
        if (_resizer.IsWaiting)
        {
            WakeAfter(LastRetry);
        }
    }

    // Whether running containers have what they were given; what the kernel refuses now it may take later.
    private async Task<bool> ResizeAsync(Pod pod, ResizePlan plan, CancellationToken ct)
    {
        if (plan.IsEmpty)
        {
            return true;
        }

        try
        {
            await _resizer.ApplyAsync(pod, plan, ct).ConfigureAwait(false);
            Wake();
            return true;
        }
        catch (Exception e) when (e is CriException or IOException or UnauthorizedAccessException)
        {
            LogNotResized(_tools.Logger, pod.Namespace, pod.Name, e.Message);
            return false;
        }
    }

    // One step may make the next one possible; what waits for a pause has set the alarm already.
    private void ContinueIfNeeded(Pod pod, RuntimePod runtime)
    {
        var next = PodActions.Compute(pod, runtime, _tools.Findings);
        var isWaiting = next.InitToStart.Concat(next.ToStart).Concat(next.EphemeralToStart).All(c => _waiting.ContainsKey(c.RequiredName));
        var isEnded = PodStatusBuilder.IsOver(View(pod, runtime));
        if (isEnded || next.CreateSandbox || next.Kills.Count > 0 || (next.IsStarting && !isWaiting))
        {
            Wake();
        }
    }

    // Step 5 of a pod: what differs is put right.
    private async Task ApplyAsync(Pod pod, RuntimePod runtime, PodActions actions, CancellationToken ct)
    {
        if (actions.KillPod)
        {
            if (actions.CreateSandbox)
            {
                _tools.Api.Normal(pod, "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
            }

            await _tools.Killer.KillPodAsync(pod, runtime, pod.Grace, ct).ConfigureAwait(false);
        }

        await Task.WhenAll(actions.Kills.Select(k => _tools.Killer.KillAsync(pod, k, GraceOf(pod, k), ct))).ConfigureAwait(false);
        if (actions.Kills.Count > 0 || actions.KillPod)
        {
            runtime = await _tools.Runtime.RefreshAsync(pod.Uid, ct).ConfigureAwait(false);
        }

        if (!actions.IsStarting || ArePaused(pod, runtime, actions))
        {
            return;
        }

        var volumes = await PrepareAsync(pod, ct).ConfigureAwait(false);
        var sandbox = _tools.Sandboxes.Build(pod, actions.Attempt);
        if (actions.CreateSandbox)
        {
            runtime = await CreateSandboxAsync(pod, sandbox, ct).ConfigureAwait(false);
        }

        var context = new StartContext
        {
            Pod = pod,
            Runtime = runtime,
            SandboxId = runtime.Sandbox?.Id ?? throw new CriException("RunPodSandbox", GrpcCode.NotFound, "the sandbox is gone again"),
            Sandbox = sandbox,
            PodIp = pod.IsHostNetwork ? _tools.Node.Ip : runtime.Ip,
            Volumes = volumes,
            Backoff = _backoff,
            CanMountReadOnly = _tools.Node.Abilities().CanMountReadOnly(HandlerOf(pod)),
        };
        await AdmitAsync(pod, runtime, ct).ConfigureAwait(false);
        await StartAllAsync(context, actions, ct).ConfigureAwait(false);
    }

    // A process must never run before what its network policies forbid is forbidden; a start that was cut off asks again.
    private async Task AdmitAsync(Pod pod, RuntimePod runtime, CancellationToken ct)
    {
        if (_admitted != runtime.Sandbox?.Id && !pod.IsHostNetwork && IPAddress.TryParse(runtime.Ip, out var address))
        {
            await _tools.Network.AdmitAsync(pod, address, ct).ConfigureAwait(false);
            _admitted = runtime.Sandbox?.Id;
        }
    }

    private async Task<IReadOnlyDictionary<string, string>> PrepareAsync(Pod pod, CancellationToken ct)
    {
        try
        {
            _tools.Cgroups.Ensure(pod, IsInGvisor(pod));
            _tools.Directories.Create(pod);
            var volumes = await _tools.Volumes.SetUpAsync(pod, ct).ConfigureAwait(false);
            Unhold();
            return volumes;
        }
        catch (VolumeException e)
        {
            _tools.Api.Warning(pod, e.Reason, e.Message);
            Hold(pod, e.Message);
            throw;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _tools.Api.Warning(pod, "FailedCreatePodContainer", $"unable to ensure pod container exists: {e.Message}");
            Hold(pod, e.Message);
            throw;
        }
    }

    // What a former server made for a pod must be known to this one; a pod that runs is not stopped for it.
    private async Task KeepAsync(Pod pod, CancellationToken ct)
    {
        try
        {
            if (!_isKept)
            {
                _tools.Cgroups.Ensure(pod, IsInGvisor(pod));
                _isKept = true;
            }

            await _tools.Volumes.SetUpAsync(pod, ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is VolumeException or IOException or UnauthorizedAccessException)
        {
            LogNotKept(_tools.Logger, pod.Namespace, pod.Name, e.Message);
        }
    }

    private async Task<RuntimePod> CreateSandboxAsync(Pod pod, V1.PodSandboxConfig sandbox, CancellationToken ct)
    {
        try
        {
            var handler = HandlerOf(pod) ?? throw new CriException("RunPodSandbox", GrpcCode.NotFound, $"runtimeclass.node.k8s.io \"{pod.Spec?.RuntimeClassName}\" not found");
            await _tools.Starter.CreateSandboxAsync(sandbox, handler, ct).ConfigureAwait(false);
        }
        catch (CriException e)
        {
            var message = $"Failed to create pod sandbox: rpc error: code = {e.Code} desc = {e.Message}";
            _tools.Api.Warning(pod, "FailedCreatePodSandBox", message);
            Hold(pod, message);
            throw;
        }

        var runtime = await _tools.Runtime.RefreshAsync(pod.Uid, ct).ConfigureAwait(false);
        Unhold();
        Report(pod, runtime);
        return runtime;
    }

    private static TimeSpan GraceOf(Pod pod, Kill kill)
    {
        var container = pod.Containers.Concat(pod.InitContainers).FirstOrDefault(c => c.Name == kill.Container.Name);
        var probe = kill.Probe switch { "liveness" => container?.LivenessProbe, "startup" => container?.StartupProbe, _ => null };
        return probe?.TerminationGracePeriodSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : pod.Grace;
    }
}
