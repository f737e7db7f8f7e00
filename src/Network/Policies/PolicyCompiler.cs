using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Sealos.ControllerKit;
using Sealos.Network.Nft;

namespace Sealos.Network.Policies;

/// <summary>
/// Policies, pods and namespaces as last seen, and from them the script that brings the kernel's table up to date. Each change
/// costs what it touches: the classes of the pods selected, and the classes whose peers changed. No I/O; the caller applies
/// every script it is given, in order, and where one fails starts over.
/// </summary>
internal sealed class PolicyCompiler
{
    private static readonly Direction[] Directions = [Direction.Ingress, Direction.Egress];

    private readonly Dictionary<ObjectKey, PodEntry> _pods = [];
    private readonly Dictionary<IPAddress, PodEntry> _byAddress = [];
    private readonly AddressClaims _claims = new();
    private readonly Dictionary<string, IReadOnlyDictionary<string, string>> _namespaces = new(StringComparer.Ordinal);
    private readonly Dictionary<ObjectKey, PolicyEntry> _policies = [];
    private readonly Dictionary<string, SelectorIndex<PolicyEntry>> _policiesOf = new(StringComparer.Ordinal);
    private readonly PodsByNamespace _podsOf = new();
    private readonly PeerGroups _groups;
    private readonly Dictionary<string, PolicyClass> _classes = new(StringComparer.Ordinal);
    private readonly HashSet<(Direction, uint)> _ids = [];
    private readonly HashSet<PolicyClass> _idle = [];
    private readonly HashSet<PodEntry> _unplaced = [];
    private readonly HashSet<PolicyClass> _stale = [];
    private readonly HashSet<IPAddress> _moved = [];
    private readonly HashSet<IPAddress> _handedOver = [];
    private readonly HashSet<PeerGroup> _regrouped = [];
    private readonly PolicyDiffer _differ;
    private readonly TimeProvider _time;

    public PolicyCompiler(NftTable table, TimeProvider time, int mostOfNamespace = NamespaceBudget.Most)
    {
        _time = time;
        _groups = new PeerGroups(_namespaces, _podsOf);
        _differ = new PolicyDiffer(table, time, mostOfNamespace);
    }

    /// <summary>Whether something emptied still waits to be deleted.</summary>
    public bool HasRetired => _differ.HasRetired || _idle.Count > 0;

    /// <summary>How many classes there are; what the kernel's work grows with.</summary>
    public int ClassCount => _classes.Count;

    /// <summary>Namespaces some of whose policies are not in force, because there are too many of them; their pods are isolated.</summary>
    public IReadOnlyCollection<string> Exhausted => _differ.Exhausted;

    public void SetPod(ObjectKey key, PodFacts? facts)
    {
        var freed = _pods.TryGetValue(key, out var known) ? known.Facts.Address : null;
        _claims.Remove(key);
        if (facts is not null && _byAddress.TryGetValue(facts.Address, out var holder) && holder.Facts.Key != key)
        {
            if (AddressClaims.IsBetter(holder.Facts, facts))
            {
                _claims.Add(facts);
                facts = null;
            }
            else
            {
                _claims.Add(holder.Facts);
                RemovePod(holder);
            }
        }

        Replace(known, facts);
        if (freed is not null && !_byAddress.ContainsKey(freed) && _claims.TakeBest(freed) is { } next)
        {
            // Who was refused for the one that is gone.
            AddPod(new PodEntry(next));
        }
    }

    /// <summary>Whether a pod is in force at an address.</summary>
    public bool Holds(ObjectKey key, IPAddress address) => _byAddress.TryGetValue(address, out var holder) && holder.Facts.Key == key;

    private void Replace(PodEntry? known, PodFacts? facts)
    {
        if (known is not null && facts is not null && known.Facts.IsSameAs(facts))
        {
            return;
        }

        if (known is not null)
        {
            RemovePod(known);
        }

        if (facts is not null)
        {
            AddPod(new PodEntry(facts));
        }
    }

