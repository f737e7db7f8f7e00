using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Sealos.Network.Nft;

namespace Sealos.Network.Policies;

/// <summary>What the kernel's table holds, and the scripts that take it from there to what is wanted.</summary>
internal sealed class PolicyDiffer(NftTable table, TimeProvider time, int mostOfNamespace = NamespaceBudget.Most)
{
    private readonly NamespaceBudget _budget = new(mostOfNamespace);
    // A packet that is under way may still carry the number of a class that has just been left.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    private static readonly Direction[] Directions = [Direction.Ingress, Direction.Egress];

    private readonly Dictionary<(Direction, IPAddress), uint> _assigned = [];
    private readonly HashSet<IPAddress> _known = [];
    private readonly Dictionary<string, HashSet<string>> _sets = new(StringComparer.Ordinal);
    // By name: a policy that is written again names the same set by another group.
    private readonly Dictionary<string, int> _setUsers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _retiredChains = [];
    private readonly Dictionary<string, long> _retiredSets = [];

    /// <summary>Namespaces some of whose policies are not in force, because there are too many of them.</summary>
    public IReadOnlyCollection<string> Exhausted => _budget.Exhausted;

    public bool HasRetired => _retiredChains.Count + _retiredSets.Count > 0;

    public string Change(IEnumerable<PolicyClass> stale, IEnumerable<WantedClasses> moved, IEnumerable<PeerGroup> regrouped)
    {
        var draft = new Draft(table);
        var wanted = moved.ToList();
        foreach (var @class in stale)
        {
            Render(draft, @class, wanted);
        }

        foreach (var @class in _budget.TakeRelieved())
        {
            Render(draft, @class, wanted);
        }

        foreach (var group in regrouped.Where(g => g.Policies.Count > 0 && _setUsers.ContainsKey(g.SetName)))
        {
            FillSet(draft, group);
        }

        foreach (var address in wanted)
        {
            Assign(draft, address);
        }

        return draft.ToString();
    }

    /// <summary>The script for a table that an earlier run left without rules. Elements that are still right are not touched.</summary>
    public string TakeOver(TableState left, IEnumerable<PolicyClass> classes, IEnumerable<WantedClasses> addresses)
    {
        var whole = new Draft(table);
        foreach (var @class in classes)
        {
            Render(whole, @class, []);
        }

        foreach (var address in addresses)
        {
            Assign(whole, address);
        }

        var now = time.GetTimestamp();
        foreach (var chain in left.Chains.Where(c => !whole.HasChain(c)))
        {
            _retiredChains[chain] = now;
        }

        foreach (var set in left.Sets.Where(s => !_sets.ContainsKey(s)))
        {
            _retiredSets[set] = now;
            _sets[set] = [.. left.Elements.Keys.Where(e => e.Container == set).Select(e => e.Key)];
        }

        // What stands in a set that is about to be deleted goes with it.
        return whole.Against(left.Elements.Where(e => !_retiredSets.ContainsKey(e.Key.Container)));
    }

    /// <summary>The script that deletes what was emptied a while ago, and the classes that are deleted by it.</summary>
    public (string Script, List<PolicyClass> Gone) Sweep(IEnumerable<PolicyClass> idle)
    {
        var draft = new Draft(table);
        foreach (var chain in Rested(_retiredChains))
        {
            draft.Script.DeleteChain(chain);
        }

        foreach (var set in Rested(_retiredSets))
        {
            draft.Script.DeleteSet(set);
            _sets.Remove(set);
        }

        var gone = idle.Where(c => c.IdleSince is { } since && time.GetElapsedTime(since) >= Rest).ToList();
        foreach (var @class in gone)
        {
            Write(draft, @class, _budget.Fit(@class, ClassContent.Nothing));
        }

        return (draft.ToString(), gone);
    }

    private List<string> Rested(Dictionary<string, long> retired)
    {
        var rested = retired.Where(r => time.GetElapsedTime(r.Value) >= Rest).Select(r => r.Key).ToList();
        rested.ForEach(r => retired.Remove(r));
        return rested;
    }

    private void Render(Draft draft, PolicyClass @class, List<WantedClasses> wanted)
    {
        var wasOpen = @class.Content.IsOpen;
        Write(draft, @class, _budget.Fit(@class, ClassContent.Of(@class, _budget.MostOfClass)));
        if (@class.Content.IsOpen != wasOpen)
        {
            wanted.AddRange(@class.Pods.Select(p => new WantedClasses(p.Facts.Address, IsHeld: true, p.Ingress, p.Egress)));
        }
    }

