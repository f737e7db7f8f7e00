using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Sealos.Network.Nft;

namespace Sealos.Network.Policies;

/// <summary>What a class may, as elements and as rules of its chain.</summary>
internal sealed record ClassContent
{
    public static readonly ClassContent Nothing = new();

    /// <summary>Everything is allowed: its pods need not be looked at.</summary>
    public bool IsOpen { get; init; }

    public ImmutableHashSet<ElementKey> Elements { get; init; } = [];

    public ImmutableArray<string> Rules { get; init; } = [];

    /// <summary>The groups whose sets its rules look into.</summary>
    public ImmutableHashSet<PeerGroup> Sets { get; init; } = [];

    /// <summary>All that the policies of a class allow together. Pure.</summary>
    public static ClassContent Of(PolicyClass @class)
    {
        var draft = new Draft(@class);
        foreach (var entry in @class.Policies)
        {
            foreach (var rule in entry.Policy.Rules(@class.Direction) ?? [])
            {
                if (rule.Peers is null && rule.Ports is null)
                {
                    return new ClassContent { IsOpen = true };
                }

                draft.Add(entry, rule);
            }
        }

        return draft.ToContent();
    }

    private sealed class Draft(PolicyClass @class)
    {
        private readonly ImmutableHashSet<ElementKey>.Builder _elements = ImmutableHashSet.CreateBuilder<ElementKey>();
        private readonly SortedSet<string> _rules = new(StringComparer.Ordinal);
        private readonly ImmutableHashSet<PeerGroup>.Builder _sets = ImmutableHashSet.CreateBuilder<PeerGroup>();
        private readonly Direction _direction = @class.Direction;
        private readonly string _id = @class.Id.ToString(CultureInfo.InvariantCulture);

        private string PeerField => _direction == Direction.Ingress ? "ip saddr" : "ip daddr";

        public void Add(PolicyEntry entry, PolicyRule rule)
        {
            if (rule.Peers is not { } peers)
            {
                AddAnyPeer(entry, rule.Ports!.Value);
                return;
            }

            foreach (var peer in peers)
            {
                if (peer is PodPeer pods)
                {
                    AddGroup(entry.Groups[pods.Key], rule.Ports);
                }
                else
                {
                    AddBlock(entry, (BlockPeer)peer, rule.Ports);
                }
            }
        }

        public ClassContent ToContent() => new() { Elements = _elements.ToImmutable(), Rules = [.. _rules], Sets = _sets.ToImmutable() };

        private void AddAnyPeer(PolicyEntry entry, ImmutableArray<PolicyPort> ports)
        {
            foreach (var port in Numbered(ports))
            {
                if (port.IsExact)
                {
                    Element(PolicyTable.Ports(_direction), $"{port.Protocol} . {port.First}");
                }
                else
                {
                    Rule("", port);
                }
            }

            // A name is a number of the pod that is reached, so those who give it one are found first.
            foreach (var port in Named(ports))
            {
                AddNamed(entry.Groups[PeerGroups.Everybody.Key].Members, port);
            }
        }

        private void AddGroup(PeerGroup group, ImmutableArray<PolicyPort>? ports)
        {
            if (ports is null && !group.IsBroad)
            {
                foreach (var member in group.Members)
                {
                    Element(PolicyTable.Peers(_direction), $"{member.Facts.Address}");
                }
            }
            else if (ports is null)
            {
                Rule(InSet(group), null);
            }

            foreach (var port in Numbered(ports ?? []))
            {
                if (!port.IsExact || group.IsBroad)
                {
                    Rule(InSet(group), port);
                    continue;
                }

                foreach (var member in group.Members)
                {
                    Element(PolicyTable.Both(_direction), $"{member.Facts.Address} . {port.Protocol} . {port.First}");
                }
            }

            foreach (var port in Named(ports ?? []))
            {
                AddNamed(group.Members, port);
            }
        }

        private void AddNamed(IEnumerable<PodEntry> members, PolicyPort port)
        {
            foreach (var member in members)
            {
                if (member.Facts.Ports.TryGetValue(PodFacts.PortKey(port.Name!, port.Protocol), out var number))
                {
                    Element(PolicyTable.Both(_direction), $"{member.Facts.Address} . {port.Protocol} . {number}");
                }
            }
        }

        private void AddBlock(PolicyEntry entry, BlockPeer peer, ImmutableArray<PolicyPort>? ports)
        {
            var match = peer.Block.PrefixLength == 0 ? "" : $"{PeerField} {peer.Block} ";
            if (peer.Except.Length > 0)
            {
                match += $"{PeerField} != {{ {string.Join(", ", Disjoint(peer.Except))} }} ";
            }

            if (ports is null)
            {
                Rule(match, null);
            }

            foreach (var port in Numbered(ports ?? []))
            {
                Rule(match, port);
            }

            foreach (var port in Named(ports ?? []))
            {
                // Only pods have names for ports.
                AddNamed(entry.Groups[PeerGroups.Everybody.Key].Members.Where(m => peer.Contains(m.Facts.Address)), port);
            }
        }

        // An anonymous set takes no address twice.
        private static IEnumerable<IPNetwork> Disjoint(ImmutableArray<IPNetwork> blocks) =>
            blocks.Distinct().Where(b => !blocks.Any(o => o.PrefixLength < b.PrefixLength && o.Contains(b.BaseAddress)));

        private string InSet(PeerGroup group)
        {
            _sets.Add(group);
            return $"{PeerField} @{group.SetName} ";
        }

        // Towards the pods of the class its names are numbers already; the peers' names differ from peer to peer.
        private IEnumerable<PolicyPort> Numbered(ImmutableArray<PolicyPort> ports)
        {
            foreach (var port in ports)
            {
                if (port.Name is null)
                {
                    yield return port;
                }
                else if (_direction == Direction.Ingress && @class.Ports.TryGetValue(PodFacts.PortKey(port.Name, port.Protocol), out var number))
                {
                    yield return new PolicyPort(port.Protocol, number, number, null);
                }
            }
        }

        private IEnumerable<PolicyPort> Named(ImmutableArray<PolicyPort> ports) => _direction == Direction.Ingress ? [] : ports.Where(p => p.Name is not null);

        private void Element(string container, string rest) => _elements.Add(new ElementKey(container, $"{_id} . {rest}"));

        private void Rule(string match, PolicyPort? port)
        {
            var ports = port switch
            {
                null => "",
                { First: 0, Last: 65535 } => $"meta l4proto {port.Value.Protocol} ",
                { IsExact: true } => $"meta l4proto {port.Value.Protocol} th dport {port.Value.First} ",
                _ => $"meta l4proto {port.Value.Protocol} th dport {port.Value.First}-{port.Value.Last} ",
            };
            _rules.Add($"{match}{ports}{PolicyTable.Allow(_direction)}");
        }
    }
}
