using Sealos.Kinds.Core;
using Sealos.Node.Pods.Config;
using Sealos.Node.Pods.Resizing;

namespace Sealos.Node.Pods;

/// <summary>What probes have found out about containers; tests put their own findings in its place.</summary>
internal interface IProbeFindings
{
    /// <summary>Whether the container has passed its startup probe, if it has one.</summary>
    bool IsStarted(string uid, string container);

    /// <summary>Which probe has given up on the container, <c>liveness</c> or <c>startup</c>; null when none.</summary>
    string? FindFailure(string uid, string containerId);
}

/// <summary>A container to stop, and what to say about it.</summary>
internal sealed record Kill(RuntimeContainer Container, string? Message, string? Probe = null);

/// <summary>
/// The difference between what a pod wants and what runs, as steps to take. Pure: computed from the pod, the runtime's picture and the
/// probes' findings, it does nothing itself.
/// </summary>
internal sealed record PodActions
{
    /// <summary>Stop everything and the sandbox.</summary>
    public bool KillPod { get; init; }

    /// <summary>Make a new sandbox, the <see cref="Attempt"/>-th.</summary>
    public bool CreateSandbox { get; init; }

    public uint Attempt { get; init; }

    public List<Kill> Kills { get; } = [];

    public List<Container> EphemeralToStart { get; } = [];

    public List<Container> InitToStart { get; } = [];

    public List<Container> ToStart { get; } = [];

    /// <summary>Whether the pod is as it should be.</summary>
    public bool IsEmpty => !KillPod && !CreateSandbox && Kills.Count == 0 && EphemeralToStart.Count == 0 && InitToStart.Count == 0 && ToStart.Count == 0;

    /// <summary>Whether containers are to be started.</summary>
    public bool IsStarting => CreateSandbox || EphemeralToStart.Count > 0 || InitToStart.Count > 0 || ToStart.Count > 0;

    /// <summary>Finds the steps that bring <paramref name="pod"/> closer to what it wants.</summary>
    public static PodActions Compute(Pod pod, RuntimePod runtime, IProbeFindings probes)
    {
        if (NeedsSandbox(pod, runtime, out var attempt))
        {
            return ForNewSandbox(pod, runtime, attempt);
        }

        var actions = new PodActions { Attempt = attempt };
        actions.EphemeralToStart.AddRange(pod.EphemeralContainers.Where(c => runtime.Latest(c.RequiredName) is null));
        var (isInitialized, isFailed) = InitActions.Compute(pod, runtime, probes, actions);
        if (isFailed)
        {
            return new PodActions { KillPod = true, Attempt = attempt };
        }

        if (!isInitialized)
        {
            return actions;
        }

        var kept = 0;
        foreach (var container in pod.Containers)
        {
            kept += DecideOn(pod, container, runtime, probes, actions) ? 1 : 0;
        }

        return kept == 0 && actions.ToStart.Count == 0 ? new PodActions { KillPod = true, Attempt = attempt } : actions;
    }

    /// <summary>Adds what containers that want to be started anew with other resources ask for, unless they end anyway.</summary>
    public PodActions WithRestarts(ResizePlan plan)
    {
        foreach (var (container, running, _, _) in plan.Restarts)
        {
            if (!KillPod && !Kills.Exists(k => k.Container.Id == running.Id))
            {
                Kills.Add(new Kill(running, $"Container {container.Name} resize requires restart"));
                ToStart.Add(container);
            }
        }

        return this;
    }

    /// <summary>Whether a container that is not running is to be started again.</summary>
    public static bool ShouldRestart(Pod pod, Container container, RuntimePod runtime)
    {
        if (pod.IsDeleting)
        {
            return false;
        }

        return runtime.Latest(container.RequiredName) switch
        {
            null => true,
            { State: RunState.Running } => false,
            { State: RunState.Created or RunState.Unknown } => true,
            { ExitCode: var code } => container.IsSidecar || pod.RestartPolicy switch { "Never" => false, "OnFailure" => code != 0, _ => true },
        };
    }

    /// <summary>Why a running container must go, or null when it may stay.</summary>
    internal static Kill? FindKill(Pod pod, Container container, RuntimeContainer running, IProbeFindings probes, bool willRestart)
    {
        var suffix = willRestart ? ", will be restarted" : "";
        if (running.Hash != ContainerConfigBuilder.Hash(container))
        {
            return new Kill(running, $"Container {container.Name} definition changed{suffix}");
        }

        return probes.FindFailure(pod.Uid, running.Id) is { } probe ? new Kill(running, $"Container {container.Name} failed {probe} probe{suffix}", probe) : null;
    }

    private static bool NeedsSandbox(Pod pod, RuntimePod runtime, out uint attempt)
    {
        attempt = runtime.Sandbox is null ? 0 : runtime.Sandbox.Attempt + 1;
        var isUsable = runtime.Sandbox is { IsReady: true } sandbox
            && runtime.Sandboxes.Count(s => s.IsReady) == 1
            && sandbox.IsHostNetwork == pod.IsHostNetwork
            && (sandbox.IsHostNetwork || sandbox.Ip.Length > 0);
        return !isUsable;
    }

    private static PodActions ForNewSandbox(Pod pod, RuntimePod runtime, uint attempt)
    {
        if (pod.RestartPolicy == "Never" && attempt != 0 && runtime.Containers.Count > 0)
        {
            return new PodActions { KillPod = true, Attempt = attempt };
        }

        var toStart = pod.Containers.Where(c => pod.RestartPolicy != "OnFailure" || runtime.Latest(c.RequiredName) is not { State: RunState.Exited, ExitCode: 0 }).ToList();
        if (toStart.Count == 0)
        {
            return new PodActions { KillPod = true, Attempt = attempt };
        }

        // A sandbox that died by itself still holds its address until it is stopped.
        var actions = new PodActions { KillPod = runtime.Sandbox is not null, CreateSandbox = true, Attempt = attempt };
        if (pod.InitContainers.Count > 0)
        {
            actions.InitToStart.Add(pod.InitContainers[0]);
        }
        else
        {
            actions.ToStart.AddRange(toStart);
        }

        return actions;
    }

    // Whether the container stays as it is.
    private static bool DecideOn(Pod pod, Container container, RuntimePod runtime, IProbeFindings probes, PodActions actions)
    {
        var latest = runtime.Latest(container.RequiredName);
        if (latest is not { State: RunState.Running })
        {
            if (ShouldRestart(pod, container, runtime))
            {
                actions.ToStart.Add(container);
            }

            return false;
        }

        var isChanged = latest.Hash != ContainerConfigBuilder.Hash(container);
        var willRestart = isChanged || pod.RestartPolicy != "Never";
        if (FindKill(pod, container, latest, probes, willRestart) is not { } kill)
        {
            return true;
        }

        actions.Kills.Add(kill);
        if (willRestart)
        {
            actions.ToStart.Add(container);
        }

        return false;
    }
}
