using Sealos.Kinds.Core;
using Sealos.Node.Cri;
using Sealos.Node.Pods.Config;

namespace Sealos.Node.Pods;

/// <summary>Stops containers as gently as their pod asks: preStop hook, stop signal, and the kill signal when the grace is over.</summary>
internal sealed class ContainerKiller(CriClient cri, PodCgroups cgroups, IPodApi api, LifecycleHooks hooks, TimeProvider time) : IDisposable
{
    // Even an impatient deletion leaves a process a moment to end by itself.
    private static readonly TimeSpan LeastGrace = TimeSpan.FromSeconds(2);

    // After the grace, until the runtime has surely sent its kill signal.
    private static readonly TimeSpan Killing = TimeSpan.FromSeconds(2);

    // Taking sandboxes down costs processor time; a thousand at once would all end late instead of one after another.
    private readonly SemaphoreSlim _turns = new(Math.Max(8, 4 * Environment.ProcessorCount));

    /// <summary>Stops everything of a pod: containers side by side, then sidecars from the last to the first, then the sandboxes.</summary>
    public async Task KillPodAsync(Pod pod, RuntimePod runtime, TimeSpan grace, CancellationToken ct)
    {
        using var isStopped = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var lift = LiftQuotaAsync(pod, (grace > LeastGrace ? grace : LeastGrace) + Killing, isStopped.Token);
        try
        {
            await StopContainersAsync(pod, runtime, grace, ct).ConfigureAwait(false);
        }
        finally
        {
            await isStopped.CancelAsync().ConfigureAwait(false);
            await lift.ConfigureAwait(false);
        }

        await InTurnAsync(() => StopSandboxesAsync(runtime, ct), ct).ConfigureAwait(false);
    }

    /// <summary>Stops one container.</summary>
    public async Task KillAsync(Pod pod, Kill kill, TimeSpan grace, CancellationToken ct)
    {
        var name = kill.Container.Name;
        api.Normal(pod, "Killing", kill.Message ?? $"Stopping container {name}", name);
        var start = time.GetTimestamp();
        var spec = pod.Containers.Concat(pod.InitContainers).FirstOrDefault(c => c.Name == name);
        if (spec?.Lifecycle?.PreStop is { } hook && grace > TimeSpan.Zero && kill.Container.IsRunning)
        {
            await RunPreStopAsync(pod, hook, new HookTarget(spec, kill.Container.Id, pod.Status?.PodIP ?? ""), grace, ct).ConfigureAwait(false);
        }

        var left = grace - time.GetElapsedTime(start);
        await IgnoreMissingAsync(cri.StopContainerAsync(kill.Container.Id, left > LeastGrace ? left : LeastGrace, ct)).ConfigureAwait(false);
    }

    /// <summary>Removes what a pod has left in the runtime, once everything has stopped.</summary>
    public Task RemoveAsync(RuntimePod runtime, CancellationToken ct) => InTurnAsync(() => RemoveAllAsync(runtime, ct), ct);

    /// <inheritdoc/>
    public void Dispose() => _turns.Dispose();

    private async Task StopContainersAsync(Pod pod, RuntimePod runtime, TimeSpan grace, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        var sidecars = pod.InitContainers.Where(c => c.IsSidecar).Select(c => c.RequiredName).Reverse().ToList();
        var running = runtime.Containers.Where(c => c.State is RunState.Running or RunState.Unknown).ToList();
        await Task.WhenAll(running.Where(c => !sidecars.Contains(c.Name)).Select(c => KillAsync(pod, new Kill(c, null), grace, ct))).ConfigureAwait(false);
        foreach (var container in sidecars.SelectMany(n => running.Where(c => c.Name == n)))
        {
            await KillAsync(pod, new Kill(container, null), grace - time.GetElapsedTime(start), ct).ConfigureAwait(false);
        }
    }

    private async Task LiftQuotaAsync(Pod pod, TimeSpan after, CancellationToken ct)
    {
        try
        {
            await Task.Delay(after, time, ct).ConfigureAwait(false);
            cgroups.LiftQuota(pod);
        }
        catch (OperationCanceledException)
        {
            // Stopped in time.
        }
    }

    private async Task InTurnAsync(Func<Task> work, CancellationToken ct)
    {
        await _turns.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            await work().ConfigureAwait(false);
        }
        finally
        {
            _turns.Release();
        }
    }

    private async Task StopSandboxesAsync(RuntimePod runtime, CancellationToken ct)
    {
        foreach (var sandbox in runtime.Sandboxes)
        {
            await IgnoreMissingAsync(cri.StopPodSandboxAsync(sandbox.Id, ct)).ConfigureAwait(false);
        }
    }

    private async Task RemoveAllAsync(RuntimePod runtime, CancellationToken ct)
    {
        foreach (var container in runtime.Containers)
        {
            await IgnoreMissingAsync(cri.RemoveContainerAsync(container.Id, ct)).ConfigureAwait(false);
        }

        await StopSandboxesAsync(runtime, ct).ConfigureAwait(false);
        foreach (var sandbox in runtime.Sandboxes)
        {
            await IgnoreMissingAsync(cri.RemovePodSandboxAsync(sandbox.Id, ct)).ConfigureAwait(false);
        }
    }

    private async Task RunPreStopAsync(Pod pod, LifecycleHandler hook, HookTarget target, TimeSpan grace, CancellationToken ct)
    {
        try
        {
            await hooks.RunAsync(hook, target, grace, ct).ConfigureAwait(false);
        }
        catch (HookException e)
        {
            api.Warning(pod, "FailedPreStopHook", $"PreStopHook failed: {e.Message}", target.Container.Name);
        }
    }

    private static async Task IgnoreMissingAsync(Task call)
    {
        try
        {
            await call.ConfigureAwait(false);
        }
        catch (CriException e) when (e.IsNotFound)
        {
            // Gone already, which is what was wanted.
        }
    }
}
