using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Node.Probes;
using Xunit;

namespace Sealos.Node.Tests.Probes;

public sealed class ProbeMetricsTests
{
    [Fact]
    public void Render_Probe_IsCountedByWhatItFound()
    {
        var target = new ProbeTarget(new Pod { Metadata = new ObjectMeta { Namespace = "ns", Name = "p", Uid = "u" } }, new Container { Name = "c" }, "id", "", default);

        var text = ProbeMetrics.Render([(target, ProbeKind.Readiness, new ProbeCount(3, 1, 0))]);

        Assert.Equal(
            """
            # TYPE prober_probe_total counter
            prober_probe_total{container="c",namespace="ns",pod="p",pod_uid="u",probe_type="Readiness",result="failed"} 1
            prober_probe_total{container="c",namespace="ns",pod="p",pod_uid="u",probe_type="Readiness",result="successful"} 3

            """, text);
    }
}
