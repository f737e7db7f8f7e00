using System.Collections.Immutable;

namespace Sealos.ApiServer.Authorization;

/// <summary>
/// All roles and bindings at one moment, immutable. Bindings are found by subject, per namespace (null: those of the
/// whole cluster).
/// </summary>
internal sealed record RbacSnapshot
{
    public static RbacSnapshot Empty { get; } = new();

    public ImmutableDictionary<(string? Namespace, string Name), RoleData> Roles { get; private init; } =
        ImmutableDictionary<(string? Namespace, string Name), RoleData>.Empty;

    // What aggregating cluster roles collect: worked out by the first decision after a cluster role changed, so that
    // loading many of them at start costs nothing.
    private Lazy<ImmutableDictionary<string, IReadOnlyList<PolicyRule>>> Aggregated { get; init; } =
        new(ImmutableDictionary<string, IReadOnlyList<PolicyRule>>.Empty);

    private ImmutableDictionary<(string? Namespace, string Name), BindingData> Bindings { get; init; } =
        ImmutableDictionary<(string? Namespace, string Name), BindingData>.Empty;

    private ImmutableDictionary<(string? Namespace, SubjectKey Subject), ImmutableSortedDictionary<string, BoundSubject>> BySubject { get; init; } =
        ImmutableDictionary<(string? Namespace, SubjectKey Subject), ImmutableSortedDictionary<string, BoundSubject>>.Empty;

    /// <summary>The bindings in one namespace (null: of the whole cluster) that name the subject, by name.</summary>
    public IEnumerable<BoundSubject> BindingsOf(string? @namespace, SubjectKey subject) =>
        BySubject.TryGetValue((@namespace, subject), out var bindings) ? bindings.Values : [];

    /// <summary>The rules of the role that a binding names; null when it does not exist.</summary>
    public IReadOnlyList<PolicyRule>? RulesOf(BindingData binding) => (binding.RoleKind, binding.Namespace) switch
    {
        ("ClusterRole", _) => ClusterRules(binding.RoleName),
        ("Role", { } @namespace) => Roles.GetValueOrDefault((@namespace, binding.RoleName))?.Rules,
        _ => null,
    };

    public IReadOnlyList<PolicyRule>? ClusterRules(string name) =>
        Aggregated.Value.TryGetValue(name, out var collected) ? collected : Roles.GetValueOrDefault((null, name))?.Rules;

    public RbacSnapshot With(RoleData role) => WithRoles(Roles.SetItem((role.Namespace, role.Name), role), role.Namespace);

    public RbacSnapshot WithoutRole(string? @namespace, string name) => WithRoles(Roles.Remove((@namespace, name)), @namespace);

    public RbacSnapshot With(BindingData binding)
    {
        var without = WithoutBinding(binding.Namespace, binding.Name);
        var bySubject = without.BySubject.ToBuilder();
        foreach (var subject in binding.Subjects)
        {
            if (subject.Key is { } subjectKey)
            {
                var key = (binding.Namespace, subjectKey);
                var bindings = bySubject.GetValueOrDefault(key) ?? ImmutableSortedDictionary.Create<string, BoundSubject>(StringComparer.Ordinal);
                bySubject[key] = bindings.SetItem(binding.Name, new BoundSubject(binding, subject));
            }
        }

        return without with
        {
            Bindings = without.Bindings.SetItem((binding.Namespace, binding.Name), binding),
            BySubject = bySubject.ToImmutable(),
        };
    }

    public RbacSnapshot WithoutBinding(string? @namespace, string name)
    {
        if (!Bindings.TryGetValue((@namespace, name), out var binding))
        {
            return this;
        }

        var bySubject = BySubject.ToBuilder();
        foreach (var subject in binding.Subjects)
        {
            if (subject.Key is { } subjectKey && bySubject.TryGetValue((@namespace, subjectKey), out var bindings))
            {
                var rest = bindings.Remove(name);
                if (rest.IsEmpty)
                {
                    bySubject.Remove((@namespace, subjectKey));
                }
                else
                {
                    bySubject[(@namespace, subjectKey)] = rest;
                }
            }
        }

        return this with { Bindings = Bindings.Remove((@namespace, name)), BySubject = bySubject.ToImmutable() };
    }

    private RbacSnapshot WithRoles(ImmutableDictionary<(string? Namespace, string Name), RoleData> roles, string? changedNamespace) =>
        this with { Roles = roles, Aggregated = changedNamespace is null ? new(() => RoleAggregation.Collect(roles)) : Aggregated };
}

/// <summary>A binding, and which of its subjects it was found by.</summary>
internal readonly record struct BoundSubject(BindingData Binding, SubjectData Subject);
