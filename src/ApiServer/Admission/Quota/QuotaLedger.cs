using System.Collections.Concurrent;
using Sealos.ApiServer.Registry;
using Sealos.ApiServer.Strategies;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission.Quota;

/// <summary>The accounts of all namespaces that have quotas; a namespace without costs one look into a dictionary.</summary>
internal sealed class QuotaLedger
{
    private readonly ResourceRegistry _registry;
    private readonly KindCache _quotas;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, NamespaceLedger> _namespaces = new(StringComparer.Ordinal);
    private readonly Lock _following = new();
    private readonly ConcurrentDictionary<string, CountedKind> _followed = new(StringComparer.Ordinal);

    public QuotaLedger(ResourceRegistry registry, TimeProvider time)
    {
        _registry = registry;
        _time = time;
        _quotas = registry.Get("", "resourcequotas").Cache;
        _quotas.Changed += FollowQuotas;
    }

    /// <summary>Called with a namespace whose usage or quotas may have changed.</summary>
    public event Action<string>? Changed;

    /// <summary>Charges a write, or answers null when there is nothing to charge.</summary>
    public IReservation? Reserve(AdmissionAttributes attributes)
    {
        var @namespace = attributes.Namespace;
        if (!_namespaces.TryGetValue(@namespace, out var ledger) || attributes.Subresource is not (null or "resize") || !CountedKind.Includes(attributes.Resource))
        {
            return null;
        }

        var kind = Follow(attributes.Resource);
        return attributes.Operation == Operation.Create || kind.JudgesUpdates || attributes.Subresource == "resize"
            ? ledger.Reserve(kind, attributes, attributes.Object.Child("metadata").Text("uid") ?? "", () => Changed?.Invoke(@namespace))
            : null;
    }

    /// <summary>A namespace's quotas with what is used of them.</summary>
    public IReadOnlyList<QuotaState> Read(string @namespace) =>
        _namespaces.TryGetValue(@namespace, out var ledger) ? ledger.Read(_registry.All.Where(CountedKind.Includes).Select(Follow).ToList()) : [];

    private void FollowQuotas(WatchEvent change)
    {
        var @namespace = change.Subject.Namespace;
        using var list = _quotas.List(@namespace);
        if (list.Count == 0)
        {
            _namespaces.TryRemove(@namespace, out _);
            return;
        }

        var quotas = new List<QuotaSpec>(list.Count);
        foreach (var quota in list.Items)
        {
            quotas.Add(QuotaSpec.Parse(quota.Name, quota.Parse()));
        }

        _namespaces.GetOrAdd(@namespace, name => new NamespaceLedger(name, _time)).SetQuotas(quotas);
        Changed?.Invoke(@namespace);
    }

    /// <summary>The kind, whose changes are followed from the first time on that somebody asks.</summary>
    private CountedKind Follow(Resource resource)
    {
        var prefix = resource.Cache.Prefix;
        if (_followed.TryGetValue(prefix, out var known))
        {
            return known;
        }

        lock (_following)
        {
            if (_followed.TryGetValue(prefix, out known))
            {
                return known;
            }

            var kind = new CountedKind(resource);
            kind.Cache.Changed += change => Note(kind, change);
            _followed[prefix] = kind;
            kind.Cache.WhenReplaced(next => Replace(kind, next));
            return kind;
        }
    }

    private void Note(CountedKind kind, WatchEvent change)
    {
        if (_namespaces.TryGetValue(change.Subject.Namespace, out var ledger) && ledger.Note(kind, change.Subject))
        {
            Changed?.Invoke(change.Subject.Namespace);
        }
    }

    /// <summary>Goes on with the cache that takes the place of a kind's, or forgets a kind that has none any more.</summary>
    private void Replace(CountedKind kind, KindCache? next)
    {
        if (next is not null)
        {
            next.Changed += change => Note(kind, change);
            kind.Cache = next;
            next.WhenReplaced(after => Replace(kind, after));
            return;
        }

        var gone = kind.Cache;
        kind.IsGone = true;
        kind.Cache = new KindCache(gone.Prefix, gone.Fields, _time);
        _followed.TryRemove(KeyValuePair.Create(gone.Prefix, kind));
        foreach (var (@namespace, ledger) in _namespaces)
        {
            if (ledger.Forget(kind, gone))
            {
                Changed?.Invoke(@namespace);
            }
        }
    }
}
