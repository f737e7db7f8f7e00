using System.Collections.Concurrent;
using System.Text.Json;
using Sealos.ControllerKit;
using Sealos.Kinds;
using Sealos.Kinds.Networking;
using Sealos.Network.Gateway.Telemetry;

namespace Sealos.Network.Gateway.Routing;

/// <summary>What the gateway says about an ingress to its owner.</summary>
internal delegate void IngressReport(Ingress about, IReadOnlyList<string> problems, IReadOnlyList<string> ignored);

/// <summary>
/// Every route by host. Readers take no lock: a host's routes are one immutable object, replaced when an ingress of that host
/// changes, so a change costs work in proportion to the hosts it names whatever the number of others.
/// </summary>
internal sealed class RouteTable(GatewayOptions options, BackendTable backends, IngressClasses classes)
{
    private const int MaxReported = 8;

    private readonly Lock _lock = new();
    private readonly IngressCompiler _compiler = new(options);
    private readonly Dictionary<ObjectKey, Ingress> _ingresses = [];
    private readonly Dictionary<ObjectKey, Entry> _entries = [];
    private readonly Dictionary<string, List<Entry>> _claims = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, HostRoutes> _hosts = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Called, outside any lock of the table, with what an ingress asks for and does not get.</summary>
    public IngressReport? Report { get; set; }

    /// <summary>False until every watch has delivered its first list.</summary>
    public bool IsComplete { get; set; }

    public int HostCount => _hosts.Count;

    /// <summary>The routes of a host: its own, else of the wildcard above it, else of whoever takes what is left.</summary>
    public HostRoutes? Find(ReadOnlySpan<char> host)
    {
        var name = HostName.Trim(host);
        var lookup = _hosts.GetAlternateLookup<ReadOnlySpan<char>>();
        if (lookup.TryGetValue(name, out var routes))
        {
            return routes;
        }

        Span<char> buffer = stackalloc char[HostName.MaxLength + 1];
        if (HostName.TryGetWildcard(name, buffer, out var wildcard) && lookup.TryGetValue(wildcard, out routes))
        {
            return routes;
        }

        return _hosts.GetValueOrDefault("");
    }

    /// <summary>Whether requests for a host end here and nowhere by default: what a certificate may be issued for.</summary>
    public bool HasOwnRoutes(ReadOnlySpan<char> host) => Find(host) is { Host.Length: > 0 };

    public ClassVerdict Judge(Ingress ingress) => classes.Judge(ingress);

    public void OnIngress(Ingress? old, Ingress? now)
    {
        var key = ObjectKey.Of((now ?? old)!);
        lock (_lock)
        {
            if (now is null)
            {
                _ingresses.Remove(key);
            }
            else
            {
                _ingresses[key] = now;
                if (old is not null && IsSame(old, now))
                {
                    return;
                }
            }

            Replace(key, now);
        }

        Tell(key);
    }

    public void OnClass(IngressClass? old, IngressClass? now)
    {
        lock (_lock)
        {
            if (classes.OnClass(old, now))
            {
                foreach (var (key, ingress) in _ingresses)
                {
                    if (classes.Judge(ingress) != (_entries.GetValueOrDefault(key)?.Verdict ?? ClassVerdict.NotOurs))
                    {
                        Replace(key, ingress);
                    }
                }
            }
        }
    }

    /// <summary>What each ingress has served.</summary>
    public IReadOnlyList<KeyValuePair<ObjectKey, RouteCounters>> Counters()
    {
        lock (_lock)
        {
            return [.. _entries.Select(e => KeyValuePair.Create(e.Key, e.Value.Counters))];
        }
    }

