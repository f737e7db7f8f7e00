using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.ApiServer.Admission;

/// <summary>How much one network policy may ask for: what it becomes in the kernel holds up everybody's while it is made.</summary>
internal static class NetworkPolicyLimits
{
    // The network has the same numbers for what is stored already (PolicyReader).
    private const int MostBlocks = 1000;
    private const int MostPorts = 1000;
    private const int MostPairs = 10_000;
    private const int MostSelectors = 200;

    public static IEnumerable<FieldError> Find(JsonObject spec)
    {
        var ingress = Count(spec, "ingress", "from");
        var egress = Count(spec, "egress", "to");
        return [.. Judge(ingress, "spec.ingress", default), .. Judge(egress, "spec.egress", ingress)];
    }

    /// <summary>What a whole policy asks for.</summary>
    public static Amounts Of(JsonObject spec) => Count(spec, "ingress", "from") + Count(spec, "egress", "to");

    private static Amounts Count(JsonObject spec, string direction, string peers)
    {
        var sum = default(Amounts);
        foreach (var rule in spec.Objects(direction))
        {
            var (all, ports) = (rule.Objects(peers).ToList(), rule.Objects("ports").Count());
            var blocks = all.Select(p => p.Child("ipBlock")).OfType<JsonObject>().ToList();
            sum += new Amounts(blocks.Count + blocks.Sum(b => b.Texts("except").Count()), ports, all.Count - blocks.Count, (long)all.Count * ports);
        }

        return sum;
    }

    // Both ways share the limits but for the pairs, so what the first way takes is no longer there for the second.
    private static IEnumerable<FieldError> Judge(Amounts own, string field, Amounts before)
    {
        foreach (var (what, count, taken, most) in new (string, long, long, long)[]
        {
            ("blocks of addresses, exceptions included", own.Blocks, before.Blocks, MostBlocks),
            ("ports", own.Ports, before.Ports, MostPorts),
            ("selectors of peers", own.Selectors, before.Selectors, MostSelectors),
            ("pairs of a peer and a port", own.Pairs, 0, MostPairs),
        })
        {
            if (count > 0 && taken <= most && taken + count > most)
            {
                var text = string.Create(CultureInfo.InvariantCulture, $"more than {most} {what} in one policy are not built; use several policies");
                yield return new FieldError(FieldErrorType.Forbidden, field, null, text);
            }
        }
    }

    /// <summary>What policies ask for.</summary>
    public readonly record struct Amounts(int Blocks, int Ports, int Selectors, long Pairs)
    {
        public static Amounts operator +(Amounts a, Amounts b) => new(a.Blocks + b.Blocks, a.Ports + b.Ports, a.Selectors + b.Selectors, a.Pairs + b.Pairs);

        public static Amounts operator -(Amounts a, Amounts b) => new(a.Blocks - b.Blocks, a.Ports - b.Ports, a.Selectors - b.Selectors, a.Pairs - b.Pairs);
    }
}
