using Sealos.ControllerKit;
using Sealos.Network.Nft;

namespace Sealos.Network.Services;

/// <summary>
/// What the kernel's table holds, and the script that takes it from there to new plans. Work is in proportion to what
/// changed. The caller applies every script it is given, in order; where one fails it starts over with a new differ.
/// </summary>
internal sealed class TableDiffer(NftTable table, TimeProvider time)
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    private readonly Dictionary<ObjectKey, ServicePlan> _plans = [];
    private readonly ElementClaims _claims = new();

    // Emptied, but not yet deleted: while a transaction runs the kernel still counts the references it takes away.
    private readonly Dictionary<string, long> _retiredChains = [];
    private readonly Dictionary<string, long> _retiredSets = [];

    public bool HasRetired => _retiredChains.Count + _retiredSets.Count > 0;

    /// <summary>
    /// The script that fills a table which an earlier run left and whose rules are all flushed. Elements that are still
    /// right are not touched, so a packet that passes meanwhile finds them.
    /// </summary>
    public string TakeOver(TableState left, IReadOnlyCollection<ServicePlan> plans)
    {
        var script = new NftScript(table);
        foreach (var plan in plans)
        {
            var nothing = ServicePlan.Nothing(plan.Service);
            Replace(nothing, plan);
            WriteChains(script, nothing, plan);
        }

        WriteElements(script, [.. left.Elements.Keys, .. _claims.Keys], left.Elements);
        var now = time.GetTimestamp();
        foreach (var chain in left.Chains.Except(plans.SelectMany(p => p.Chains).Select(c => c.Name)))
        {
            _retiredChains[chain] = now;
        }

        RetireSets(left.Sets.Except(plans.SelectMany(p => p.Chains).SelectMany(c => c.ClientSets)));
        return script.ToString();
    }

    /// <summary>What is to be done for these services; the script is empty when nothing changes.</summary>
    public TableChange Change(IReadOnlyCollection<ServicePlan> plans)
    {
        var before = new Dictionary<ElementKey, string?>();
        var touched = new HashSet<ElementKey>();
        var script = new NftScript(table);
        var stale = new List<StaleFlow>();
        var olds = plans.Select(p => _plans.GetValueOrDefault(p.Service) ?? ServicePlan.Nothing(p.Service)).ToList();
        foreach (var key in plans.Concat(olds).SelectMany(p => p.Elements).Select(e => e.At))
        {
            if (touched.Add(key) && _claims.TryGetValue(key, out var value))
            {
                before[key] = value;
            }
        }

        foreach (var (plan, old) in plans.Zip(olds))
        {
            Replace(old, plan);
            WriteChains(script, old, plan);
            stale.AddRange(StaleFlow.Between(old, plan));
        }

        WriteElements(script, touched, before);
        foreach (var (plan, old) in plans.Zip(olds))
        {
            RetireChains(script, old, plan);
        }

        return new TableChange(script.ToString(), stale);
    }

    /// <summary>The script that deletes what changes emptied a while ago.</summary>
    public string Sweep()
    {
        var script = new NftScript(table);
        foreach (var chain in Rested(_retiredChains))
        {
            script.DeleteChain(chain);
            _retiredChains.Remove(chain);
        }

        foreach (var set in Rested(_retiredSets))
        {
            script.DeleteSet(set);
            _retiredSets.Remove(set);
        }

        return script.ToString();
    }

    private List<string> Rested(Dictionary<string, long> retired) =>
        [.. retired.Where(r => time.GetElapsedTime(r.Value) >= Rest).Select(r => r.Key)];

    private void Replace(ServicePlan old, ServicePlan plan)
    {
        _claims.Remove(old);
        _claims.Add(plan);
        if (plan.Elements.IsEmpty && plan.Chains.IsEmpty)
        {
            _plans.Remove(plan.Service);
        }
        else
        {
            _plans[plan.Service] = plan;
        }
    }

    private void WriteChains(NftScript script, ServicePlan old, ServicePlan plan)
    {
        foreach (var chain in plan.Chains)
        {
            var known = old.Chains.FirstOrDefault(c => c.Name == chain.Name);
            if (known is not null && known.IsSameAs(chain))
            {
                continue;
            }

            foreach (var set in chain.ClientSets)
            {
                script.AddClientSet(set);
                _retiredSets.Remove(set);
            }

            script.WriteChain(chain.Name, chain.Rules);
            _retiredChains.Remove(chain.Name);
            RetireSets((known?.ClientSets ?? []).Except(chain.ClientSets));
        }
    }

    private void WriteElements(NftScript script, HashSet<ElementKey> touched, IReadOnlyDictionary<ElementKey, string?> before)
    {
        var added = new List<PlanElement>();
        foreach (var key in touched)
        {
            var isThere = before.TryGetValue(key, out var had);
            var isWanted = _claims.TryGetValue(key, out var value);
            if (isThere && isWanted && had == value)
            {
                continue;
            }

            if (isThere)
            {
                script.DeleteElement(key);
            }

            if (isWanted)
            {
                added.Add(new PlanElement(key, value));
            }
        }

        script.AddElements(added);
    }

    private void RetireChains(NftScript script, ServicePlan old, ServicePlan plan)
    {
        foreach (var chain in old.Chains.Where(o => !plan.Chains.Any(c => c.Name == o.Name)))
        {
            script.FlushChain(chain.Name);
            _retiredChains[chain.Name] = time.GetTimestamp();
            RetireSets(chain.ClientSets);
        }
    }

    private void RetireSets(IEnumerable<string> sets)
    {
        foreach (var set in sets)
        {
            _retiredSets[set] = time.GetTimestamp();
        }
    }
}

/// <summary>A script for the kernel, and the UDP flows to forget once it is applied.</summary>
internal readonly record struct TableChange(string Script, IReadOnlyList<StaleFlow> StaleFlows);
