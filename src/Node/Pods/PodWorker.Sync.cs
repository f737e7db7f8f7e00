using Sealos.Kinds.Core;
using Sealos.Node.Cri;
using Sealos.Node.Pods.Config;
using Sealos.Node.Volumes;
using V1 = Sealos.Node.Cri.Messages;

namespace Sealos.Node.Pods;

internal sealed partial class PodWorker
{
    // After a failed pull the pod shows why for this long before it says that it waits.
    private static readonly TimeSpan PullFailureShown = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, WaitingReason> _waiting = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _pauses = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _probed = new(StringComparer.Ordinal);
    private PodFailure? _failure;
    private bool _isTerminated;
    private bool _isDeleted;
    private string _told = "";

    private async Task<bool> SyncAsync(Pod pod, bool isRemoved, CancellationToken ct)
    {
        var runtime = _tools.Runtime.Get(pod.Uid);
        _failure ??= FindFailure(pod);
        if (isRemoved || pod.IsDeleting || _failure is not null || PodStatusBuilder.Build(View(pod, runtime)).Phase is PodPhase.Succeeded or PodPhase.Failed)
        {
            return await TerminateAsync(pod, runtime, isRemoved, ct).ConfigureAwait(false);
        }

        WakeAtDeadline(pod);
        if (IsRefused(pod))
        {
            Report(pod, runtime);
            return false;
        }

        SyncProbes(pod, runtime);
        Report(pod, runtime);

        // Step 4 of a pod: what should be is compared with what is.
        var actions = PodActions.Compute(pod, runtime, _tools.Findings);
        if (actions.IsEmpty)
        {
            await KeepVolumesAsync(pod, ct).ConfigureAwait(false);
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

    // One step may make the next one possible; what waits for a pause has set the alarm already.
    private void ContinueIfNeeded(Pod pod, RuntimePod runtime)
    {
        var next = PodActions.Compute(pod, runtime, _tools.Findings);
        var isWaiting = next.InitToStart.Concat(next.ToStart).Concat(next.EphemeralToStart).All(c => _waiting.ContainsKey(c.RequiredName));
        var isEnded = PodStatusBuilder.Build(View(pod, runtime)).Phase is PodPhase.Succeeded or PodPhase.Failed;
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
        };
        await StartAllAsync(context, actions, ct).ConfigureAwait(false);
    }

    private async Task StartAllAsync(StartContext context, PodActions actions, CancellationToken ct)
    {
        foreach (var container in actions.EphemeralToStart)
        {
            await TryStartAsync(context, container, ct).ConfigureAwait(false);
        }

        foreach (var container in actions.InitToStart)
        {
            if (!await TryStartAsync(context, container, ct).ConfigureAwait(false))
            {
                return;
            }
        }

        foreach (var container in actions.ToStart)
        {
            await TryStartAsync(context, container, ct).ConfigureAwait(false);
        }
    }

    // Where everything that is to be started must still wait, nothing need be prepared.
    private bool ArePaused(Pod pod, RuntimePod runtime, PodActions actions)
    {
        if (actions.CreateSandbox || actions.EphemeralToStart.Count > 0)
        {
            return false;
        }

        return actions.InitToStart.Concat(actions.ToStart).ToList().TrueForAll(c => IsPaused(pod, runtime, c));
    }

    private bool IsPaused(Pod pod, RuntimePod runtime, Container container)
    {
        // Whatever woke us, a pause is a pause; it was told of when it began.
        if (_pauses.TryGetValue(BackoffKey(container), out var until) && until > _tools.Time.GetUtcNow())
        {
            WakeAfter(until - _tools.Time.GetUtcNow());
            return true;
        }

        if (runtime.Latest(container.RequiredName) is not { State: RunState.Exited, FinishedAt: { } finished } latest
            || _backoff.Find(BackoffKey(container), finished) is not { } pause)
        {
            return false;
        }

        _tools.Api.Warning(pod, "BackOff", $"Back-off restarting failed container {container.Name} in pod {pod.FullName}", latest.Name);
        _waiting[container.RequiredName] = new WaitingReason("CrashLoopBackOff", $"back-off {Seconds(pause.Whole)} restarting failed container={container.Name} pod={pod.FullName}");
        Pause(container, pause.Left);
        return true;
    }

    private void Pause(Container container, TimeSpan time)
    {
        _pauses[BackoffKey(container)] = _tools.Time.GetUtcNow() + time;
        WakeAfter(time);
    }

    private async Task<bool> TryStartAsync(StartContext context, Container container, CancellationToken ct)
    {
        if (IsPaused(context.Pod, context.Runtime, container))
        {
            return false;
        }

        try
        {
            await _tools.Starter.StartAsync(context, container, ct).ConfigureAwait(false);
            _waiting.Remove(container.RequiredName);
            NoteTry(context.Runtime, container);
            return true;
        }
        catch (ContainerStartException e)
        {
            _waiting[container.RequiredName] = new WaitingReason(e.Reason, WithCause(e, container));
            if (e.Reason != "PostStartHookError")
            {
                var isAboutImage = e.Reason is "ErrImagePull" or "ImagePullBackOff" or "InvalidImageName" or "ErrImageNeverPull" or "ImageInspectError";
                _tools.Api.Warning(context.Pod, "Failed", $"Error: {(isAboutImage ? e.Reason : e.Message)}", container.Name);
            }

            Pause(container, PauseAfter(e, context, container));
            return false;
        }
    }

    // While a pull waits, people still want to know why the last one failed.
    private string WithCause(ContainerStartException e, Container container) =>
        e.Reason == "ImagePullBackOff" && _waiting.TryGetValue(container.RequiredName, out var before)
            ? before.Reason switch { "ErrImagePull" => $"{e.Message}: ErrImagePull: {before.Message}", "ImagePullBackOff" => before.Message, _ => e.Message }
            : e.Message;

    private TimeSpan PauseAfter(ContainerStartException e, StartContext context, Container container)
    {
        switch (e.Reason)
        {
            case "ErrImagePull":
                return PullFailureShown;
            case "ImagePullBackOff" when ImageReference.TryParse(container.Image ?? "") is { } image:
                return _backoff.Find("image:" + image.Text)?.Left ?? LastRetry;
            case "RunContainerError" or "PostStartHookError":
                // It was there for a moment: from here on it is a container that keeps failing.
                NoteTry(context.Runtime, container);
                return FirstRetry;
            default:
                return LastRetry;
        }
    }

    private void NoteTry(RuntimePod runtime, Container container)
    {
        if (runtime.Latest(container.RequiredName) is { FinishedAt: { } finished })
        {
            _backoff.Next(BackoffKey(container), finished);
        }
    }

    private async Task<IReadOnlyDictionary<string, string>> PrepareAsync(Pod pod, CancellationToken ct)
    {
        _tools.Cgroups.Ensure(pod);
        _tools.Directories.Create(pod);
        try
        {
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
    }

    // Volumes of pods that a former server made must be known to be kept up to date; a pod that runs is not stopped for them.
    private async Task KeepVolumesAsync(Pod pod, CancellationToken ct)
    {
        try
        {
            await _tools.Volumes.SetUpAsync(pod, ct).ConfigureAwait(false);
        }
        catch (VolumeException e)
        {
            LogVolumesNotKept(_tools.Logger, pod.Namespace, pod.Name, e.Message);
        }
    }

    private async Task<RuntimePod> CreateSandboxAsync(Pod pod, V1.PodSandboxConfig sandbox, CancellationToken ct)
    {
        try
        {
            var handler = pod.Spec?.RuntimeClassName is { Length: > 0 } name ? _tools.Node.RuntimeClasses[name] : "";
            await _tools.Starter.CreateSandboxAsync(sandbox, handler, ct).ConfigureAwait(false);
        }
        catch (CriException e)
        {
            var message = $"Failed to create pod sandbox: {e.Message}";
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

    private static string BackoffKey(Container container) => $"container:{container.Name}:{ContainerConfigBuilder.Hash(container)}";

    private static string Seconds(TimeSpan time) => time < TimeSpan.FromMinutes(1) ? $"{time.TotalSeconds:0}s" : $"{(int)time.TotalMinutes}m{time.Seconds}s";
}
