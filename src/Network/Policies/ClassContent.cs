using System.Buffers.Binary;
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

    /// <summary>It would hold more than anybody may; what it allows was not worked out to the end.</summary>
    public bool IsCut { get; init; }

    public ImmutableHashSet<ElementKey> Elements { get; init; } = [];

    public ImmutableArray<string> Rules { get; init; } = [];

    /// <summary>The groups whose sets its rules look into.</summary>
    public ImmutableHashSet<PeerGroup> Sets { get; init; } = [];

    /// <summary>All that the policies of a class allow together. Pure.</summary>
    /// <param name="class">The class.</param>
    /// <param name="most">How many elements it may have.</param>
    public static ClassContent Of(PolicyClass @class, int most = NamespaceBudget.Most)
    {
        var draft = new Draft(@class, most);
        foreach (var entry in @class.Policies)
        {
            foreach (var rule in entry.Policy.Rules(@class.Direction) ?? [])
            {
                if (rule.Peers is null && rule.Ports is null)
                {
                    return new ClassContent { IsOpen = true };
                }

                draft.Add(entry, rule);
                if (draft.IsCut)
                {
                    return new ClassContent { IsCut = true };
                }
            }
        }

        return draft.ToContent();
    }

    private sealed class Draft(PolicyClass @class, int most)
    {
        // Beyond, the members of a group are a set rather than repeated for each port.
        private const int ManyPorts = 4;

        private readonly ImmutableHashSet<ElementKey>.Builder _elements = ImmutableHashSet.CreateBuilder<ElementKey>();
        private readonly SortedSet<string> _rules = new(StringComparer.Ordinal);
        private readonly ImmutableHashSet<PeerGroup>.Builder _sets = ImmutableHashSet.CreateBuilder<PeerGroup>();
        private readonly Direction _direction = @class.Direction;
        private readonly string _id = @class.Id.ToString(CultureInfo.InvariantCulture);

        public bool IsCut { get; private set; }

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
            var (exact, ranges) = Split(ports);
            foreach (var port in exact)
            {
                Element(PolicyTable.Ports(_direction), $"{port.Protocol} . {port.First}");
            }

            Rules("", ranges);

            // A name is a number of the pod that is reached, so those who give it one are found first.
            if (Named(ports) is { Count: > 0 } names)
            {
                AddNamed(entry.Groups[PeerGroups.Everybody.Key].Members, names);
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
                Rule(InSet(group));
            }

            var (exact, ranges) = Split(ports ?? []);
            if (group.IsBroad || exact.Count > ManyPorts)
            {
                (exact, ranges) = ([], [.. exact, .. ranges]);
            }

            if (ranges.Count > 0)
            {
                Rules(InSet(group), ranges);
            }

            foreach (var port in exact)
            {
                foreach (var member in group.Members)
                {
                    Element(PolicyTable.Both(_direction), $"{member.Facts.Address} . {port.Protocol} . {port.First}");
                }
            }

            AddNamed(group.Members, Named(ports ?? []));
        }

        // A pod has few ports, however many names a policy has.
        private void AddNamed(IEnumerable<PodEntry> members, HashSet<string> names)
        {
            if (names.Count == 0)
            {
                return;
            }

            foreach (var member in members)
            {
                foreach (var (name, number) in member.Facts.Ports.Where(p => names.Contains(p.Key)))
                {
                    Element(PolicyTable.Both(_direction), $"{member.Facts.Address} . {name[(name.LastIndexOf('/') + 1)..]} . {number}");
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
                Rule(match);
            }

            Rules(match, Numbered(ports ?? []));
            if (Named(ports ?? []) is { Count: > 0 } names)
            {
                // Only pods have names for ports.
                AddNamed(entry.Groups[PeerGroups.Everybody.Key].Members.Where(m => peer.Contains(m.Facts.Address)), names);
            }
        }

        // An anonymous set takes no address twice. Sorted, a block comes right after those that hold it.
        private static List<IPNetwork> Disjoint(ImmutableArray<IPNetwork> blocks)
        {
            var kept = new List<IPNetwork>(blocks.Length);
            foreach (var block in blocks.OrderBy(b => BinaryPrimitives.ReadUInt32BigEndian(b.BaseAddress.GetAddressBytes())).ThenBy(b => b.PrefixLength))
            {
                if (kept.Count == 0 || !kept[^1].Contains(block.BaseAddress))
                {
                    kept.Add(block);
                }
            }

            return kept;
        }

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

        private HashSet<string> Named(ImmutableArray<PolicyPort> ports) =>
            _direction == Direction.Ingress ? [] : [.. ports.Where(p => p.Name is not null).Select(p => PodFacts.PortKey(p.Name!, p.Protocol))];

        private (List<PolicyPort> Exact, List<PolicyPort> Ranges) Split(ImmutableArray<PolicyPort> ports)
        {
            var byKind = Numbered(ports).ToLookup(p => p.IsExact);
            return ([.. byKind[true]], [.. byKind[false]]);
        }

        private void Element(string container, string rest)
        {
            if (_elements.Count >= most)
            {
                IsCut = true;
                return;
            }

            _elements.Add(new ElementKey(container, $"{_id} . {rest}"));
        }

        // One rule for a protocol, however many its ports: each new packet walks all rules.
        private void Rules(string match, IEnumerable<PolicyPort> ports)
        {
            foreach (var ofProtocol in ports.GroupBy(p => p.Protocol, StringComparer.Ordinal))
            {
                var ranges = Merged(ofProtocol);
                var numbers = ranges switch
                {
                    [(0, 65535)] => "",
                    [var one] => $"th dport {Text(one)} ",
                    _ => $"th dport {{ {string.Join(", ", ranges.Select(Text))} }} ",
                };
                Rule($"{match}meta l4proto {ofProtocol.Key} {numbers}");
            }
        }

        private void Rule(string match) => _rules.Add($"{match}{PolicyTable.Allow(_direction)}");

        private static string Text((int First, int Last) range) => range.First == range.Last ? $"{range.First}" : $"{range.First}-{range.Last}";

        private static List<(int First, int Last)> Merged(IEnumerable<PolicyPort> ports)
        {
            var merged = new List<(int First, int Last)>();
            foreach (var port in ports.OrderBy(p => p.First))
            {
                if (merged.Count > 0 && port.First <= merged[^1].Last + 1)
                {
                    merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, port.Last));
                }
                else
                {
                    merged.Add((port.First, port.Last));
                }
            }

            return merged;
        }
    }
}
