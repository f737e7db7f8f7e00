using Sealos.Kinds.Core;
using Sealos.Node.Pods.Config;

namespace Sealos.Node.Pods;

internal sealed partial class PodWorker
{
    // After a failed pull the pod shows why for this long before it says that it waits.
    private static readonly TimeSpan PullFailureShown = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, DateTimeOffset> _pauses = new(StringComparer.Ordinal);
    private string _marks = "";

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
        if (_pauses.TryGetValue(BackoffKey(container), out var until) && until > _tools.Time.GetUtcNow() && !IsMended(pod, container))
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

    // What a container could not be configured from may be the pod's own labels and annotations, and those have changed.
    private bool IsMended(Pod pod, Container container) =>
        _waiting.TryGetValue(container.RequiredName, out var waiting) && waiting.Reason == ContainerStartException.ConfigError && Marks(pod) != _marks;

    private static string Marks(Pod pod) => string.Join('\n', (pod.Metadata.Labels ?? []).Concat(pod.Metadata.Annotations ?? []).Select(e => e.Key + "=" + e.Value));

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
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Refuse(context, container, new ContainerStartException("CreateContainerError", e.Message, e));
        }
        catch (ContainerStartException e)
        {
            return Refuse(context, container, e);
        }
    }

    // Always false: the container has not been started.
    private bool Refuse(StartContext context, Container container, ContainerStartException e)
    {
        _waiting[container.RequiredName] = new WaitingReason(e.Reason, WithCause(e, container));
        if (e.Reason != "PostStartHookError")
        {
            var isAboutImage = e.Reason is "ErrImagePull" or "ImagePullBackOff" or "InvalidImageName" or "ErrImageNeverPull" or "ImageInspectError";
            _tools.Api.Warning(context.Pod, "Failed", $"Error: {(isAboutImage ? e.Reason : e.Message)}", container.Name);
        }

        _marks = Marks(context.Pod);
        Pause(container, PauseAfter(e, context, container));
        return false;
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

    private static string BackoffKey(Container container) => $"container:{container.Name}:{ContainerConfigBuilder.Hash(container)}";

    private static string Seconds(TimeSpan time) => time < TimeSpan.FromMinutes(1) ? $"{time.TotalSeconds:0}s" : $"{(int)time.TotalMinutes}m{time.Seconds}s";
}
