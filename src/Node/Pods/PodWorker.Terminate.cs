using Sealos.Kinds.Core;
using Sealos.Node.Pods.Config;

namespace Sealos.Node.Pods;

internal sealed partial class PodWorker
{
    // What is no longer in the API need not be treated gently for long: its name may be another's already.
    private static readonly TimeSpan GraceOfRemoved = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CgroupRetry = TimeSpan.FromMilliseconds(200);

    // Whether the pod is gone for good.
    private async Task<bool> TerminateAsync(Pod pod, RuntimePod runtime, bool isRemoved, CancellationToken ct)
    {
        if (!_isTerminated || runtime.IsAnythingAlive)
        {
            runtime = await StopAsync(pod, runtime, isRemoved, ct).ConfigureAwait(false);
        }

        if (isRemoved)
        {
            await _tools.Killer.RemoveAsync(runtime, ct).ConfigureAwait(false);
            await _tools.Runtime.RefreshAsync(pod.Uid, ct).ConfigureAwait(false);
            await CleanUpAsync(pod, ct).ConfigureAwait(false);
            _tools.Directories.Delete(pod.Uid);
            _tools.Directories.DeleteLogs(pod.Namespace, pod.Name, pod.Uid);
            return true;
        }

        Report(View(pod, runtime) with { IsTerminating = true, IsTerminated = true });
        _ended.TrySetResult();
        if (pod.IsDeleting && !_isDeleted)
        {
            // Step 8 of a pod: its last status is written before it goes.
            await _writer.FlushAsync(ct).ConfigureAwait(false);
            await _tools.Api.DeleteAsync(pod, ct).ConfigureAwait(false);
            _isDeleted = true;
        }

        return false;
    }

    // Step 7 of a pod: everything is stopped, and what was made for it taken away.
    private async Task<RuntimePod> StopAsync(Pod pod, RuntimePod runtime, bool isRemoved, CancellationToken ct)
    {
        if (!isRemoved)
        {
            Report(View(pod, runtime) with { IsTerminating = true });
        }

        _tools.Probes.StopRestarts(pod.Uid);
        var wanted = _failure?.Grace is { } given && !pod.IsDeleting && given < pod.Grace ? given : pod.Grace;
        var grace = isRemoved && wanted > GraceOfRemoved ? GraceOfRemoved : wanted;
        runtime = await _tools.Runtime.RefreshAsync(pod.Uid, ct).ConfigureAwait(false);
        await _tools.Killer.KillPodAsync(pod, runtime, grace, ct).ConfigureAwait(false);
        runtime = await _tools.Runtime.RefreshAsync(pod.Uid, ct).ConfigureAwait(false);
        if (runtime.IsAnythingAlive)
        {
            throw new InvalidOperationException("containers still run after they were stopped");
        }

        _resizer.Release(pod);

        // Only now may what protects the pod be taken from its address.
        _tools.Network.Release(pod);
        _admitted = null;

        _tools.Probes.Stop(pod.Uid, null);
        _probed.Clear();
        await CleanUpAsync(pod, ct).ConfigureAwait(false);
        _isTerminated = true;
        return runtime;
    }

    private async Task CleanUpAsync(Pod pod, CancellationToken ct)
    {
        _tools.Starter.TearDown(pod.Uid);
        await _tools.Volumes.TearDownAsync(pod.Uid, ct).ConfigureAwait(false);
        for (var i = 0; !_tools.Cgroups.Remove(pod.Uid); i++)
        {
            if (i == 5)
            {
                throw new InvalidOperationException("the pod's cgroup still has processes");
            }

            // The kernel takes a moment to let go of processes that have just ended.
            await Task.Delay(CgroupRetry, _tools.Time, ct).ConfigureAwait(false);
        }
    }
}
