namespace Sealos.Objects.Ownership;

/// <summary>Which fields count of those that a request sends.</summary>
public sealed class FieldFilter
{
    private const string Anything = "*";

    private readonly FieldSet _ignored;
    private readonly Step? _kept;

    private FieldFilter(FieldSet ignored, Step? kept)
    {
        _ignored = ignored;
        _kept = kept;
    }

    /// <summary>All fields count.</summary>
    public static FieldFilter All { get; } = new(FieldSet.Empty, null);

    /// <summary>All count but these and what is below them.</summary>
    public static FieldFilter Except(params ReadOnlySpan<string> paths) => new(FieldSet.OfFields(paths), null);

    /// <summary>Only these count, what is above and what is below them; a step <c>*</c> stands for any.</summary>
    public static FieldFilter Only(params ReadOnlySpan<string> paths)
    {
        var root = new Step();
        foreach (var path in paths)
        {
            var step = root;
            foreach (var name in path.Split('.'))
            {
                step = step.Children.TryGetValue(name, out var known) ? known : step.Children[name] = new Step();
            }
        }

        return new FieldFilter(FieldSet.Empty, root);
    }

    /// <summary>The fields of a set that count.</summary>
    internal FieldSet Of(FieldSet set) => _kept is not null ? Keep(set, _kept) : _ignored.IsEmpty ? set : set.ExceptBelow(_ignored);

    private static FieldSet Keep(FieldSet set, Step pattern)
    {
        if (pattern.Children.Count == 0)
        {
            return set;
        }

        var result = new FieldSet();
        foreach (var (element, isMember, children) in set.Nodes)
        {
            var next = pattern.Children.GetValueOrDefault(Anything) ?? (element.Kind == PathElementKind.Field ? pattern.Children.GetValueOrDefault(element.Text) : null);
            if (next is not null)
            {
                result.Add(element, isMember, children is null ? null : Keep(children, next));
            }
        }

        return result;
    }

    private sealed class Step
    {
        public Dictionary<string, Step> Children { get; } = new(StringComparer.Ordinal);
    }
}