    public void SetNamespace(string name, IReadOnlyDictionary<string, string>? labels)
    {
        if (labels is null)
        {
            _namespaces.Remove(name);
        }
        else if (_namespaces.TryGetValue(name, out var known) && known.Count == labels.Count && known.All(p => labels.TryGetValue(p.Key, out var value) && value == p.Value))
        {
            return;
        }
        else
        {
            _namespaces[name] = labels;
        }

        foreach (var pod in _podsOf.In(name))
        {
            Regroup(_groups.Place(pod));
        }
    }

    public void SetPolicy(ObjectKey key, ParsedPolicy? policy)
    {
        if (_policies.Remove(key, out var old))
        {
            Unplace(old);
            IndexOf(key).Remove(old.Policy.Pods, old);
            _groups.Remove(old);
            foreach (var @class in old.Classes)
            {
                @class.Policies.Remove(old);
                _stale.Add(@class);
            }
        }

        if (policy is null)
        {
            if (IndexOf(key).IsEmpty)
            {
                _policiesOf.Remove(key.Namespace ?? "");
            }

            return;
        }

        var entry = _policies[key] = new PolicyEntry(policy);
        IndexOf(key).Add(policy.Pods, entry);
        _groups.Add(entry);
        Unplace(entry);

        // A class goes on with what its policy says now, so that no pod is without it for a moment.
        foreach (var @class in old?.Classes ?? [])
        {
            @class.Policies.Add(entry);
            entry.Classes.Add(@class);
        }
    }

    /// <summary>What is to be done since the last time; the script is empty when nothing changes.</summary>
    public string Update()
    {
        Settle();

        // A class that was left stays as it was for the packets that are under way in it.
        var script = _differ.Change(_stale.Where(c => c.IdleSince is null), _moved.Select(WantedOf), _regrouped);
        Clear();
        return script;
    }

    /// <summary>The script that fills a table which an earlier run left and whose rules are all flushed, touching only what differs.</summary>
    public string TakeOver(TableState left)
    {
        Settle();
        var script = _differ.TakeOver(left, _classes.Values, _byAddress.Keys.Select(WantedOf));
        Clear();
        return script;
    }

    /// <summary>The script that deletes what changes emptied a while ago.</summary>
    public string Sweep()
    {
        var (script, gone) = _differ.Sweep(_idle);
        foreach (var @class in gone)
        {
            _idle.Remove(@class);
            _stale.Remove(@class);
            _classes.Remove(@class.Key);
            _ids.Remove((@class.Direction, @class.Id));
            @class.Policies.ForEach(p => p.Classes.Remove(@class));
        }

        return script;
    }

    /// <summary>The addresses that changed hands since the last time, with who holds them now.</summary>
    public IReadOnlyList<(IPAddress Address, PodFacts? Holder)> TakeMoved()
    {
        var moved = _handedOver.Select(a => (a, _byAddress.GetValueOrDefault(a)?.Facts)).ToList();
        _handedOver.Clear();
        return moved;
    }

    private void Clear()
    {
        _stale.Clear();
        _moved.Clear();
        _regrouped.Clear();
    }

    private void AddPod(PodEntry pod)
    {
        _pods[pod.Facts.Key] = pod;
        _byAddress[pod.Facts.Address] = pod;
        _podsOf.Add(pod);
        _unplaced.Add(pod);
        _moved.Add(pod.Facts.Address);
        _handedOver.Add(pod.Facts.Address);
        Regroup(_groups.Place(pod));
    }

    private void RemovePod(PodEntry pod)
    {
        _pods.Remove(pod.Facts.Key);
        _byAddress.Remove(pod.Facts.Address);
        _podsOf.Remove(pod);
        _unplaced.Remove(pod);
        _moved.Add(pod.Facts.Address);
        _handedOver.Add(pod.Facts.Address);
        Regroup(_groups.Remove(pod));
        foreach (var @class in Directions.Select(pod.Class).OfType<PolicyClass>())
        {
            Leave(@class, pod);
        }
    }

    private void Regroup(IEnumerable<PeerGroup> groups)
    {
        foreach (var group in groups)
        {
            _regrouped.Add(group);
            _stale.UnionWith(group.Policies.SelectMany(p => p.Classes));
        }
    }

