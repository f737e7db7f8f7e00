using System.Text.Json.Nodes;
using Sealos.Testing;

namespace Sealos.EndToEnd_Tests;

/// <summary>What a cloud has told of in events.</summary>
internal static class CloudEvents
{
    /// <summary>The objects that events of a reason are about, in the order in which they came.</summary>
    public static async Task<IReadOnlyList<string>> EventsAsync(this Cloud cloud, string reason, CancellationToken ct)
    {
        var list = JsonNode.Parse(await cloud.KubectlAsync(["get", "events", "-A", "--field-selector", "reason=" + reason, "-o", "json"], ct).OutputAsync())!;
        return [.. list["items"]!.AsArray().OrderBy(e => long.Parse((string)e!["metadata"]!["resourceVersion"]!, System.Globalization.CultureInfo.InvariantCulture)).Select(e => (string)e!["involvedObject"]!["name"]!)];
    }

    /// <summary>Waits for an event of a reason about an object of this name.</summary>
    public static Task UntilEventAsync(this Cloud cloud, string reason, string about, CancellationToken ct) =>
        Eventually.TrueAsync($"event {reason} about {about}", async () => (await cloud.EventsAsync(reason, ct)).Contains(about), TimeSpan.FromSeconds(40), ct);
}
