using System.Text.Json.Nodes;
using Sealos.Objects.Meta;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission;

/// <summary>
/// What a whole pod asks for or may use: its containers together, or what starting it takes at its highest, whichever is more.
/// </summary>
internal static class PodAmounts
{
    private static readonly string[] Lists = ["requests", "limits"];

    public static Dictionary<string, Quantity> Requests(JsonObject? spec, bool withOverhead = true) => Sum(spec, "requests", withOverhead);

    public static Dictionary<string, Quantity> Limits(JsonObject? spec, bool withOverhead = true) => Sum(spec, "limits", withOverhead);

    /// <summary>
    /// The pod's spec with what its containers occupy in place of what they ask for: the most of what they ask for, what the node has given
    /// them and what they have. What they ask for does not count when they cannot have it.
    /// </summary>
    public static JsonObject? Occupied(JsonObject pod)
    {
        var spec = pod.Child("spec");
        var statuses = pod.Child("status").Objects("containerStatuses").Where(s => s.Child("resources") is not null).ToList();
        if (spec is null || statuses.Count == 0)
        {
            return spec;
        }

        var isBound = pod.Child("status").Text("resize") == "Infeasible";
        var changes = new List<(int Container, string List, Dictionary<string, Quantity> Amounts)>();
        foreach (var (i, container) in spec.Objects("containers").Index())
        {
            if (statuses.Find(s => s.Text("name") == container.Text("name")) is { } status)
            {
                changes.AddRange(Lists.Select(list => (i, list, Occupied(container, status, list, isBound))).Where(o => !IsSame(o.Item3, Of(container, o.list))));
            }
        }

        // Nearly every pod has just what it asks for.
        return changes.Count == 0 ? spec : With(spec, changes);
    }

    private static JsonObject With(JsonObject spec, List<(int Container, string List, Dictionary<string, Quantity> Amounts)> changes)
    {
        var result = (JsonObject)spec.DeepClone();
        JsonObject[] containers = [.. result.Objects("containers")];
        foreach (var (i, list, amounts) in changes)
        {
            var resources = containers[i].Child("resources") ?? [];
            containers[i]["resources"] = resources;
            resources[list] = new JsonObject(amounts.Select(a => KeyValuePair.Create(a.Key, (JsonNode?)a.Value.ToCanonicalString())));
        }

        return result;
    }

    private static Dictionary<string, Quantity> Occupied(JsonObject container, JsonObject status, string list, bool isBound)
    {
        var amounts = Read(status.Child("resources", list));
        if (list == "requests")
        {
            Raise(amounts, Read(status.Child("allocatedResources")));
        }

        if (!isBound)
        {
            Raise(amounts, Of(container, list));
        }

        return amounts;
    }

    private static bool IsSame(Dictionary<string, Quantity> one, Dictionary<string, Quantity> other) =>
        one.Count == other.Count && one.All(a => other.TryGetValue(a.Key, out var amount) && amount.Value == a.Value.Value);

    /// <summary>One container's list of amounts.</summary>
    public static Dictionary<string, Quantity> Of(JsonObject container, string list) => Read(container.Child("resources", list));

    /// <summary>A list of amounts as quantities.</summary>
    public static Dictionary<string, Quantity> Read(JsonObject? amounts)
    {
        var result = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var (name, amount) in amounts ?? [])
        {
            if (Quantity.TryParse(amount.AsText(), out var quantity))
            {
                result[name] = quantity;
            }
        }

        return result;
    }

    public static void Add(Dictionary<string, Quantity> to, IReadOnlyDictionary<string, Quantity> amounts)
    {
        foreach (var (name, amount) in amounts)
        {
            to[name] = to.TryGetValue(name, out var had) ? had.Plus(amount) : amount;
        }
    }

    private static Dictionary<string, Quantity> Sum(JsonObject? spec, string list, bool withOverhead)
    {
        var total = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var container in spec.Objects("containers"))
        {
            Add(total, Of(container, list));
        }

        // What starts one after the other needs the most that one of them needs; sidecars stay, and count in all that follows.
        var sidecars = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        var highest = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var container in spec.Objects("initContainers"))
        {
            var own = Of(container, list);
            if (container.Text("restartPolicy") == "Always")
            {
                Add(total, own);
                Add(sidecars, own);
                own = sidecars;
            }
            else
            {
                Add(own, sidecars);
            }

            Raise(highest, own);
        }

        Raise(total, highest);
        if (withOverhead)
        {
            AddOverhead(total, Read(spec.Child("overhead")), isLimit: list == "limits");
        }

        return total;
    }

    /// <summary>Overhead raises a limit only where there is one.</summary>
    private static void AddOverhead(Dictionary<string, Quantity> total, Dictionary<string, Quantity> overhead, bool isLimit)
    {
        foreach (var (name, amount) in overhead)
        {
            if (total.TryGetValue(name, out var had))
            {
                total[name] = had.Plus(amount);
            }
            else if (!isLimit)
            {
                total[name] = amount;
            }
        }
    }

    private static void Raise(Dictionary<string, Quantity> to, Dictionary<string, Quantity> amounts)
    {
        foreach (var (name, amount) in amounts)
        {
            if (!to.TryGetValue(name, out var had) || amount.Value > had.Value)
            {
                to[name] = amount;
            }
        }
    }
}
