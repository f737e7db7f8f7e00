using System.Text.Json;

namespace Sealos.Network.Nft;

/// <summary>What an earlier run left in the kernel's table: elements, and the chains and sets that are not fixed.</summary>
internal sealed record TableState(IReadOnlyDictionary<ElementKey, string?> Elements, IReadOnlyList<string> Chains, IReadOnlyList<string> Sets)
{
    /// <summary>Reads what <c>nft -j list table</c> prints; null when it has another form than this version writes.</summary>
    public static TableState? Parse(string listing, VariableNames names)
    {
        var elements = new Dictionary<ElementKey, string?>();
        List<string> chains = [], sets = [];
        try
        {
            using var json = JsonDocument.Parse(listing);
            foreach (var entry in json.RootElement.GetProperty("nftables").EnumerateArray().SelectMany(o => o.EnumerateObject()))
            {
                if (entry.Name is "map" or "set")
                {
                    ReadContainer(entry.Value, names, elements, sets);
                }
                else if (entry.Name == "chain" && entry.Value.GetProperty("name").GetString() is { } chain && names.IsChain(chain))
                {
                    chains.Add(chain);
                }
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }

        return new TableState(elements, chains, sets);
    }

    private static void ReadContainer(JsonElement container, VariableNames names, Dictionary<ElementKey, string?> elements, List<string> sets)
    {
        var name = container.GetProperty("name").GetString()!;
        if (names.IsSet(name))
        {
            sets.Add(name);
            if (!names.HasKnownElements)
            {
                return;
            }
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
            "jump" => $"jump {only.Value.GetProperty("target").GetString()}",
            "drop" => "drop",
            _ => throw new FormatException(only.Name),
        };
    }
}

/// <summary>Which chains and sets of a table come and go.</summary>
/// <param name="ChainPrefixes">How the names of such chains begin.</param>
/// <param name="SetPrefix">How the names of such sets begin.</param>
/// <param name="HasKnownElements">Whether the elements of such sets are ours, not put there by packets.</param>
internal sealed record VariableNames(IReadOnlyList<string> ChainPrefixes, string SetPrefix, bool HasKnownElements)
{
    public bool IsChain(string name) => ChainPrefixes.Any(p => name.StartsWith(p, StringComparison.Ordinal));

    public bool IsSet(string name) => name.StartsWith(SetPrefix, StringComparison.Ordinal);
}
