using Sealos.Objects.Selectors;

namespace Sealos.ApiServer.Watch;

/// <summary>What a list or watch selects within a kind.</summary>
internal sealed class ObjectFilter
{
    /// <summary>Everything of a kind.</summary>
    public static readonly ObjectFilter All = new();

    /// <summary>The namespace, or null for all.</summary>
    public string? Namespace { get; init; }

    /// <summary>The name, or null for all.</summary>
    public string? Name { get; init; }

    /// <summary>The label selector's requirements; empty for none.</summary>
    public IReadOnlyList<LabelRequirement> Labels { get; init; } = [];

    /// <summary>Field conditions: position among the kind's selectable fields, value, and whether it must be equal.</summary>
    public IReadOnlyList<(int Index, string Value, bool Equal)> Fields { get; init; } = [];

    /// <summary>Names that must not match (<c>metadata.name!=x</c>).</summary>
    public IReadOnlyList<(bool IsNamespace, string Value)> Excluded { get; init; } = [];

    /// <summary>What may be seen at all; null when that is everything.</summary>
    public Func<CachedObject, bool>? Scope { get; private init; }

    /// <summary>Whether the content matters, not only the name.</summary>
    public bool HasSelector => Labels.Count > 0 || Fields.Count > 0;

    /// <summary>Whether there is any condition besides the namespace.</summary>
    public bool IsSelective => HasSelector || Name is not null || Excluded.Count > 0 || Scope is not null;

    /// <summary>The same, of what may be seen.</summary>
    public ObjectFilter Within(Func<CachedObject, bool> scope) =>
        new() { Namespace = Namespace, Name = Name, Labels = Labels, Fields = Fields, Excluded = Excluded, Scope = scope };

    public bool Matches(CachedObject obj) => MatchesName(obj) && MatchesSelector(obj);

    public bool MatchesName(CachedObject obj)
    {
        if ((Namespace is not null && !string.Equals(Namespace, obj.Namespace, StringComparison.Ordinal)) || (Name is not null && !string.Equals(Name, obj.Name, StringComparison.Ordinal)))
        {
            return false;
        }

        for (var i = 0; i < Excluded.Count; i++)
        {
            var (isNamespace, value) = Excluded[i];
            if (string.Equals(isNamespace ? obj.Namespace : obj.Name, value, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return Scope is null || Scope(obj);
    }

    public bool MatchesSelector(CachedObject obj)
    {
        // By index: this runs for every object of a list, and an enumerator of an interface would be allocated each time.
        for (var i = 0; i < Fields.Count; i++)
        {
            var (index, value, equal) = Fields[i];
            if (string.Equals(obj.Fields[index], value, StringComparison.Ordinal) != equal)
            {
                return false;
            }
        }

        for (var i = 0; i < Labels.Count; i++)
        {
            if (!Labels[i].Matches(obj.Labels?.GetValueOrDefault(Labels[i].Key)))
            {
                return false;
            }
        }

        return true;
    }
}
