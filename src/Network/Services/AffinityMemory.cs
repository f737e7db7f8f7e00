using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.Network.Nft;

namespace Sealos.Network.Services;

/// <summary>Which client was served by which endpoint, carried over when the table is built again: a restart must not scatter sessions.</summary>
internal sealed class AffinityMemory(HostCommands commands, NftTable table)
{
    /// <summary>The elements, with the time they have left, of those sets that the plans still use.</summary>
    public async Task<IReadOnlyList<PlanElement>> ReadAsync(IEnumerable<ServicePlan> plans, CancellationToken ct)
    {
        var wanted = plans.SelectMany(p => p.Chains).SelectMany(c => c.ClientSets).ToHashSet(StringComparer.Ordinal);
        if (wanted.Count == 0)
        {
            return [];
        }

        // There is no table to list at the very first start.
        var listing = await commands.TryRunAsync("nft", ["-j", "list", "sets", "table", table.Family, table.Name], null, ct).ConfigureAwait(false);
        return listing.ExitCode == 0 ? Parse(listing.Output, wanted) : [];
    }

    internal static IReadOnlyList<PlanElement> Parse(string listing, IReadOnlySet<string> wanted)
    {
        try
        {
            var sets = JsonNode.Parse(listing)?["nftables"]?.AsArray().Select(o => o?["set"]).OfType<JsonObject>() ?? [];
            return
            [
                .. from set in sets
                   let name = (string?)set["name"]
                   where name is not null && wanted.Contains(name)
                   from element in set["elem"] as JsonArray ?? []
                   let client = (element as JsonObject)?["elem"]
                   where client?["timeout"] is not null && (long?)client["expires"] > 0
                   select new PlanElement(new ElementKey(name, Timed(client)), null),
            ];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // A listing of another form than we know: sessions are scattered once, services go on.
            return [];
        }
    }

    private static string Timed(JsonNode client) =>
        string.Create(CultureInfo.InvariantCulture, $"{(string)client["val"]!} timeout {(long)client["timeout"]!}s expires {(long)client["expires"]!}s");
}
