using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission;

/// <summary>
/// How much the network policies of one namespace may ask for together: each may be as large as one may be, all of them may not. Only
/// namespaces that are written to are counted, and then only what changes. Two writes at once may go a little beyond; what the kernel
/// is given has a limit of its own (the network's NamespaceBudget).
/// </summary>
internal sealed class NetworkPolicySums : AdmissionPlugin
{
    private const int MostBlocks = 20_000;
    private const int MostPorts = 20_000;
    private const int MostSelectors = 20_000;
    private const int MostPairs = 100_000;

    private readonly KindCache _policies;
    private readonly ConcurrentDictionary<string, Sum> _sums = new(StringComparer.Ordinal);

    public NetworkPolicySums(KindCache policies)
    {
        _policies = policies;
        policies.Changed += Follow;
    }

    public override ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Operation is Operation.Create or Operation.Update && attributes.Concerns("networking.k8s.io", "networkpolicies"))
        {
            var spec = attributes.Object.Child("spec") ?? [];
            var old = attributes.OldObject.Child("spec") ?? [];
            if (!JsonNode.DeepEquals(spec, old))
            {
                Judge(attributes, NetworkPolicyLimits.Of(spec) - NetworkPolicyLimits.Of(old));
            }
        }

        return ValueTask.CompletedTask;
    }

    // Who asks for less than before is let through however much there is.
    private void Judge(AdmissionAttributes attributes, NetworkPolicyLimits.Amounts more)
    {
        var all = TotalOf(attributes.Namespace) + more;
        foreach (var (what, count, added, most) in new (string, long, long, long)[]
        {
            ("blocks of addresses, exceptions included", all.Blocks, more.Blocks, MostBlocks),
            ("ports", all.Ports, more.Ports, MostPorts),
            ("selectors of peers", all.Selectors, more.Selectors, MostSelectors),
            ("pairs of a peer and a port", all.Pairs, more.Pairs, MostPairs),
        })
        {
            if (added > 0 && count > most)
            {
                throw attributes.Forbidden(string.Create(CultureInfo.InvariantCulture, $"more than {most} {what} in the network policies of one namespace are not built"));
            }
        }
    }

    private NetworkPolicyLimits.Amounts TotalOf(string @namespace)
    {
        if (!_sums.TryGetValue(@namespace, out var sum))
        {
            sum = _sums.GetOrAdd(@namespace, _ => new Sum());
            using var list = _policies.List(@namespace);
            foreach (var policy in list.Items)
            {
                sum.Set(policy.Name, policy.Revision, NetworkPolicyLimits.Of(policy.Parse().Child("spec") ?? []));
            }
        }

        return sum.Total;
    }

    private void Follow(WatchEvent change)
    {
        var subject = change.Subject;
        if (!_sums.TryGetValue(subject.Namespace, out var sum))
        {
            return;
        }

        if (change.Type == WatchEventType.Deleted)
        {
            if (sum.Remove(subject.Name, subject.Revision))
            {
                _sums.TryRemove(subject.Namespace, out _);
            }
        }
        else
        {
            sum.Set(subject.Name, subject.Revision, NetworkPolicyLimits.Of(subject.Parse().Child("spec") ?? []));
        }
    }

    private sealed class Sum
    {
        // What is gone is remembered, since the list may bring an older word of it; but not for ever.
        private const int MostRemoved = 1000;

        private readonly Lock _lock = new();
        private readonly Dictionary<string, (long Revision, NetworkPolicyLimits.Amounts Amounts)> _policies = new(StringComparer.Ordinal);
        private NetworkPolicyLimits.Amounts _total;
        private int _removed;

        public NetworkPolicyLimits.Amounts Total
        {
            get
            {
                lock (_lock)
                {
                    return _total;
                }
            }
        }

        // The list and the changes come by two ways; the newer word counts.
        public void Set(string name, long revision, NetworkPolicyLimits.Amounts amounts)
        {
            lock (_lock)
            {
                var known = _policies.GetValueOrDefault(name);
                if (known.Revision <= revision)
                {
                    _total = _total - known.Amounts + amounts;
                    _policies[name] = (revision, amounts);
                }
            }
        }

        /// <summary>Forgets a policy; whether the whole sum is better made anew when it is wanted again.</summary>
        public bool Remove(string name, long revision)
        {
            lock (_lock)
            {
                Set(name, revision, default);
                return _total == default || ++_removed > MostRemoved;
            }
        }
    }
}