    private void Unplace(PolicyEntry policy) =>
        _unplaced.UnionWith(_podsOf.In(policy.Policy.Key.Namespace!).Where(p => p.Facts.IsSelectable && policy.Policy.Pods.Matches(p.Facts.Labels)));

    private SelectorIndex<PolicyEntry> IndexOf(ObjectKey key)
    {
        var ns = key.Namespace ?? "";
        if (!_policiesOf.TryGetValue(ns, out var index))
        {
            _policiesOf[ns] = index = new SelectorIndex<PolicyEntry>();
        }

        return index;
    }

    // Every pod goes to its class.
    private void Settle()
    {
        foreach (var pod in _unplaced)
        {
            var policies = pod.Facts.IsSelectable && _policiesOf.TryGetValue(pod.Facts.Namespace, out var index)
                ? index.Candidates(pod.Facts.Labels).Where(p => p.Policy.Pods.Matches(pod.Facts.Labels)).OrderBy(p => p.Policy.Key.Name, StringComparer.Ordinal).ToList()
                : [];
            pod.Ingress = Place(pod, pod.Ingress, Direction.Ingress, policies);
            pod.Egress = Place(pod, pod.Egress, Direction.Egress, policies);
        }

        _unplaced.Clear();
    }

    private PolicyClass? Place(PodEntry pod, PolicyClass? old, Direction direction, List<PolicyEntry> selecting)
    {
        var policies = selecting.FindAll(p => p.Policy.Rules(direction) is not null);
        var @class = policies.Count == 0 ? null : ClassOf(pod, direction, policies);
        if (@class != old)
        {
            _moved.Add(pod.Facts.Address);
            if (old is not null)
            {
                Leave(old, pod);
            }

            @class?.Pods.Add(pod);
        }

        return @class;
    }

    private void Leave(PolicyClass @class, PodEntry pod)
    {
        if (@class.Pods.Remove(pod) && @class.Pods.Count == 0)
        {
            @class.IdleSince = _time.GetTimestamp();
            _idle.Add(@class);
        }
    }

    private PolicyClass ClassOf(PodEntry pod, Direction direction, List<PolicyEntry> policies)
    {
        var names = direction == Direction.Egress
            ? []
            : policies.SelectMany(p => p.Policy.Ingress!.Value).SelectMany(r => r.Ports ?? []).Where(p => p.Name is not null)
                .Select(p => PodFacts.PortKey(p.Name!, p.Protocol)).Distinct().Where(pod.Facts.Ports.ContainsKey).Order(StringComparer.Ordinal)
                .ToDictionary(n => n, n => pod.Facts.Ports[n]);
        var key = $"{direction}|{pod.Facts.Namespace}|{string.Join(',', policies.Select(p => p.Policy.Key.Name))}|{string.Join(',', names.Select(n => $"{n.Key}={n.Value}"))}";
        if (!_classes.TryGetValue(key, out var @class))
        {
            _classes[key] = @class = new PolicyClass(direction, NewId(direction, key), key, names);
            _stale.Add(@class);
        }
        else if (_idle.Remove(@class))
        {
            @class.IdleSince = null;
            _stale.Add(@class);
        }

        foreach (var policy in policies.Where(p => p.Classes.Add(@class)))
        {
            @class.Policies.Add(policy);
            _stale.Add(@class);
        }

        return @class;
    }

    // From the class's own key, so that a restart finds in the kernel what it is about to write.
    private uint NewId(Direction direction, string key)
    {
        var id = uint.Parse(Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key))).AsSpan(0, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        while (id == 0 || !_ids.Add((direction, id)))
        {
            id++;
        }

        return id;
    }

    private WantedClasses WantedOf(IPAddress address)
    {
        var pod = _byAddress.GetValueOrDefault(address);
        return new WantedClasses(address, pod?.Facts.IsSelectable == true, pod?.Ingress, pod?.Egress);
    }
}

/// <summary>Whether a pod holds an address, and the classes that it is to have.</summary>
internal readonly record struct WantedClasses(IPAddress Address, bool IsHeld, PolicyClass? Ingress, PolicyClass? Egress)
{
    public PolicyClass? Class(Direction direction) => direction == Direction.Ingress ? Ingress : Egress;
}
