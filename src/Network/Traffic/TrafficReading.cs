using System.Net;
using System.Text.Json;

namespace Sealos.Network.Traffic;

/// <summary>What the kernel has counted at an address, and for which pod.</summary>
internal readonly record struct TrafficReading(string Uid, PodTraffic Counted)
{
    /// <summary>Reads what <c>nft -j list table</c> prints; null when it has another form than this version writes.</summary>
    public static Dictionary<IPAddress, TrafficReading>? Parse(string listing)
    {
        var readings = new Dictionary<IPAddress, TrafficReading>();
        try
        {
            using var json = JsonDocument.Parse(listing);
            foreach (var entry in json.RootElement.GetProperty("nftables").EnumerateArray())
            {
                if (entry.TryGetProperty("set", out var set) && set.TryGetProperty("elem", out var elements))
                {
                    foreach (var element in elements.EnumerateArray())
                    {
                        Add(readings, set.GetProperty("name").GetString()!, element.GetProperty("elem"));
                    }
                }
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }

        return readings;
    }

    private static void Add(Dictionary<IPAddress, TrafficReading> readings, string set, JsonElement element)
    {
        var address = IPAddress.Parse(element.GetProperty("val").GetString()!);
        var uid = element.GetProperty("comment").GetString()!;
        var bytes = element.GetProperty("counter").GetProperty("bytes").GetUInt64();
        var known = readings.TryGetValue(address, out var reading) ? reading.Counted : default;
        readings[address] = new TrafficReading(uid, set switch
        {
            TrafficTable.SentInside => known with { SentInside = bytes },
            TrafficTable.SentOutside => known with { SentOutside = bytes },
            TrafficTable.GotInside => known with { GotInside = bytes },
            TrafficTable.GotOutside => known with { GotOutside = bytes },
            _ => throw new FormatException(set),
        });
    }
}
