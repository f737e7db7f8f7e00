using System.Text.Json.Nodes;
using Sealos.Objects.Meta;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission.Quota;

/// <summary>One requirement of a quota's scope.</summary>
internal sealed record QuotaScope(string Name, string Operator, IReadOnlyList<string> Values)
{
    public bool Matches(PodScope pod) => Name switch
    {
        "Terminating" => pod.IsTerminating,
        "NotTerminating" => !pod.IsTerminating,
        "BestEffort" => pod.IsBestEffort,
        "NotBestEffort" => !pod.IsBestEffort,
        "CrossNamespacePodAffinity" => pod.CrossesNamespaces,
        "PriorityClass" => Operator switch
        {
            "Exists" => pod.PriorityClass.Length > 0,
            "DoesNotExist" => pod.PriorityClass.Length == 0,
            "In" => Values.Contains(pod.PriorityClass),
            _ => !Values.Contains(pod.PriorityClass),
        },
        _ => false,
    };
}

/// <summary>What a quota says.</summary>
internal sealed class QuotaSpec
{
    // Where one of these is limited, every container must say how much it wants.
    private static readonly string[] MustBeNamed = ["cpu", "limits.cpu", "limits.memory", "memory", "requests.cpu", "requests.memory"];

    // Every workspace has the same one, and changes nothing of it.
    private static readonly RecentValues<Terms> Known = new(256, text => new Terms(text));

    private readonly Terms _terms;

    private QuotaSpec(string name, JsonObject? spec)
    {
        Name = name;
        _terms = Known.Get(spec?.ToJsonString() ?? "{}");
    }

    public string Name { get; }

    public IReadOnlyDictionary<string, Quantity> Hard => _terms.Hard;

    public static QuotaSpec Parse(string name, JsonObject quota) => new(name, quota.Child("spec"));

    public bool SameAs(QuotaSpec other) => Name == other.Name && _terms.Text == other._terms.Text;

    /// <summary>Whether an object is in its scope; only pods can be in any but the whole.</summary>
    public bool Covers(ObjectUsage usage) => _terms.Scopes.Count == 0 || (usage.Pod is { } pod && _terms.Scopes.All(scope => scope.Matches(pod)));

    /// <summary>What of an object's amounts it limits.</summary>
    public Dictionary<string, Quantity> Limited(ObjectUsage usage)
    {
        var limited = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        if (Covers(usage))
        {
            foreach (var (name, amount) in usage.Amounts)
            {
                if (Hard.ContainsKey(name))
                {
                    limited[name] = amount;
                }
            }
        }

        return limited;
    }

    /// <summary>What a pod's containers leave unsaid although the quota limits it, worded as a refusal; null when nothing.</summary>
    public string? Unsaid(PodScope pod)
    {
        var unsaid = new List<string>();
        foreach (var name in MustBeNamed.Where(Hard.ContainsKey))
        {
            var containers = pod.Containers.Where(c => !c.Named.Contains(name)).Select(c => c.Container).Distinct().Order(StringComparer.Ordinal).ToList();
            if (containers.Count > 0)
            {
                unsaid.Add($"{name} for: {string.Join(',', containers)}");
            }
        }

        return unsaid.Count == 0 ? null : $"must specify {string.Join("; ", unsaid)}";
    }

    /// <summary>All but the name.</summary>
    private sealed class Terms
    {
        public Terms(string text)
        {
            var spec = (JsonObject)JsonNode.Parse(text)!;
            Text = text;
            Hard = PodAmounts.Read(spec.Child("hard"));
            Scopes =
            [
                .. spec.Texts("scopes").Select(scope => new QuotaScope(scope, "Exists", [])),
                .. spec.Child("scopeSelector").Objects("matchExpressions").Select(e => new QuotaScope(e.Text("scopeName") ?? "", e.Text("operator") ?? "", [.. e.Texts("values")])),
            ];
        }

        public string Text { get; }

        public IReadOnlyDictionary<string, Quantity> Hard { get; }

        public IReadOnlyList<QuotaScope> Scopes { get; }
    }
}
