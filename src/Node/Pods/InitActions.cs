using Sealos.Kinds.Core;
using Sealos.Node.Pods.Config;

namespace Sealos.Node.Pods;

/// <summary>Which init container comes next, and which sidecars must be started again. Pure.</summary>
internal static class InitActions
{
    /// <summary>Adds steps to <paramref name="actions"/>; tells whether app containers may run, and whether the pod has failed for good.</summary>
    public static (bool IsInitialized, bool IsFailed) Compute(Pod pod, RuntimePod runtime, IProbeFindings probes, PodActions actions)
    {
        var init = pod.InitContainers;
        if (init.Count == 0)
        {
            return (true, false);
        }

        // Once an app container was made in this sandbox all init containers have done their work; only sidecars still matter.
        var isPast = pod.Containers.Any(c => runtime.Active(c.RequiredName) is not null);
        var isInitialized = isPast;
        var isSeen = isPast;
        for (var i = init.Count - 1; i >= 0; i--)
        {
            var container = init[i];
            if (runtime.Active(container.RequiredName) is not { } active)
            {
                if (isPast && container.IsSidecar)
                {
                    actions.InitToStart.Insert(0, container);
                }

                continue;
            }

            var outcome = container.IsSidecar ? OfSidecar(pod, container, active, probes, actions) : OfRegular(pod, active, isSeen);
            if (outcome == Outcome.Failed)
            {
                return (false, true);
            }

            if (!isSeen)
            {
                isInitialized = Advance(init, i, outcome, actions);
            }

            isSeen = isPast = true;
        }

        if (!isSeen)
        {
            actions.InitToStart.Add(init[0]);
        }

        return (isInitialized, false);
    }

    // The furthest init container that was started decides what comes next.
    private static bool Advance(IReadOnlyList<Container> init, int index, Outcome outcome, PodActions actions)
    {
        switch (outcome)
        {
            case Outcome.Again:
                actions.InitToStart.Add(init[index]);
                return false;
            case Outcome.Done when index + 1 < init.Count:
                actions.InitToStart.Add(init[index + 1]);
                return false;
            default:
                return outcome == Outcome.Done;
        }
    }

    private static Outcome OfRegular(Pod pod, RuntimeContainer active, bool isSeen) => active switch
    {
        _ when isSeen => Outcome.Wait,
        { State: RunState.Running } => Outcome.Wait,
        { State: RunState.Exited, ExitCode: 0 } => Outcome.Done,
        { State: RunState.Exited } when pod.RestartPolicy == "Never" => Outcome.Failed,
        _ => Outcome.Again,
    };

    private static Outcome OfSidecar(Pod pod, Container container, RuntimeContainer active, IProbeFindings probes, PodActions actions)
    {
        if (!active.IsRunning)
        {
            actions.InitToStart.Insert(0, container);
            return Outcome.Wait;
        }

        if (PodActions.FindKill(pod, container, active, probes, willRestart: true) is { } kill)
        {
            actions.Kills.Add(kill);
            actions.InitToStart.Insert(0, container);
            return Outcome.Wait;
        }

        return container.StartupProbe is null || probes.IsStarted(pod.Uid, container.RequiredName) ? Outcome.Done : Outcome.Wait;
    }

    private enum Outcome
    {
        Wait,
        Done,
        Again,
        Failed,
    }
}