    // Writing an ingress' status must not rebuild its routes, and certainly not repeat its warnings.
    private static bool IsSame(Ingress old, Ingress now) =>
        old.Metadata.Uid == now.Metadata.Uid
        && SameAnnotations(old.Metadata.Annotations ?? [], now.Metadata.Annotations ?? [])
        && JsonSerializer.SerializeToUtf8Bytes(old.Spec, KubeJson.Options).AsSpan().SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(now.Spec, KubeJson.Options));

    private static bool SameAnnotations(Dictionary<string, string> old, Dictionary<string, string> now) =>
        old.Count == now.Count && old.All(a => now.TryGetValue(a.Key, out var value) && value == a.Value);

    private void Replace(ObjectKey key, Ingress? ingress)
    {
        _entries.Remove(key, out var old);
        var verdict = ingress is null ? ClassVerdict.NotOurs : classes.Judge(ingress);
        var entry = verdict == ClassVerdict.NotOurs ? null : Build(key, ingress!, verdict, old?.Counters ?? new RouteCounters());
        string[] before = old is null ? [] : [.. old.Hosts.Keys];
        string[] after = entry is null ? [] : [.. entry.Hosts.Keys];
        Array.ForEach(before, host => Unclaim(host, old!));
        Array.ForEach(after, host => Claim(host, entry!));
        if (entry is not null)
        {
            _entries[key] = entry;
        }

        foreach (var host in before.Union(after))
        {
            Publish(host);
        }

        foreach (var route in old?.Hosts.Values.SelectMany(h => h.Routes) ?? [])
        {
            backends.Release(route.Backend);
        }
    }

    private Entry Build(ObjectKey key, Ingress ingress, ClassVerdict verdict, RouteCounters counters)
    {
        var compiled = _compiler.Compile(ingress);
        var hosts = new Dictionary<string, EntryHost>(StringComparer.Ordinal);
        foreach (var (host, rules) in compiled.Hosts)
        {
            var routes = new Route[rules.Paths.Count];
            for (var i = 0; i < routes.Length; i++)
            {
                var (path, backend) = rules.Paths[i];
                routes[i] = new Route(key, host, path, compiled.Policy, backends.Acquire(backend)) { Counters = counters, IsPaused = verdict == ClassVerdict.Paused };
            }

            hosts[host] = new EntryHost(routes, rules.SecretName);
        }

        return new Entry(key, verdict, ingress.Metadata.CreationTimestamp ?? DateTimeOffset.MaxValue, counters, hosts)
        {
            Problems = compiled.Problems,
            Ignored = compiled.Ignored,
        };
    }

    // The oldest ingress has the host, so that nobody takes another's address by naming it too.
    private void Claim(string host, Entry entry)
    {
        if (!_claims.TryGetValue(host, out var claims))
        {
            _claims[host] = claims = [];
        }

        var index = claims.BinarySearch(entry);
        claims.Insert(index < 0 ? ~index : index, entry);
    }

    private void Unclaim(string host, Entry entry)
    {
        var claims = _claims[host];
        claims.Remove(entry);
        if (claims.Count == 0)
        {
            _claims.Remove(host);
        }
    }

    private void Publish(string host)
    {
        if (!_claims.TryGetValue(host, out var claims))
        {
            _hosts.TryRemove(host, out _);
            return;
        }

        var own = claims.Where(c => c.Key.Namespace == claims[0].Key.Namespace).Select(c => c.Hosts[host]).ToArray();
        var routes = HostRoutes.Order(own.SelectMany(h => h.Routes));
        var secrets = own.Where(h => h.SecretName is not null).Select(h => new SecretName(claims[0].Key.Namespace ?? "", h.SecretName!)).Distinct().ToArray();
        _hosts[host] = new HostRoutes(host, routes, secrets);
    }

    private void Tell(ObjectKey key)
    {
        Ingress? ingress;
        List<string> problems;
        Entry? entry;
        lock (_lock)
        {
            if (Report is null || !_entries.TryGetValue(key, out entry) || !_ingresses.TryGetValue(key, out ingress))
            {
                return;
            }

            problems = [.. entry.Problems.Concat(entry.Hosts.Select(h => ProblemOf(key, h.Key, h.Value)).OfType<string>()).Take(MaxReported)];
        }

        if (problems.Count > 0 || entry.Ignored.Count > 0)
        {
            Report(ingress, problems, entry.Ignored);
        }
    }

    private string? ProblemOf(ObjectKey key, string host, EntryHost rules)
    {
        if (_claims[host][0].Key.Namespace != key.Namespace)
        {
            return $"host '{host}' is already in use by another workspace";
        }

        var served = _hosts[host].Routes.ToHashSet(ReferenceEqualityComparer.Instance);
        return rules.Routes.All(served.Contains)
            ? null
            : $"host '{host}' has more than {HostRoutes.MaxRoutes} paths or {HostRoutes.MaxPatterns} patterns; the shortest are left out";
    }

    private sealed record EntryHost(Route[] Routes, string? SecretName);

    private sealed class Entry(ObjectKey key, ClassVerdict verdict, DateTimeOffset created, RouteCounters counters, Dictionary<string, EntryHost> hosts) : IComparable<Entry>
    {
        public ObjectKey Key { get; } = key;

        public ClassVerdict Verdict { get; } = verdict;

        public RouteCounters Counters { get; } = counters;

        public Dictionary<string, EntryHost> Hosts { get; } = hosts;

        public required List<string> Problems { get; init; }

        public required List<string> Ignored { get; init; }

        private DateTimeOffset Created { get; } = created;

        public int CompareTo(Entry? other)
        {
            var byAge = Created.CompareTo(other!.Created);
            var byNamespace = byAge != 0 ? byAge : string.CompareOrdinal(Key.Namespace, other.Key.Namespace);
            return byNamespace != 0 ? byNamespace : string.CompareOrdinal(Key.Name, other.Key.Name);
        }
    }
}
