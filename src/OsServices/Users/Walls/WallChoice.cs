using System.Text.Json;
using System.Text.RegularExpressions;
using Sealos.Kinds;
using Sealos.Objects.Meta;

namespace Sealos.OsServices.Users.Walls;

/// <summary>
/// What a ConfigMap says about all workspaces, key by key: what is absent is as usual, what cannot be read counts as the strictest that it could
/// mean, and is named in <see cref="Problems"/>.
/// </summary>
/// <param name="Options">What holds.</param>
internal sealed partial record WallChoice(WallOptions Options)
{
    /// <summary>The runtime class of those who do not trust each other's programs.</summary>
    public const string Gvisor = "gvisor";

    /// <summary>The usual runtime, said in so many words.</summary>
    public const string UsualRuntime = "runc";

    /// <summary>Images are pulled with the credential of whoever starts them, also where the node has them.</summary>
    public const string AlwaysPull = "Always";

    /// <summary>Containers say themselves when their image is pulled.</summary>
    public const string AnyPullPolicy = "any";

    /// <summary>The priority class that the cloud itself makes for workspaces.</summary>
    public const string WorkspacePriority = "workspace";

    /// <summary>Pods have the cluster's default.</summary>
    public const string NoPriorityClass = "none";

    private const string Baseline = "baseline";
    private const string Restricted = "restricted";
    private const string QuotaKey = "quota";
    private const string LimitsKey = "limits";
    private const string PodSecurityKey = "podSecurity";
    private const string RuntimeClassKey = "runtimeClass";
    private const string ImagePullPolicyKey = "imagePullPolicy";
    private const string PriorityClassKey = "priorityClass";
    private const string AutoExpandKey = "autoExpand";
    private const string SystemPrefix = "system-";

    private static readonly HashSet<string> Amounts = new(StringComparer.Ordinal)
    {
        "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.storage", "requests.ephemeral-storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage",
    };

    private static readonly HashSet<string> Counts = new(StringComparer.Ordinal)
    {
        "pods", "services", "services.nodeports", "services.loadbalancers", "secrets", "configmaps", "persistentvolumeclaims", "replicationcontrollers", "resourcequotas",
    };

    /// <summary>Every setting there is.</summary>
    public static IReadOnlyList<string> Keys { get; } = [QuotaKey, LimitsKey, PodSecurityKey, RuntimeClassKey, ImagePullPolicyKey, PriorityClassKey, AutoExpandKey];

    /// <summary>The runtime class of all pods of workspaces, <see cref="UsualRuntime"/>, or null where nothing is said.</summary>
    public string? RuntimeClass { get; init; }

    /// <summary><see cref="AlwaysPull"/>, <see cref="AnyPullPolicy"/>, or null where nothing is said.</summary>
    public string? ImagePullPolicy { get; init; }

    /// <summary>The priority class of all pods of workspaces, or <see cref="NoPriorityClass"/>.</summary>
    public string PriorityClass { get; init; } = WorkspacePriority;

    /// <summary>How far quotas grow by themselves, resource by resource; none where they do not.</summary>
    public IReadOnlyDictionary<string, Quantity> Ceilings { get; init; } = new Dictionary<string, Quantity>();

    /// <summary>Whether quotas may only become less, as nobody can tell what was meant.</summary>
    public bool IsQuotaUnread { get; init; }

    /// <summary>Whether limits stay as they are, as nobody can tell what was meant.</summary>
    public bool AreLimitsUnread { get; init; }

    /// <summary>Whether it is not even known what quota or limits were before, so that no workspace is opened with the usual ones.</summary>
    public bool IsUnknown { get; init; }

    /// <summary>What cannot be read, a sentence each.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>What a ConfigMap asks for; null asks for nothing.</summary>
    /// <param name="data">Its keys.</param>
    /// <param name="defaults">What is usual.</param>
    /// <param name="before">What was read last without a fault in quota and limits, or null.</param>
    public static WallChoice Read(IReadOnlyDictionary<string, string>? data, WallOptions defaults, WallChoice? before = null)
    {
        data ??= new Dictionary<string, string>();
        var problems = new List<string>();
        var quota = Quantities(data.GetValueOrDefault(QuotaKey), QuotaKey, ProblemOfQuota, problems);
        var limits = Quantities(data.GetValueOrDefault(LimitsKey), LimitsKey, ProblemOfLimit, problems);
        var ceilings = Quantities(data.GetValueOrDefault(AutoExpandKey), AutoExpandKey, ProblemOfQuota, problems);
        var level = LevelOf(data.GetValueOrDefault(PodSecurityKey));
        if (level.IsWrong)
        {
            problems.Add($"{PodSecurityKey} is neither {Baseline} nor {Restricted}; it counts as {Restricted}.");
        }

        var runtime = RuntimeClassOf(data.GetValueOrDefault(RuntimeClassKey));
        if (runtime.IsWrong)
        {
            problems.Add($"{RuntimeClassKey} is neither {UsualRuntime} nor the name of a runtime class; it counts as {Gvisor}.");
        }

        var (pull, priority) = (PullPolicyOf(data, problems), PriorityClassOf(data, problems));
        problems.AddRange(data.Keys.Except(Keys).Order(StringComparer.Ordinal).Select(k => $"there is no setting '{k}'; there are {string.Join(", ", Keys)}."));
        return new WallChoice(defaults with
        {
            Quota = quota is null ? (before?.Options ?? defaults).Quota : Merge(defaults.Quota, quota),
            ContainerDefaults = limits is null ? (before?.Options ?? defaults).ContainerDefaults : Merge(defaults.ContainerDefaults, limits),
            PodSecurity = level.Level ?? defaults.PodSecurity,
        })
        {
            RuntimeClass = runtime.Class,
            ImagePullPolicy = pull,
            PriorityClass = priority,
            Ceilings = ceilings ?? [],
            IsQuotaUnread = quota is null,
            AreLimitsUnread = limits is null,
            IsUnknown = (quota is null || limits is null) && before is null,
            Problems = problems,
        };
    }

