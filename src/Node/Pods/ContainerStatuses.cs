using Sealos.Kinds.Core;
using Sealos.Node.Pods.Config;

namespace Sealos.Node.Pods;

/// <summary>A container's entry in its pod's status. Pure.</summary>
internal static class ContainerStatuses
{
    /// <summary>Why a container waits that nothing stands in the way of.</summary>
    public const string Creating = "ContainerCreating";

    /// <summary>The same in a pod with init containers.</summary>
    public const string Initializing = "PodInitializing";

    private const int LostExitCode = 137;
    private const string LostReason = "ContainerStatusUnknown";

    /// <summary>Entries of app containers, by name.</summary>
    public static List<ContainerStatus> OfApps(PodView view) =>
        [.. view.Pod.Containers.Select(c => Finish(view, Build(view, c, view.Pod.Status?.ContainerStatuses, Kind.App), HasInitialized(view))).OrderBy(s => s.Name, StringComparer.Ordinal)];

    /// <summary>Entries of init containers, in the pod's order; null when there are none.</summary>
    public static List<ContainerStatus>? OfInit(PodView view) => view.Pod.InitContainers.Count == 0 ? null
        : [.. view.Pod.InitContainers.Select((c, i) => Finish(view, Build(view, c, view.Pod.Status?.InitContainerStatuses, c.IsSidecar ? Kind.Sidecar : Kind.Init), i <= LastBegun(view)))];

    /// <summary>Entries of ephemeral containers; null when there are none.</summary>
    public static List<ContainerStatus>? OfEphemeral(PodView view) => view.Pod.EphemeralContainers.Count == 0 ? null
        : [.. view.Pod.EphemeralContainers.Select(c => Finish(view, Build(view, c, view.Pod.Status?.EphemeralContainerStatuses, Kind.Ephemeral), true))];

    /// <summary>Why a container of the pod waits as long as nothing else is known.</summary>
    public static string InitialReason(Pod pod) => pod.InitContainers.Count > 0 ? Initializing : Creating;

    private static ContainerStatus Build(PodView view, Container container, List<ContainerStatus>? before, Kind kind)
    {
        var old = before?.FirstOrDefault(s => s.Name == container.Name);
        var latest = view.Runtime.Latest(container.RequiredName);
        var status = latest is null ? OfUnseen(view, container, old) : OfSeen(view, container, latest, old);
        if (kind == Kind.App && latest is not null)
        {
            ApplySizes(view, container, status, latest);
        }

        ApplyWaiting(view, container, status, kind);
        ApplyProbes(view, container, status, kind);
        return status;
    }

    // Of a container that does not run, what it was given is all there is to tell.
    private static void ApplySizes(PodView view, Container container, ContainerStatus status, RuntimeContainer latest)
    {
        var given = view.Sizes.GivenTo(container);
        status.AllocatedResources = given.Requests;
        status.Resources = latest.IsRunning ? view.Sizes.ActualOf(container, latest.Id, view.HasUnifiedCgroups) : given;
    }

    // Nothing of it is in the runtime: never started, or its traces are gone.
    private static ContainerStatus OfUnseen(PodView view, Container container, ContainerStatus? old)
    {
        var status = Blank(view, container, old?.RestartCount ?? 0);
        status.LastState = old?.LastState ?? new ContainerState();
        if (old?.State?.Terminated is not null)
        {
            status.State = old.State;
            status.ContainerID = old.ContainerID;
            status.ImageID = old.ImageID;
        }
        else if (old?.State?.Running is { } running)
        {
            status.LastState = new ContainerState { Terminated = Lost("The container could not be located when the pod was deleted.  The container used to be Running", running.StartedAt, old.ContainerID) };
            status.RestartCount = old.RestartCount + 1;
        }

        return status;
    }

    private static VolumeMountStatus ToStatus(VolumeMount mount, bool canMountReadOnly) => new()
    {
        Name = mount.Name,
        MountPath = mount.MountPath,
        ReadOnly = mount.ReadOnly == true ? true : null,
        RecursiveReadOnly = mount.ReadOnly == true ? ContainerConfigBuilder.IsReadOnlyBelow(mount, canMountReadOnly) ? "Enabled" : "Disabled" : null,
    };

    private static ContainerStatus OfSeen(PodView view, Container container, RuntimeContainer latest, ContainerStatus? old)
    {
        var status = Blank(view, container, latest.RestartCount);
        status.ContainerID = "containerd://" + latest.Id;
        status.ImageID = latest.ImageRef;
        status.Image = latest.Image.Length > 0 ? latest.Image : container.Image;

        // What the runtime can do may have changed since; how the container's mounts were made has not.
        status.VolumeMounts = old is { VolumeMounts.Count: > 0 } && old.ContainerID == status.ContainerID ? old.VolumeMounts
            : container.VolumeMounts is { Count: > 0 } mounts ? [.. mounts.Select(m => ToStatus(m, view.CanMountReadOnly))] : null;
        var previous = view.Runtime.Previous(container.RequiredName);
        status.LastState = previous is { State: RunState.Exited } ? Terminated(previous)
            : old?.RestartCount == latest.RestartCount ? old.LastState ?? new ContainerState() : new ContainerState();
        status.State = latest.State switch
        {
            RunState.Running => new ContainerState { Running = new ContainerStateRunning { StartedAt = Whole(latest.StartedAt) } },
            RunState.Exited => Terminated(latest),
            RunState.Unknown => new ContainerState { Terminated = Lost("The container's state is not known to the runtime", latest.StartedAt, status.ContainerID) },
            _ => status.State,
        };
        return status;
    }

