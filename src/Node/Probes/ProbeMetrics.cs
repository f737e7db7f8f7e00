using System.Globalization;
using System.Text;

namespace Sealos.Node.Probes;

/// <summary>How often a probe has looked, and what it found.</summary>
internal readonly record struct ProbeCount(long Successful, long Failed, long Unknown);

/// <summary>Writes what probes have found in Prometheus' text form, by the name that Kubernetes' node agent has for it. Pure.</summary>
internal static class ProbeMetrics
{
    public static string Render(IEnumerable<(ProbeTarget Target, ProbeKind Kind, ProbeCount Count)> probes)
    {
        var text = new StringBuilder("# TYPE prober_probe_total counter\n");
        foreach (var (target, kind, count) in probes)
        {
            foreach (var (result, times) in (ReadOnlySpan<(string, long)>)[("failed", count.Failed), ("successful", count.Successful), ("unknown", count.Unknown)])
            {
                if (times > 0)
                {
                    var pod = target.Pod.Metadata;
                    text.Append(CultureInfo.InvariantCulture, $"prober_probe_total{{container=\"{target.Container.Name}\",namespace=\"{pod.Namespace}\",pod=\"{pod.Name}\",pod_uid=\"{pod.Uid}\",probe_type=\"{kind}\",result=\"{result}\"}} {times}\n");
                }
            }
        }

        return text.ToString();
    }
}
