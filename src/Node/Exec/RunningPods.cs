using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;

namespace Sealos.Node.Exec;

/// <summary>Pods as the runtime has them: what runs, and nothing of what was wanted. Pure.</summary>
internal static class RunningPods
{
    public static Pod Of(Pod pod)
    {
        var running = (pod.Status?.InitContainerStatuses ?? []).Concat(pod.Status?.ContainerStatuses ?? []).Concat(pod.Status?.EphemeralContainerStatuses ?? [])
            .Where(s => s.State?.Running is not null).Select(s => new Container { Name = s.Name, Image = s.Image }).ToList();
        return new Pod
        {
            Metadata = new ObjectMeta { Name = pod.Metadata.Name, Namespace = pod.Metadata.Namespace, Uid = pod.Metadata.Uid },
            Spec = new PodSpec { Containers = running },
            Status = new PodStatus(),
        };
    }
}
