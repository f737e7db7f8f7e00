using System.Text.Json;

namespace Sealos.Network.Services;

/// <summary>What an earlier run left in the kernel's table: the elements of the fixed maps and sets, and the services' own chains and sets.</summary>
internal sealed record TableState(IReadOnlyDictionary<ElementKey, string?> Elements, IReadOnlyList<string> Chains, IReadOnlyList<string> ClientSets)
{
    /// <summary>Reads what <c>nft -j list table</c> prints; null when it has another form than this version writes.</summary>
    public static TableState? Parse(string listing)
    {
        var elements = new Dictionary<ElementKey, string?>();
        List<string> chains = [], clientSets = [];
        try
        {
            using var json = JsonDocument.Parse(listing);
            foreach (var entry in json.RootElement.GetProperty("nftables").EnumerateArray().SelectMany(o => o.EnumerateObject()))
            {
                if (entry.Name is "map" or "set")
                {
                    ReadContainer(entry.Value, elements, clientSets);
                }
                else if (entry.Name == "chain" && entry.Value.GetProperty("name").GetString() is { } chain && chain.StartsWith(ServiceTable.ChainPrefix, StringComparison.Ordinal))
                {
                    chains.Add(chain);
                }
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }

        return new TableState(elements, chains, clientSets);
    }

    private static void ReadContainer(JsonElement container, Dictionary<ElementKey, string?> elements, List<string> clientSets)
    {
        var name = container.GetProperty("name").GetString()!;
        if (name.StartsWith(ServiceTable.ClientSetPrefix, StringComparison.Ordinal))
        {
            clientSets.Add(name);
            return;
        }

        if (!container.TryGetProperty("elem", out var list))
        {
            return;
        }

        var isMap = container.TryGetProperty("map", out _);
        foreach (var element in list.EnumerateArray())
        {
            var key = new ElementKey(name, Text(isMap ? element[0] : element));
            elements.Add(key, isMap ? Text(element[1]) : null);
        }
    }

    // As the scripts spell it: 10.0.0.1 . tcp . 80, goto CHAIN, drop.
    private static string Text(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return value.ToString();
        }

        var only = value.EnumerateObject().Single();
        return only.Name switch
        {
            "concat" => string.Join(" . ", only.Value.EnumerateArray().Select(Text)),
            "goto" => $"goto {only.Value.GetProperty("target").GetString()}",
            "drop" => ServiceTable.Drop,
            _ => throw new FormatException(only.Name),
        };
    }
}
