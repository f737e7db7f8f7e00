using System.Globalization;
using System.Text;

namespace Sealos.Node.Stats;

/// <summary>Writes a summary in Prometheus' text form, with the metric names that dashboards for Kubernetes know.</summary>
internal static class MetricsText
{
    private const double Nanoseconds = 1e9;

    /// <summary>The text.</summary>
    public static string Render(Summary summary)
    {
        var text = new StringBuilder();
        var containers = ContainersOf(summary);
        var links = summary.Pods.Where(p => p.Network is not null).Select(p => (Labels: Labels(p.PodRef, null), Usage: p.Network!)).ToList();
        WriteCpu(text, "node", [("", summary.Node.Cpu)]);
        WriteWorkingSet(text, "node", [("", summary.Node.Memory)]);
        Write(text, "kubelet_running_pods", "gauge", [("", summary.Pods.Count)]);
        Write(text, "kubelet_running_containers", "gauge", [("", containers.Count)]);
        WriteCpu(text, "container", containers.Select(c => (c.Labels, c.Usage.Cpu)));
        WriteWorkingSet(text, "container", containers.Select(c => (c.Labels, c.Usage.Memory)));
        WriteNetwork(text, links);
        WriteVolumes(text, summary);
        WriteTraffic(text, "sealos_pod_network", [.. links.Where(l => l.Usage is { Inside: not null, Outside: not null }).Select(l => (l.Labels, new PodTraffic(l.Usage.Inside!, l.Usage.Outside!)))]);
        WriteTraffic(text, "sealos_namespace_network", [.. summary.Namespaces.OrderBy(n => n.Key, StringComparer.Ordinal).Select(n => ($"{{namespace=\"{n.Key}\"}}", n.Value))]);
        return text.ToString();
    }

    // A claim that several pods use is one volume.
    private static void WriteVolumes(StringBuilder text, Summary summary)
    {
        var volumes = summary.Pods.SelectMany(p => p.Volumes ?? []).DistinctBy(v => v.PvcRef)
            .Select(v => (Labels: $"{{namespace=\"{v.PvcRef.Namespace}\",persistentvolumeclaim=\"{v.PvcRef.Name}\"}}", Usage: v)).ToList();
        Write(text, "kubelet_volume_stats_available_bytes", "gauge", volumes.Select(v => (v.Labels, (double)v.Usage.AvailableBytes)));
        Write(text, "kubelet_volume_stats_capacity_bytes", "gauge", volumes.Select(v => (v.Labels, (double)v.Usage.CapacityBytes)));
        Write(text, "kubelet_volume_stats_used_bytes", "gauge", volumes.Select(v => (v.Labels, (double)v.Usage.UsedBytes)));
    }

    /// <summary>What containers use, by the names that Kubernetes' dashboards know.</summary>
    public static string RenderContainers(Summary summary)
    {
        var text = new StringBuilder();
        var containers = ContainersOf(summary);
        WriteCpu(text, "container", containers.Select(c => (c.Labels, c.Usage.Cpu)));
        Write(text, "container_memory_usage_bytes", "gauge", containers.Where(c => c.Usage.Memory?.UsageBytes is not null).Select(c => (c.Labels, (double)c.Usage.Memory!.UsageBytes!.Value)));
        WriteWorkingSet(text, "container", containers.Select(c => (c.Labels, c.Usage.Memory)));
        Write(text, "container_memory_rss", "gauge", containers.Where(c => c.Usage.Memory?.RssBytes is not null).Select(c => (c.Labels, (double)c.Usage.Memory!.RssBytes!.Value)));
        Write(text, "container_fs_usage_bytes", "gauge", containers.Where(c => c.Usage.Rootfs is not null).Select(c => (c.Labels, (double)c.Usage.Rootfs!.UsedBytes)));
        var links = summary.Pods.Where(p => p.Network is not null).Select(p => (Labels: Labels(p.PodRef, null)[..^1] + $",interface=\"{p.Network!.Name}\"}}", Usage: p.Network!)).ToList();
        WriteNetwork(text, links);
        return text.ToString();
    }

