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

    /// <summary>The label selector, or null for none.</summary>
    public LabelSelector? Labels { get; init; }

    /// <summary>Field conditions: position among the kind's selectable fields, value, and whether it must be equal.</summary>
    public IReadOnlyList<(int Index, string Value, bool Equal)> Fields { get; init; } = [];

    /// <summary>Names that must not match (<c>metadata.name!=x</c>).</summary>
    public IReadOnlyList<(bool IsNamespace, string Value)> Excluded { get; init; } = [];

    /// <summary>Whether the content matters, not only the name.</summary>
    public bool HasSelector => Labels is not null || Fields.Count > 0;

    /// <summary>Whether there is any condition besides the namespace.</summary>
    public bool IsSelective => HasSelector || Name is not null || Excluded.Count > 0;

    public bool Matches(CachedObject obj) => MatchesName(obj) && MatchesSelector(obj);

    public bool MatchesName(CachedObject obj)
    {
        if ((Namespace is not null && !string.Equals(Namespace, obj.Namespace, StringComparison.Ordinal)) || (Name is not null && !string.Equals(Name, obj.Name, StringComparison.Ordinal)))
        {
            return false;
        }

        foreach (var (isNamespace, value) in Excluded)
        {
            if (string.Equals(isNamespace ? obj.Namespace : obj.Name, value, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    public bool MatchesSelector(CachedObject obj)
    {
        foreach (var (index, value, equal) in Fields)
        {
            if (string.Equals(obj.Fields[index], value, StringComparison.Ordinal) != equal)
            {
                return false;
            }
        }

        return Labels is null || Labels.Matches(obj.Labels);
    }
}