    private void Write(Draft draft, PolicyClass @class, ClassContent content)
    {
        var old = @class.Content;
        @class.Content = content;
        foreach (var group in content.Sets.Except(old.Sets))
        {
            UseSet(draft, group);
        }

        WriteChain(draft, @class, old.Rules);
        foreach (var element in content.Elements.Except(old.Elements))
        {
            draft.Add(element, null);
        }

        foreach (var element in old.Elements.Except(content.Elements))
        {
            draft.Delete(element);
        }

        foreach (var group in old.Sets.Except(content.Sets))
        {
            LeaveSet(group);
        }
    }

    private void WriteChain(Draft draft, PolicyClass @class, ImmutableArray<string> old)
    {
        var rules = @class.Content.Rules;
        if (rules.SequenceEqual(old))
        {
            return;
        }

        var chain = PolicyTable.Chain(@class.Direction, @class.Id);
        var entry = new ElementKey(PolicyTable.Rules(@class.Direction), $"{@class.Id}");
        if (rules.IsEmpty)
        {
            draft.Delete(entry);
            draft.Script.FlushChain(chain);
            _retiredChains[chain] = time.GetTimestamp();
            return;
        }

        draft.WriteChain(chain, rules);
        _retiredChains.Remove(chain);
        if (old.IsEmpty)
        {
            draft.Add(entry, $"jump {chain}");
        }
    }

    private void UseSet(Draft draft, PeerGroup group)
    {
        var users = _setUsers.GetValueOrDefault(group.SetName);
        _setUsers[group.SetName] = users + 1;
        if (users == 0)
        {
            draft.Script.AddSet(group.SetName, "type ipv4_addr");
            _sets.TryAdd(group.SetName, new HashSet<string>(StringComparer.Ordinal));
            _retiredSets.Remove(group.SetName);
        }

        FillSet(draft, group);
    }

    private void LeaveSet(PeerGroup group)
    {
        if (--_setUsers[group.SetName] == 0)
        {
            _setUsers.Remove(group.SetName);
            _retiredSets[group.SetName] = time.GetTimestamp();
        }
    }

    private void FillSet(Draft draft, PeerGroup group)
    {
        var has = _sets[group.SetName];
        var wanted = group.Members.Select(m => $"{m.Facts.Address}").ToHashSet(StringComparer.Ordinal);
        foreach (var address in wanted.Except(has))
        {
            draft.Add(new ElementKey(group.SetName, address), null);
        }

        foreach (var address in has.Except(wanted))
        {
            draft.Delete(new ElementKey(group.SetName, address));
        }

        _sets[group.SetName] = wanted;
    }

    private void Assign(Draft draft, WantedClasses wanted)
    {
        var known = new ElementKey(PolicyTable.Known, $"{wanted.Address}");
        if (wanted.IsHeld && _known.Add(wanted.Address))
        {
            draft.Add(known, null);
        }
        else if (!wanted.IsHeld && _known.Remove(wanted.Address))
        {
            draft.Delete(known);
        }

        foreach (var direction in Directions)
        {
            var key = (direction, wanted.Address);
            var @class = wanted.Class(direction);
            var id = @class is null || @class.Content.IsOpen ? (uint?)null : @class.Id;
            var isThere = _assigned.TryGetValue(key, out var had);
            if (isThere ? had == id : id is null)
            {
                continue;
            }

            var element = new ElementKey(PolicyTable.Class(direction), $"{wanted.Address}");
            if (isThere)
            {
                draft.Delete(element);
                _assigned.Remove(key);
            }

            if (id is not null)
            {
                draft.Add(element, id.Value.ToString(CultureInfo.InvariantCulture));
                _assigned[key] = id.Value;
            }
        }
    }

    /// <summary>Gathers one transaction: sets and chains first, then what leaves, then what comes.</summary>
    private sealed class Draft(NftTable table)
    {
        private readonly List<ElementKey> _deleted = [];
        private readonly Dictionary<ElementKey, string?> _added = [];
        private readonly HashSet<string> _chains = new(StringComparer.Ordinal);

        public NftScript Script { get; } = new(table);

        public bool HasChain(string chain) => _chains.Contains(chain);

        public void Add(ElementKey element, string? value) => _added.Add(element, value);

        public void Delete(ElementKey element) => _deleted.Add(element);

        public void WriteChain(string chain, IEnumerable<string> rules)
        {
            _chains.Add(chain);
            Script.WriteChain(chain, rules);
        }

        /// <summary>The transaction where these elements are there already.</summary>
        public string Against(IEnumerable<KeyValuePair<ElementKey, string?>> there)
        {
            foreach (var (element, value) in there)
            {
                if (!_added.TryGetValue(element, out var wanted))
                {
                    _deleted.Add(element);
                }
                else if (wanted == value)
                {
                    _added.Remove(element);
                }
                else
                {
                    _deleted.Add(element);
                }
            }

            return ToString();
        }

        public override string ToString()
        {
            _deleted.ForEach(Script.DeleteElement);
            Script.AddElements(_added.Select(e => new PlanElement(e.Key, e.Value)));
            return Script.ToString();
        }
    }
}