    /// <summary>What autoscalers need: processor time and memory of the node, of pods and of containers.</summary>
    public static string RenderResources(Summary summary)
    {
        var text = new StringBuilder();
        var containers = ContainersOf(summary);
        var pods = summary.Pods.Select(p => (Labels: Labels(p.PodRef, null), Usage: p)).ToList();
        WriteCpu(text, "node", [("", summary.Node.Cpu)]);
        WriteWorkingSet(text, "node", [("", summary.Node.Memory)]);
        WriteCpu(text, "container", containers.Select(c => (c.Labels, c.Usage.Cpu)));
        WriteWorkingSet(text, "container", containers.Select(c => (c.Labels, c.Usage.Memory)));
        WriteCpu(text, "pod", pods.Select(p => (p.Labels, p.Usage.Cpu)));
        WriteWorkingSet(text, "pod", pods.Select(p => (p.Labels, p.Usage.Memory)));
        Write(text, "resource_scrape_error", "gauge", [("", 0)]);
        return text.ToString();
    }

    private static List<(string Labels, ContainerUsage Usage)> ContainersOf(Summary summary) =>
        [.. summary.Pods.SelectMany(p => p.Containers.Select(c => (Labels(p.PodRef, c.Name), c)))];

    private static void WriteCpu(StringBuilder text, string owner, IEnumerable<(string Labels, Cpu? Usage)> all) =>
        Write(text, $"{owner}_cpu_usage_seconds_total", "counter", all.Where(o => o.Usage is not null).Select(o => (o.Labels, o.Usage!.UsageCoreNanoSeconds / Nanoseconds)));

    private static void WriteWorkingSet(StringBuilder text, string owner, IEnumerable<(string Labels, Memory? Usage)> all) =>
        Write(text, $"{owner}_memory_working_set_bytes", "gauge", all.Where(o => o.Usage is not null).Select(o => (o.Labels, (double)o.Usage!.WorkingSetBytes)));

    private static void WriteNetwork(StringBuilder text, IReadOnlyList<(string Labels, Network Usage)> links)
    {
        Write(text, "container_network_receive_bytes_total", "counter", links.Select(l => (l.Labels, (double)l.Usage.RxBytes)));
        Write(text, "container_network_transmit_bytes_total", "counter", links.Select(l => (l.Labels, (double)l.Usage.TxBytes)));
    }

    // The world outside is what is paid for; what stays inside is shown beside it.
    private static void WriteTraffic(StringBuilder text, string name, IReadOnlyList<(string Labels, PodTraffic Traffic)> traffic)
    {
        Write(text, $"{name}_receive_bytes_total", "counter", Both(t => t.RxBytes));
        Write(text, $"{name}_transmit_bytes_total", "counter", Both(t => t.TxBytes));

        IEnumerable<(string, double)> Both(Func<TrafficBytes, ulong> bytes) => traffic.SelectMany(t => new (string, double)[]
        {
            (t.Labels[..^1] + ",peer=\"inside\"}", bytes(t.Traffic.Inside)), (t.Labels[..^1] + ",peer=\"outside\"}", bytes(t.Traffic.Outside)),
        });
    }

    // Names of Kubernetes objects hold nothing that would have to be escaped.
    private static string Labels(PodReference pod, string? container) =>
        container is null ? $"{{namespace=\"{pod.Namespace}\",pod=\"{pod.Name}\"}}" : $"{{container=\"{container}\",namespace=\"{pod.Namespace}\",pod=\"{pod.Name}\"}}";

    private static void Write(StringBuilder text, string name, string type, IEnumerable<(string Labels, double Value)> samples)
    {
        text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
        foreach (var (labels, value) in samples)
        {
            text.Append(name).Append(labels).Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
        }
    }
}
