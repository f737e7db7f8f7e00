using Sealos.ApiServer.Authentication;

namespace Sealos.ApiServer.Authorization;

/// <summary>A Role or ClusterRole, as far as decisions need it.</summary>
internal sealed record RoleData(string? Namespace, string Name)
{
    public IReadOnlyList<PolicyRule> Rules { get; init; } = [];

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Null unless the role collects the rules of others.</summary>
    public IReadOnlyList<LabelRequirements>? Aggregation { get; init; }
}

/// <summary>One label selector of an aggregation rule.</summary>
internal sealed record LabelRequirements(IReadOnlyList<LabelRequirement> All)
{
    public bool Matches(IReadOnlyDictionary<string, string> labels) => All.All(r => r.Matches(labels));
}

/// <summary>One requirement: operators as in <c>matchExpressions</c>.</summary>
internal sealed record LabelRequirement(string Key, string Operator, IReadOnlyList<string> Values)
{
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        var isThere = labels.TryGetValue(Key, out var value);
        return Operator switch
        {
            "In" => isThere && Values.Contains(value),
            "NotIn" => !isThere || !Values.Contains(value),
            "Exists" => isThere,
            "DoesNotExist" => !isThere,
            _ => false,
        };
    }
}

/// <summary>A RoleBinding or ClusterRoleBinding, as far as decisions need it.</summary>
internal sealed record BindingData(string? Namespace, string Name, string RoleKind, string RoleName, IReadOnlyList<SubjectData> Subjects)
{
    /// <summary>The binding as reasons show it.</summary>
    public string Describe(SubjectData subject)
    {
        var binding = Namespace is null ? $"ClusterRoleBinding {GoText.Quote(Name)}" : $"RoleBinding {GoText.Quote($"{Name}/{Namespace}")}";
        return $"{binding} of {RoleKind} {GoText.Quote(RoleName)} to {subject.Describe()}";
    }
}

/// <summary>Whom a binding gives its role to; a service account's namespace is already filled in.</summary>
internal readonly record struct SubjectData(string Kind, string Namespace, string Name)
{
    /// <summary>Under what the index finds it: a user's name or a group's; null when nobody can be it.</summary>
    public SubjectKey? Key => Kind switch
    {
        "User" => new SubjectKey(false, Name),
        "Group" => new SubjectKey(true, Name),
        "ServiceAccount" when Namespace.Length > 0 => new SubjectKey(false, ServiceAccountUser.NameOf(Namespace, Name)),
        _ => null,
    };

    public string Describe() => $"{Kind} {GoText.Quote(Kind == "ServiceAccount" ? $"{Name}/{Namespace}" : Name)}";
}

/// <summary>A user's or group's name.</summary>
internal readonly record struct SubjectKey(bool IsGroup, string Name);
