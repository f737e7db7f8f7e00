using System.Globalization;
using System.Text;
using Sealos.ControllerKit;
using Sealos.Network.Gateway.Forwarding;
using Sealos.Network.Gateway.Routing;

namespace Sealos.Network.Gateway.Telemetry;

/// <summary>What the gateway counts, in the text form that metric collectors read.</summary>
internal sealed class MetricsText(RouteTable routes, UpstreamClient client)
{
    public string Write()
    {
        var text = new StringBuilder();
        Line(text, "sealos_gateway_hosts", "", routes.HostCount);
        Line(text, "sealos_gateway_app_connections", "", client.Open);
        foreach (var (key, counters) in routes.Counters())
        {
            if (counters.Read() is { } counts)
            {
                WriteIngress(text, key, counts);
            }
        }

        return text.ToString();
    }

    private static void WriteIngress(StringBuilder text, ObjectKey key, CounterSnapshot counts)
    {
        // Names of objects hold nothing that would need quoting.
        var labels = $"namespace=\"{key.Namespace}\",ingress=\"{key.Name}\"";
        for (var i = 0; i < counts.ByStatusClass.Length; i++)
        {
            if (counts.ByStatusClass[i] > 0)
            {
                Line(text, "sealos_gateway_requests_total", $"{labels},status=\"{(i == 0 ? "left" : $"{i}xx")}\"", counts.ByStatusClass[i]);
            }
        }

        Line(text, "sealos_gateway_requests_active", labels, counts.Active);
        Line(text, "sealos_gateway_received_bytes_total", labels, counts.BytesIn);
        Line(text, "sealos_gateway_sent_bytes_total", labels, counts.BytesOut);
        var sum = 0L;
        for (var i = 0; i < counts.Buckets.Length; i++)
        {
            sum += counts.Buckets[i];
            var bound = i < RouteCounters.BucketBounds.Length ? (RouteCounters.BucketBounds[i] / 1000.0).ToString(CultureInfo.InvariantCulture) : "+Inf";
            Line(text, "sealos_gateway_request_seconds_bucket", $"{labels},le=\"{bound}\"", sum);
        }

        Line(text, "sealos_gateway_request_seconds_count", labels, sum);
        text.Append(CultureInfo.InvariantCulture, $"sealos_gateway_request_seconds_sum{{{labels}}} {counts.TotalDuration.TotalSeconds}\n");
    }

    private static void Line(StringBuilder text, string name, string labels, long value) =>
        text.Append(CultureInfo.InvariantCulture, $"{name}{(labels.Length == 0 ? "" : $"{{{labels}}}")} {value}\n");
}
