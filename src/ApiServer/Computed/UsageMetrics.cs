using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Computed;

/// <summary>metrics.k8s.io: what nodes and pods use now, as <c>kubectl top</c> and autoscalers ask for it.</summary>
internal sealed class UsageMetrics(UsageSource source, ResourceRegistry registry)
{
    private const string Window = "10s";

    public ComputedKind OfNodes { get; } = new Nodes(source, registry);

    public ComputedKind OfPods { get; } = new Pods(source, registry);

    // What has no rate yet, having just begun, is left out.
    private static JsonObject? Usage(JsonObject? used)
    {
        if (used.Child("cpu").Number("usageNanoCores") is not { } cores || used.Child("memory").Number("workingSetBytes") is not { } bytes)
        {
            return null;
        }

        return new JsonObject
        {
            ["cpu"] = cores.ToString(CultureInfo.InvariantCulture) + "n",
            ["memory"] = (bytes / 1024).ToString(CultureInfo.InvariantCulture) + "Ki",
        };
    }

    private static JsonObject Metadata(Watch.CachedObject of, string time)
    {
        var metadata = new JsonObject { ["name"] = of.Name };
        if (of.Namespace.Length > 0)
        {
            metadata["namespace"] = of.Namespace;
        }

        metadata["creationTimestamp"] = time;
        if (of.Labels is { Count: > 0 } labels)
        {
            metadata["labels"] = new JsonObject(labels.Select(l => KeyValuePair.Create(l.Key, (JsonNode?)l.Value)));
        }

        return metadata;
    }

    private static string TimeOf(JsonObject? used) =>
        DateTimeOffset.TryParse(used.Child("cpu").Text("time"), CultureInfo.InvariantCulture, out var time) ? KubeTime.Format(time) : KubeTime.Format(DateTimeOffset.UnixEpoch);

    private sealed class Nodes(UsageSource source, ResourceRegistry registry) : ComputedKind
    {
        public override async Task<IReadOnlyList<JsonObject>> ListAsync(string? @namespace, CancellationToken cancellationToken)
        {
            var nodes = registry.Get("", "nodes").Cache;
            var shown = new List<JsonObject>();
            foreach (var summary in await source.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                var used = summary.Child("node");
                if (nodes.Get("", used.Text("nodeName") ?? "") is { } node && Usage(used) is { } usage)
                {
                    var time = TimeOf(used);
                    shown.Add(new JsonObject { ["metadata"] = Metadata(node, time), ["timestamp"] = time, ["window"] = Window, ["usage"] = usage });
                }
            }

            return shown;
        }
    }

    private sealed class Pods(UsageSource source, ResourceRegistry registry) : ComputedKind
    {
        public override async Task<IReadOnlyList<JsonObject>> ListAsync(string? @namespace, CancellationToken cancellationToken)
        {
            var shown = new List<JsonObject>();
            foreach (var summary in await source.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                shown.AddRange(summary.Objects("pods").Where(p => @namespace is null || p.Child("podRef").Text("namespace") == @namespace).Select(Pod).OfType<JsonObject>());
            }

            return shown;
        }

        private JsonObject? Pod(JsonObject used)
        {
            var reference = used.Child("podRef");
            if (registry.Get("", "pods").Cache.Get(reference.Text("namespace") ?? "", reference.Text("name") ?? "") is not { } pod || pod.Uid != reference.Text("uid"))
            {
                return null;
            }

            var containers = new JsonArray();
            foreach (var container in used.Objects("containers"))
            {
                if (Usage(container) is not { } usage)
                {
                    return null;
                }

                containers.Add(new JsonObject { ["name"] = container.Text("name"), ["usage"] = usage });
            }

            var time = TimeOf(used.Objects("containers").FirstOrDefault());
            return containers.Count == 0 ? null : new JsonObject { ["metadata"] = Metadata(pod, time), ["timestamp"] = time, ["window"] = Window, ["containers"] = containers };
        }
    }
}