    private static ContainerStatus Blank(PodView view, Container container, int restartCount) => new()
    {
        Name = container.Name,
        Image = container.Image,
        ImageID = "",
        State = new ContainerState { Waiting = new ContainerStateWaiting { Reason = InitialReason(view.Pod) } },
        LastState = new ContainerState(),
        RestartCount = restartCount,
        Ready = false,
        Started = false,
    };

    // A container that cannot be started (again) yet waits; how it ended before becomes its last state.
    private static void ApplyWaiting(PodView view, Container container, ContainerStatus status, Kind kind)
    {
        var canStart = kind == Kind.Ephemeral ? view.Runtime.Latest(container.RequiredName) is null : PodActions.ShouldRestart(view.Pod, container, view.Runtime);
        if (view.IsTerminating || !canStart || !view.Waiting.TryGetValue(container.RequiredName, out var waiting))
        {
            return;
        }

        if (status.State?.Terminated is not null)
        {
            status.LastState = status.State;
        }

        status.State = new ContainerState { Waiting = new ContainerStateWaiting { Reason = waiting.Reason, Message = waiting.Message.Length > 0 ? waiting.Message : null } };
    }

    // In the last word on a pod nothing waits or runs but what never had its turn.
    private static ContainerStatus Finish(PodView view, ContainerStatus status, bool hadItsTurn)
    {
        if (!view.IsTerminated || !hadItsTurn || status.State?.Terminated is not null)
        {
            return status;
        }

        status.State = status.LastState?.Terminated is not null && status.State?.Running is null
            ? status.LastState
            : new ContainerState { Terminated = Lost("The container could not be located when the pod was terminated", null, status.ContainerID) };
        status.LastState = new ContainerState();
        (status.Ready, status.Started) = (false, status.Started is null ? null : false);
        return status;
    }

    // Whether app containers had their turn: the last init container has done its work, or one of them is known to have been there.
    private static bool HasInitialized(PodView view)
    {
        if (view.Pod.InitContainers.Count == 0 || view.Pod.Containers.Any(c => WasThere(view, c, view.Pod.Status?.ContainerStatuses)))
        {
            return true;
        }

        var last = view.Pod.InitContainers[^1];
        var status = Build(view, last, view.Pod.Status?.InitContainerStatuses, last.IsSidecar ? Kind.Sidecar : Kind.Init);
        return last.IsSidecar ? status is { Started: true, State.Running: not null } : (status.State?.Terminated ?? status.LastState?.Terminated)?.ExitCode == 0;
    }

    // The furthest init container that had its turn; the first one always has.
    private static int LastBegun(PodView view)
    {
        var begun = view.Pod.InitContainers.Select((c, i) => WasThere(view, c, view.Pod.Status?.InitContainerStatuses) ? i : 0);
        return begun.Append(0).Max();
    }

    private static bool WasThere(PodView view, Container container, List<ContainerStatus>? before) =>
        view.Runtime.Latest(container.RequiredName) is not null
        || (before?.FirstOrDefault(s => s.Name == container.Name) is { } old && (old.State?.Terminated ?? old.LastState?.Terminated) is not null);

    private static void ApplyProbes(PodView view, Container container, ContainerStatus status, Kind kind)
    {
        if (kind == Kind.Init)
        {
            status.Ready = status.State?.Terminated?.ExitCode == 0;
            return;
        }

        var isRunning = status.State?.Running is not null;
        status.Started = isRunning && (container.StartupProbe is null || view.IsStarted(container));
        status.Ready = kind != Kind.Ephemeral && status.Started == true && (container.ReadinessProbe is null || view.IsReady(container));
        if (kind == Kind.Ephemeral)
        {
            status.Started = null;
        }
    }

    private static ContainerState Terminated(RuntimeContainer container) => new()
    {
        Terminated = new ContainerStateTerminated
        {
            ExitCode = container.ExitCode,
            Reason = container.Reason.Length > 0 ? container.Reason : container.ExitCode == 0 ? "Completed" : "Error",
            Message = container.Message.Length > 0 ? container.Message : null,
            StartedAt = Whole(container.StartedAt),
            FinishedAt = Whole(container.FinishedAt),
            ContainerID = "containerd://" + container.Id,
        },
    };

    private static ContainerStateTerminated Lost(string message, DateTimeOffset? startedAt, string? id) =>
        new() { ExitCode = LostExitCode, Reason = LostReason, Message = message, StartedAt = startedAt, ContainerID = id };

    // The API keeps whole seconds; anything finer would look like a change at every comparison.
    private static DateTimeOffset? Whole(DateTimeOffset? time) => time is { } t ? t.AddTicks(-(t.Ticks % TimeSpan.TicksPerSecond)) : null;

    private enum Kind
    {
        App,
        Init,
        Sidecar,
        Ephemeral,
    }
}
