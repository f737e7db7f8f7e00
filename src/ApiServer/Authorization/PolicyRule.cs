namespace Sealos.ApiServer.Authorization;

/// <summary>One rule of a role.</summary>
internal sealed record PolicyRule
{
    public const string All = "*";

    /// <summary>The two rules that together allow everything.</summary>
    public static IReadOnlyList<PolicyRule> Everything { get; } =
    [
        new() { Verbs = [All], ApiGroups = [All], Resources = [All] },
        new() { Verbs = [All], NonResourceUrls = [All] },
    ];

    public IReadOnlyList<string> Verbs { get; init; } = [];

    public IReadOnlyList<string> ApiGroups { get; init; } = [];

    public IReadOnlyList<string> Resources { get; init; } = [];

    public IReadOnlyList<string> ResourceNames { get; init; } = [];

    public IReadOnlyList<string> NonResourceUrls { get; init; } = [];

    public bool Allows(AuthorizationAttributes attributes)
    {
        if (!Has(Verbs, attributes.Verb))
        {
            return false;
        }

        return attributes.Resource is null
            ? NonResourceUrls.Any(url => UrlCovers(url, attributes.Path ?? ""))
            : Has(ApiGroups, attributes.Group)
                && Resources.Any(r => ResourceCovers(r, attributes.QualifiedResource))
                && (ResourceNames.Count == 0 || ResourceNames.Contains(attributes.Name ?? ""));
    }

    /// <summary>Whether whoever has this rule has <paramref name="atom"/> too, which is one verb on one thing.</summary>
    public bool Covers(PolicyRule atom) =>
        atom.Verbs.All(verb => Has(Verbs, verb))
        && atom.ApiGroups.All(group => Has(ApiGroups, group))
        && atom.Resources.All(resource => Resources.Any(r => ResourceCovers(r, resource)))
        && atom.NonResourceUrls.All(url => NonResourceUrls.Any(u => UrlCovers(u, url)))
        && (ResourceNames.Count == 0 || (atom.ResourceNames.Count > 0 && atom.ResourceNames.All(ResourceNames.Contains)));

    /// <summary>The rule taken apart into single verbs on single things.</summary>
    public IEnumerable<PolicyRule> Atoms()
    {
        IReadOnlyList<IReadOnlyList<string>> names = ResourceNames.Count == 0 ? [[]] : [.. ResourceNames.Select(n => (IReadOnlyList<string>)[n])];
        var onResources = from resource in Resources
                          from @group in ApiGroups
                          from verb in Verbs
                          from name in names
                          select new PolicyRule { Verbs = [verb], ApiGroups = [@group], Resources = [resource], ResourceNames = name };
        var onUrls = from url in NonResourceUrls
                     from verb in Verbs
                     select new PolicyRule { Verbs = [verb], NonResourceUrls = [url] };
        return onResources.Concat(onUrls);
    }

    /// <summary>As error messages show it.</summary>
    public override string ToString()
    {
        var parts = new List<string>(5);
        Add("APIGroups", ApiGroups);
        Add("Resources", Resources);
        Add("NonResourceURLs", NonResourceUrls);
        Add("ResourceNames", ResourceNames);
        Add("Verbs", Verbs);
        return $"{{{string.Join(", ", parts)}}}";

        void Add(string name, IReadOnlyList<string> values)
        {
            if (values.Count > 0)
            {
                parts.Add($"{name}:{GoText.Quote(values)}");
            }
        }
    }

    private static bool Has(IReadOnlyList<string> allowed, string wanted)
    {
        for (var i = 0; i < allowed.Count; i++)
        {
            if (allowed[i] == wanted || allowed[i] == All)
            {
                return true;
            }
        }

        return false;
    }

    // "pods" is not "pods/log"; "*" is both; "*/scale" is that subresource of everything.
    private static bool ResourceCovers(string rule, string wanted)
    {
        if (rule == All || rule == wanted)
        {
            return true;
        }

        var slash = wanted.IndexOf('/', StringComparison.Ordinal);
        return slash >= 0 && rule.StartsWith("*/", StringComparison.Ordinal) && rule.AsSpan(1).SequenceEqual(wanted.AsSpan(slash));
    }

    private static bool UrlCovers(string rule, string wanted) =>
        rule == wanted || (rule.EndsWith('*') && wanted.StartsWith(rule.TrimEnd('*'), StringComparison.Ordinal));
}
