using Sealos.Node.Stats;
using Xunit;

namespace Sealos.Node.Tests.Stats;

public sealed class StatsTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void CpuRates_TwoSamples_GiveTheRateBetweenThem()
    {
        var rates = new CpuRates();

        Assert.Null(rates.Next("a", 1_000_000_000, Now));
        Assert.Equal(500_000_000UL, rates.Next("a", 2_000_000_000, Now.AddSeconds(2)));
        Assert.Null(rates.Next("b", 5, Now));
    }

    [Fact]
    public void CpuRates_SamplesTooCloseOrRestarted_AreNotMisread()
    {
        var rates = new CpuRates();
        rates.Next("a", 0, Now);
        rates.Next("a", 1_000_000_000, Now.AddSeconds(1));

        Assert.Equal(1_000_000_000UL, rates.Next("a", 9_000_000_000, Now.AddSeconds(1.1)));
        Assert.Null(rates.Next("a", 5, Now.AddSeconds(2)));
        Assert.Null(rates.Next("a", 9_000_000_000, Now.AddHours(1)));
    }

    [Fact]
    public void Machine_Proc_IsRead()
    {
        Assert.Equal((100UL + 5 + 50 + 2 + 3 + 1) * 10_000_000, MachineUsage.BusyNanoseconds("cpu  100 5 50 9000 700 2 3 1 40 0\ncpu0 1 1 1 1\n"));

        var memory = MachineUsage.MemoryOf("MemTotal: 1000 kB\nMemFree: 200 kB\nMemAvailable: 600 kB\nAnonPages: 50 kB\n", Now);
        Assert.Equal(new Memory(Now, 600 * 1024, 800 * 1024, 400 * 1024, 50 * 1024), memory);

        const string devices = "Inter-| Receive | Transmit\n face |bytes\n    lo: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n  eth0: 100 2 3 0 0 0 0 0 200 5 6 0 0 0 0 0\n";
        Assert.Equal(new Network(Now, "eth0", 100, 3, 200, 6), MachineUsage.NetworkOf("Iface\tDestination\neth0\t00000000\t0101A8C0\n", devices, Now));
        Assert.Null(MachineUsage.NetworkOf("Iface\tDestination\n", devices, Now));
    }

    [Fact]
    public void Metrics_Summary_IsPrometheusText()
    {
        var pod = new PodUsage(
            new PodReference("p", "ns", "u"),
            [new ContainerUsage("c", new Cpu(Now, null, 1_500_000_000), new Memory(Now, null, null, 4096, null), null)],
            null, null, new Network(Now, "eth0", 7, 0, 9, 0))
        {
            Volumes = [new VolumeUsage(Now, 1, 5, 4, "v", new ClaimReference("data", "ns")), new VolumeUsage(Now, 1, 5, 4, "again", new ClaimReference("data", "ns"))],
        };
        var text = MetricsText.Render(new Summary(new NodeUsage("n", new Cpu(Now, 1, 2_000_000_000), new Memory(Now, 1, 2, 3, 4), null, null), [pod]));

        Assert.Contains("\ncontainer_cpu_usage_seconds_total{container=\"c\",namespace=\"ns\",pod=\"p\"} 1.5\n", text, StringComparison.Ordinal);
        Assert.Contains("\ncontainer_memory_working_set_bytes{container=\"c\",namespace=\"ns\",pod=\"p\"} 4096\n", text, StringComparison.Ordinal);
        Assert.Contains("\ncontainer_network_transmit_bytes_total{namespace=\"ns\",pod=\"p\"} 9\n", text, StringComparison.Ordinal);
        Assert.Single(text.Split('\n'), l => l == "kubelet_volume_stats_used_bytes{namespace=\"ns\",persistentvolumeclaim=\"data\"} 4");
        Assert.Contains("\nkubelet_volume_stats_capacity_bytes{namespace=\"ns\",persistentvolumeclaim=\"data\"} 5\n", text, StringComparison.Ordinal);
        Assert.Contains("\nkubelet_volume_stats_available_bytes{namespace=\"ns\",persistentvolumeclaim=\"data\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("\nkubelet_running_pods 1\n", text, StringComparison.Ordinal);
    }
}
