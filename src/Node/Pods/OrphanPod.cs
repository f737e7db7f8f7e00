using System.Globalization;
using System.Text.Json;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Node.Pods.Config;

namespace Sealos.Node.Pods;

/// <summary>A pod as far as it can be told from what it left in the runtime: enough to stop it decently. Pure.</summary>
internal static class OrphanPod
{
    public static Pod From(RuntimePod runtime)
    {
        var annotations = runtime.Annotations.Count > 0 || runtime.Containers.Count == 0 ? runtime.Annotations : runtime.Containers[0].Annotations;
        var hasGrace = long.TryParse(annotations.GetValueOrDefault(Keys.PodTerminationGrace), NumberStyles.None, CultureInfo.InvariantCulture, out var grace);
        return new Pod
        {
            Metadata = new ObjectMeta { Name = runtime.Name, Namespace = runtime.Namespace, Uid = runtime.Uid },
            Spec = new PodSpec
            {
                HostNetwork = runtime.Sandbox?.IsHostNetwork == true ? true : null,
                TerminationGracePeriodSeconds = hasGrace ? grace : null,
                Containers = [.. runtime.Containers.DistinctBy(c => c.Name).Select(c => new Container { Name = c.Name, Lifecycle = LifecycleOf(c) })],
            },
            Status = new PodStatus { PodIP = runtime.Ip },
        };
    }

    private static Lifecycle? LifecycleOf(RuntimeContainer container)
    {
        try
        {
            return container.Annotations.GetValueOrDefault(Keys.PreStopHandler) is { } hook
                ? new Lifecycle { PreStop = JsonSerializer.Deserialize<LifecycleHandler>(hook, KubeJson.Options) }
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
