using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.Testing;
using Sealos.Testing.Software;
using Xunit;

namespace Sealos.Software_Tests;

/// <summary>Prometheus that finds the API server, nodes and pods through the API and scrapes them with its own account's token.</summary>
public sealed class PrometheusTests(SoftwareFixture fixture) : SoftwareStory(fixture, "monitoring", SoftwareImages.Prometheus)
{
    [Fact]
    public async Task Prometheus_FindingWhatRunsInTheCloud_ScrapesItAndKeepsItsSamples()
    {
        await ApplyAsync("prometheus.yaml");
        await RolledOutAsync("statefulset/prometheus");
        foreach (var job in new[] { "apiserver", "nodes", "pods" })
        {
            await SeenAsync($"up{{job=\"{job}\"}} == 1");
        }

        await SeenAsync("sum(apiserver_request_total{verb=\"GET\"}) > 0");
        await SeenAsync("container_cpu_usage_seconds_total{namespace=\"monitoring\",pod=\"prometheus-0\",container=\"prometheus\"} > 0");

        // A pod comes and goes: targets follow by watch.
        await KubectlAsync("scale", "statefulset/prometheus", "--replicas=2");
        await SeenAsync("up{job=\"pods\",pod=\"prometheus-1\"} == 1");
        await KubectlAsync("scale", "statefulset/prometheus", "--replicas=1");
        await Eventually.TrueAsync("prometheus-1 is no target", async () =>
            !(await AskAsync("targets?state=active")).ToJsonString().Contains("prometheus-1", StringComparison.Ordinal), Long, Ct);

        var moment = await SeenAsync("timestamp(up{job=\"apiserver\"})");
        await KillMainProcessAsync("prometheus-0", "prometheus");
        await RestartWhileTheServerDiesAsync("statefulset/prometheus");
        var then = await AskAsync($"query?query=up{{job=\"apiserver\"}}&time={moment.ToString(CultureInfo.InvariantCulture)}");
        Assert.Equal("1", (string?)then["result"]![0]!["value"]![1]);
        await SeenAsync($"timestamp(up{{job=\"apiserver\"}} == 1) > {moment.ToString(CultureInfo.InvariantCulture)}");
    }

    /// <summary>Waits until a query has a result and returns its first value.</summary>
    private async Task<double> SeenAsync(string query)
    {
        var value = await Eventually.GetAsync(query, async () =>
            (await AskAsync("query?query=" + Uri.EscapeDataString(query)))["result"] is JsonArray { Count: > 0 } result ? (string?)result[0]!["value"]![1] : null, Long, Ct);
        return double.Parse(value, CultureInfo.InvariantCulture);
    }

    // By way of the API server, as the operator of a cloud may ask from anywhere.
    private async Task<JsonNode> AskAsync(string what)
    {
        var answer = await Cloud.KubectlAsync(["get", "--raw", "/api/v1/namespaces/monitoring/services/prometheus:http/proxy/api/v1/" + what], Ct);
        return answer.ExitCode == 0 ? JsonNode.Parse(answer.Output)!["data"]! : throw new IOException(answer.Error);
    }
}