    /// <summary>A level of Pod Security as it is written: null where nothing is, and the strictest where it is none that workspaces may have.</summary>
    public static (string? Level, bool IsWrong) LevelOf(string? text) => text switch
    {
        null => (null, false),
        Baseline or Restricted => (text, false),
        _ => (Restricted, true),
    };

    /// <summary>The quantities of a quota as they are written, or null and why they cannot be read.</summary>
    public static IReadOnlyDictionary<string, Quantity>? ReadQuota(string? text, List<string> problems) => Quantities(text, QuotaKey, ProblemOfQuota, problems);

    /// <summary>A runtime class as it is written: null where nothing is, and <see cref="Gvisor"/> where it is no name of one.</summary>
    public static (string? Class, bool IsWrong) RuntimeClassOf(string? text) => text switch
    {
        null => (null, false),
        _ when IsClassName(text) => (text, false),
        _ => (Gvisor, true),
    };

    private static string? PullPolicyOf(IReadOnlyDictionary<string, string> data, List<string> problems)
    {
        var text = data.GetValueOrDefault(ImagePullPolicyKey);
        if (text is null or AlwaysPull or AnyPullPolicy)
        {
            return text;
        }

        problems.Add($"{ImagePullPolicyKey} is neither {AlwaysPull} nor {AnyPullPolicy}; it counts as {AlwaysPull}.");
        return AlwaysPull;
    }

    private static string PriorityClassOf(IReadOnlyDictionary<string, string> data, List<string> problems)
    {
        var text = data.GetValueOrDefault(PriorityClassKey);
        if (text is null || (IsClassName(text) && !text.StartsWith(SystemPrefix, StringComparison.Ordinal)))
        {
            return text ?? WorkspacePriority;
        }

        problems.Add($"{PriorityClassKey} is neither {NoPriorityClass} nor the name of a priority class that is not the system's; it counts as {WorkspacePriority}.");
        return WorkspacePriority;
    }

    private static bool IsClassName(string text) => text.Length is > 0 and <= 253 && ClassPattern().IsMatch(text);

    private static Dictionary<string, Quantity>? Quantities(string? text, string key, Func<string, string, Quantity, string?> problemOf, List<string> problems)
    {
        if (text is null)
        {
            return [];
        }

        Dictionary<string, Quantity>? read = null;
        try
        {
            read = JsonSerializer.Deserialize<Dictionary<string, Quantity>>(text, KubeJson.Options);
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            // Said below.
        }

        var problem = read is null ? $"{key} is not a JSON object of quantities, such as {{\"limits.cpu\":\"32\"}}" : read.Select(q => problemOf(key, q.Key, q.Value)).FirstOrDefault(p => p is not null);
        if (problem is null)
        {
            return read;
        }

        problems.Add(problem + "; nobody gets more until it is mended.");
        return null;
    }

    // What the API would refuse must not get that far: no wall of anybody could be kept then.
    private static string? ProblemOfQuota(string key, string name, Quantity quantity)
    {
        if (!(Amounts.Contains(name) || Counts.Contains(name) || (name.Length <= 253 && OtherPattern().IsMatch(name))))
        {
            return $"{key} names '{name}', which is nothing that a quota counts";
        }

        return quantity.Value < 0 ? $"{key} of {name} is negative"
            : !Amounts.Contains(name) && quantity.Value != decimal.Truncate(quantity.Value) ? $"{key} of {name} is no whole number" : null;
    }

    private static string? ProblemOfLimit(string key, string name, Quantity quantity) =>
        name is not ("cpu" or "memory" or "ephemeral-storage") ? $"{key} names '{name}' beside cpu, memory and ephemeral-storage"
        : quantity.Value < 0 ? $"{key} of {name} is negative" : null;

    private static Dictionary<string, Quantity> Merge(IReadOnlyDictionary<string, Quantity> usual, Dictionary<string, Quantity> chosen)
    {
        var merged = new Dictionary<string, Quantity>(usual, StringComparer.Ordinal);
        foreach (var (name, quantity) in chosen)
        {
            merged[name] = quantity;
        }

        return merged;
    }

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\\z")]
    private static partial Regex ClassPattern();

    // Those of others and of kinds, which have a slash, and classes of storage.
    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?\\z")]
    private static partial Regex OtherPattern();
}
