using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Sealos.Network.Nft;
using Sealos.Network.Policies;

namespace Sealos.Network.Traffic;

/// <summary>
/// Which counters belong to which pod. The kernel holds the numbers and, as comments, whom they count for; so they go on while the
/// server restarts. A counter goes when its pod does, or when another pod gets its address: nobody inherits what others sent.
/// </summary>
internal sealed partial class TrafficLedger(NftTable table)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, string> _counted = [];
    private readonly Dictionary<IPAddress, string> _holders = [];
    private readonly Dictionary<string, IPAddress> _live = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _namespaces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PodTraffic> _last = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PodTraffic> _gone = new(StringComparer.Ordinal);

    /// <summary>Whether counters may be left of pods that are gone.</summary>
    public bool HasLeft { get; private set; } = true;

    /// <summary>The script after addresses changed hands. Counters of a pod that is gone stay until they are read for the last time.</summary>
    public string Move(IEnumerable<(IPAddress Address, PodFacts? Holder)> moved)
    {
        lock (_lock)
        {
            var script = new StringBuilder();
            foreach (var (address, holder) in moved)
            {
                if (_holders.TryGetValue(address, out var before) && before != holder?.Uid)
                {
                    Leave(address, before);
                }

                if (holder is not null && holder.IsSelectable && Plain().IsMatch(holder.Uid))
                {
                    _holders[address] = holder.Uid;
                    _live[holder.Uid] = address;
                    _namespaces[holder.Uid] = holder.Namespace;
                    Count(script, address, holder.Uid, default);
                }
            }

            return script.ToString();
        }
    }

    /// <summary>The script for a table that is new and empty: counters go on from what was last read.</summary>
    public string Fill()
    {
        lock (_lock)
        {
            var script = new StringBuilder();
            _counted.Clear();
            foreach (var (uid, address) in _live)
            {
                Count(script, address, uid, _last.GetValueOrDefault(uid));
            }

            return script.ToString();
        }
    }

    /// <summary>Learns what an earlier run counts, before any pod is known.</summary>
    public void TakeOver(IReadOnlyDictionary<IPAddress, TrafficReading> readings)
    {
        lock (_lock)
        {
            foreach (var (address, reading) in readings)
            {
                _counted[address] = reading.Uid;
            }
        }
    }

    /// <summary>Totals from what the kernel has counted; where its table is missing, from what it had counted before.</summary>
    public TrafficReport Report(IReadOnlyDictionary<IPAddress, TrafficReading>? readings)
    {
        lock (_lock)
        {
            var pods = readings is null ? new Dictionary<string, PodTraffic>(_last, StringComparer.Ordinal) : Totals(readings);
            var namespaces = new Dictionary<string, PodTraffic>(_gone, StringComparer.Ordinal);
            foreach (var uid in _live.Keys)
            {
                _last[uid] = pods.GetValueOrDefault(uid);
                var ns = _namespaces[uid];
                namespaces[ns] = namespaces.GetValueOrDefault(ns) + _last[uid];
            }

            return new TrafficReport(pods.Where(p => _live.ContainsKey(p.Key)).ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal), namespaces);
        }
    }

    /// <summary>Adds what pods that are gone sent to their namespaces, and returns the script that deletes their counters.</summary>
    public string Settle(IReadOnlyDictionary<IPAddress, TrafficReading> readings)
    {
        lock (_lock)
        {
            var script = new StringBuilder();
            foreach (var (uid, traffic) in Totals(readings).Where(t => !_live.ContainsKey(t.Key)))
            {
                if (_namespaces.Remove(uid, out var ns))
                {
                    _gone[ns] = _gone.GetValueOrDefault(ns) + traffic;
                }

                _last.Remove(uid);
            }

            foreach (var address in _counted.Where(c => !_live.ContainsKey(c.Value)).Select(c => c.Key).ToList())
            {
                Stop(script, address);
            }

            HasLeft = false;
            return script.ToString();
        }
    }

    /// <summary>A namespace is gone, and what it used with it.</summary>
    public void Forget(string ns)
    {
        lock (_lock)
        {
            _gone.Remove(ns);
        }
    }

    // What the API server makes; anything else has no place in a script.
    [GeneratedRegex("^[A-Za-z0-9/-]{1,100}$")]
    private static partial Regex Plain();

    private static Dictionary<string, PodTraffic> Totals(IReadOnlyDictionary<IPAddress, TrafficReading> readings)
    {
        var totals = new Dictionary<string, PodTraffic>(StringComparer.Ordinal);
        foreach (var reading in readings.Values)
        {
            // A pod whose network was made anew has counters at both addresses.
            totals[reading.Uid] = totals.GetValueOrDefault(reading.Uid) + reading.Counted;
        }

        return totals;
    }

    private void Leave(IPAddress address, string uid)
    {
        _holders.Remove(address);
        if (_live.TryGetValue(uid, out var at) && at.Equals(address))
        {
            _live.Remove(uid);
            HasLeft = true;
        }
    }

    private void Count(StringBuilder script, IPAddress address, string uid, PodTraffic from)
    {
        if (_counted.TryGetValue(address, out var had))
        {
            if (had == uid)
            {
                return;
            }

            Stop(script, address);
        }

        _counted[address] = uid;
        foreach (var (set, bytes) in new[] { (TrafficTable.SentInside, from.SentInside), (TrafficTable.SentOutside, from.SentOutside), (TrafficTable.GotInside, from.GotInside), (TrafficTable.GotOutside, from.GotOutside) })
        {
            script.Append(CultureInfo.InvariantCulture, $"add element {table} {set} {{ {address} counter packets 0 bytes {bytes} comment \"{uid}\" }}\n");
        }
    }

    private void Stop(StringBuilder script, IPAddress address)
    {
        _counted.Remove(address);
        foreach (var set in TrafficTable.Sets)
        {
            script.Append(CultureInfo.InvariantCulture, $"delete element {table} {set} {{ {address} }}\n");
        }
    }
}
