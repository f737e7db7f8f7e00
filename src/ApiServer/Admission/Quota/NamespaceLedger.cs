using Sealos.ApiServer.Strategies;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Meta;

namespace Sealos.ApiServer.Admission.Quota;

/// <summary>What a quota allows and what of it is used.</summary>
internal sealed record QuotaState(string Name, IReadOnlyDictionary<string, Quantity> Hard, IReadOnlyDictionary<string, Quantity> Used);

/// <summary>
/// The accounts of one namespace with quotas. An object is charged the most of what is stored of it and of what writes
/// under way would make of it, so nothing is counted twice and no race gets past a limit. Objects are read again only
/// when they have changed, and only when somebody asks.
/// </summary>
internal sealed class NamespaceLedger(string @namespace, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    // A lock of its own, held only for a moment: whoever takes notes feeds every cache, and must not wait while objects are read.
    private readonly Lock _notes = new();
    private readonly HashSet<CountedKind> _kinds = [];
    private Dictionary<string, (CountedKind Kind, string Name)> _changed = new(StringComparer.Ordinal);
    private List<Account> _accounts = [];

    /// <summary>Replaces the quotas; answers whether any of them differs.</summary>
    public bool SetQuotas(IReadOnlyList<QuotaSpec> quotas)
    {
        lock (_gate)
        {
            if (quotas.Count == _accounts.Count && quotas.Zip(_accounts).All(pair => pair.First.SameAs(pair.Second.Quota)))
            {
                return false;
            }

            _accounts = [.. quotas.Select(quota => new Account(quota))];
            foreach (var entry in _entries.Values)
            {
                foreach (var account in _accounts)
                {
                    account.Charge(null, entry);
                }
            }

            return true;
        }
    }

    /// <summary>Tells that an object has changed; answers whether it matters. Called for every change in the namespace, so it only takes note.</summary>
    public bool Note(CountedKind kind, CachedObject obj)
    {
        lock (_notes)
        {
            if (!_kinds.Contains(kind))
            {
                return false;
            }

            _changed[obj.Uid] = (kind, obj.Name);
            return true;
        }
    }

    /// <summary>Stops counting a kind that is no more, and what its objects were charged; answers whether it was counted.</summary>
    public bool Forget(CountedKind kind, KindCache gone)
    {
        using var list = gone.List(@namespace);
        lock (_notes)
        {
            if (!_kinds.Remove(kind))
            {
                return false;
            }

            foreach (var obj in list.Items)
            {
                _changed[obj.Uid] = (kind, obj.Name);
            }

            return true;
        }
    }

    /// <summary>What the quotas allow and what is used, of the kinds that there are.</summary>
    public IReadOnlyList<QuotaState> Read(IEnumerable<CountedKind> kinds)
    {
        lock (_gate)
        {
            foreach (var kind in kinds)
            {
                Include(kind);
            }

            CatchUp();
            return [.. _accounts.Select(a => new QuotaState(a.Quota.Name, a.Quota.Hard, a.Used.ToDictionary()))];
        }
    }

    /// <summary>Charges a write before it happens.</summary>
    /// <exception cref="ApiException">A quota does not allow it.</exception>
    public IReservation? Reserve(CountedKind kind, AdmissionAttributes attributes, string uid, Action ended)
    {
        lock (_gate)
        {
            if (!Include(kind))
            {
                return null;
            }

            CatchUp();
            var usage = kind.Measure(attributes.Object!, time.GetUtcNow());
            var entry = _entries.GetValueOrDefault(uid) ?? new Entry();
            foreach (var account in _accounts)
            {
                account.Check(usage, entry, attributes);
            }

            _entries[uid] = entry;
            Change(entry, () => entry.Pending.Add(usage));
            return new Reservation(this, uid, usage, ended);
        }
    }

    /// <summary>Counts a kind's objects from now on, if a quota limits them; answers whether they are counted.</summary>
    private bool Include(CountedKind kind)
    {
        lock (_notes)
        {
            if (_kinds.Contains(kind))
            {
                return true;
            }

            if (kind.IsGone || !_accounts.Exists(a => kind.ConcernsAny(a.Quota.Hard)))
            {
                return false;
            }

            _kinds.Add(kind);
        }

        // The kind is followed already, so what changes while this reads is noted, and read again.
        using var list = kind.Cache.List(@namespace);
        lock (_notes)
        {
            foreach (var obj in list.Items)
            {
                _changed[obj.Uid] = (kind, obj.Name);
            }
        }

        return true;
    }

    private void CatchUp()
    {
        Dictionary<string, (CountedKind Kind, string Name)> changed;
        lock (_notes)
        {
            if (_changed.Count == 0)
            {
                return;
            }

            changed = _changed;
            _changed = new Dictionary<string, (CountedKind, string)>(StringComparer.Ordinal);
        }

        var now = time.GetUtcNow();
        foreach (var (uid, (kind, name)) in changed)
        {
            var cached = kind.Cache.Get(@namespace, name);
            SetStored(uid, cached is not null && cached.Uid == uid ? kind.Measure(cached, now) : null);
        }
    }

    private void SetStored(string uid, ObjectUsage? usage)
    {
        if (!_entries.TryGetValue(uid, out var entry))
        {
            if (usage is null)
            {
                return;
            }

            entry = new Entry();
            _entries[uid] = entry;
        }

        Change(entry, () => entry.Stored = usage);
        DropEmpty(uid, entry);
    }

    private void End(string uid, ObjectUsage usage)
    {
        lock (_gate)
        {
            // What the write made, if it made anything, is in the cache by now.
            CatchUp();
            if (_entries.TryGetValue(uid, out var entry))
            {
                Change(entry, () => entry.Pending.Remove(usage));
                DropEmpty(uid, entry);
            }
        }
    }

    private void DropEmpty(string uid, Entry entry)
    {
        if (entry.Stored is null && entry.Pending.Count == 0)
        {
            _entries.Remove(uid);
        }
    }

    private void Change(Entry entry, Action change)
    {
        var before = _accounts.ConvertAll(a => a.ChargeOf(entry));
        change();
        for (var i = 0; i < _accounts.Count; i++)
        {
            _accounts[i].Charge(before[i], entry);
        }
    }

    /// <summary>One object: as it is stored, and as writes under way would make it.</summary>
    private sealed class Entry
    {
        public ObjectUsage? Stored { get; set; }

        public List<ObjectUsage> Pending { get; } = [];
    }

    /// <summary>One quota and what is charged to it.</summary>
    private sealed class Account(QuotaSpec quota)
    {
        public QuotaSpec Quota => quota;

        public Dictionary<string, Quantity> Used { get; } = quota.Hard.Keys.ToDictionary(name => name, _ => Quantity.FromLong(0), StringComparer.Ordinal);

        /// <summary>What the object is charged: of each amount the most there is.</summary>
        public Dictionary<string, Quantity> ChargeOf(Entry entry)
        {
            var charge = entry.Stored is { } stored ? quota.Limited(stored) : new Dictionary<string, Quantity>(StringComparer.Ordinal);
            foreach (var pending in entry.Pending)
            {
                foreach (var (name, amount) in quota.Limited(pending))
                {
                    if (!charge.TryGetValue(name, out var had) || amount.Value > had.Value)
                    {
                        charge[name] = amount;
                    }
                }
            }

            return charge;
        }

        /// <summary>Replaces what the object was charged by what it is charged now.</summary>
        public void Charge(Dictionary<string, Quantity>? before, Entry entry)
        {
            foreach (var (name, amount) in before ?? [])
            {
                Used[name] = Used[name].Minus(amount);
            }

            foreach (var (name, amount) in ChargeOf(entry))
            {
                Used[name] = Used[name].Plus(amount);
            }
        }

        public void Check(ObjectUsage usage, Entry entry, AdmissionAttributes attributes)
        {
            var limited = quota.Limited(usage);
            if (limited.Count == 0)
            {
                return;
            }

            if (usage.Pod is { } pod && quota.Unsaid(pod) is { } unsaid)
            {
                throw attributes.Forbidden($"failed quota: {quota.Name}: {unsaid}");
            }

            var charged = ChargeOf(entry);
            var exceeded = new List<(string Name, Quantity Requested)>();
            foreach (var (name, amount) in limited)
            {
                var more = charged.TryGetValue(name, out var had) ? amount.Minus(had) : amount;
                if (more.Value > 0 && Used[name].Value + more.Value > quota.Hard[name].Value)
                {
                    exceeded.Add((name, more));
                }
            }

            if (exceeded.Count > 0)
            {
                throw attributes.Forbidden($"exceeded quota: {quota.Name}, requested: {Print(exceeded)}, used: {Print(exceeded.Select(e => (e.Name, Used[e.Name])))}, limited: {Print(exceeded.Select(e => (e.Name, quota.Hard[e.Name])))}");
            }
        }

        private static string Print(IEnumerable<(string Name, Quantity Amount)> amounts) =>
            string.Join(',', amounts.OrderBy(a => a.Name, StringComparer.Ordinal).Select(a => $"{a.Name}={a.Amount.ToCanonicalString()}"));
    }

    private sealed class Reservation(NamespaceLedger ledger, string uid, ObjectUsage usage, Action ended) : IReservation
    {
        public void Commit() => ledger.End(uid, usage);

        public void Rollback()
        {
            ledger.End(uid, usage);
            ended();
        }
    }
}
