using System.Runtime.InteropServices;

namespace Sealos.Objects.Ownership;

/// <summary>A step in a set of fields: whether the field is itself in the set, and which fields below it are.</summary>
internal readonly record struct FieldNode(PathElement Element, bool IsMember, FieldSet? Children)
{
    public bool IsEmpty => !IsMember && Children is null or { IsEmpty: true };
}

/// <summary>A set of field paths, kept as a tree with sorted steps. A set is only added to while it is built, then never changed.</summary>
public sealed class FieldSet : IEquatable<FieldSet>
{
    /// <summary>Paths have no more steps than this: what stands below is owned as one value, so that accounts stay readable to everybody.</summary>
    internal const int MaxSteps = 50;

    private List<FieldNode> _added = [];
    private bool _isUnsorted;

    /// <summary>The set without fields.</summary>
    public static FieldSet Empty { get; } = new();

    /// <summary>Whether no field is in the set.</summary>
    public bool IsEmpty => _added.Count == 0;

    /// <summary>How many fields are in the set.</summary>
    public int Count => Steps.Sum(n => (n.IsMember ? 1 : 0) + (n.Children?.Count ?? 0));

    internal IReadOnlyList<FieldNode> Nodes => Steps;

    /// <summary>The steps in their order. Steps that came in another one are sorted when somebody first looks, not one by one.</summary>
    private List<FieldNode> Steps
    {
        get
        {
            if (_isUnsorted)
            {
                _added = Sort(CollectionsMarshal.AsSpan(_added))._added;
                _isUnsorted = false;
            }

            return _added;
        }
    }

    /// <summary>The set of these paths of plain field names.</summary>
    public static FieldSet OfFields(params ReadOnlySpan<string> paths)
    {
        var set = new FieldSet();
        foreach (var path in paths)
        {
            set.Insert([.. path.Split('.').Select(PathElement.Field)]);
        }

        // Shared by threads, so nothing may be left to be done by those who look.
        return set.Steps.Count == 0 ? Empty : set;
    }

    /// <summary>Adds a path; the fields above it are not added.</summary>
    internal void Insert(ReadOnlySpan<PathElement> path)
    {
        if (path.Length == 1)
        {
            Add(path[0], isMember: true, null);
        }
        else if (path.Length > 1)
        {
            var below = new FieldSet();
            below.Insert(path[1..]);
            Add(path[0], isMember: false, below);
        }
    }

    /// <summary>Adds a step with what is below it; a step that is there already is joined with it.</summary>
    internal void Add(PathElement element, bool isMember, FieldSet? children)
    {
        if (children is { IsEmpty: true })
        {
            children = null;
        }

        if (!isMember && children is null)
        {
            return;
        }

        _isUnsorted |= _added.Count > 0 && _added[^1].Element.CompareTo(element) >= 0;
        _added.Add(new FieldNode(element, isMember, children));
    }

    /// <summary>Whether the path is in the set.</summary>
    public bool Contains(ReadOnlySpan<PathElement> path)
    {
        var set = this;
        for (var i = 0; i < path.Length && set is not null; i++)
        {
            var at = set.Find(path[i]);
            if (at < 0)
            {
                return false;
            }

            if (i == path.Length - 1)
            {
                return set.Steps[at].IsMember;
            }

            set = set.Steps[at].Children;
        }

        return false;
    }

    /// <summary>The fields below a step, without the step.</summary>
    internal FieldSet Below(PathElement element) => Find(element) is >= 0 and var at ? Steps[at].Children ?? Empty : Empty;

    /// <summary>Whether the step itself is in the set.</summary>
    internal bool Has(PathElement element) => Find(element) is >= 0 and var at && Steps[at].IsMember;

    /// <summary>The fields in either set.</summary>
    public FieldSet Union(FieldSet other) => Combine(other, (a, b) => a || b, (a, b) => a.Union(b));

    /// <summary>The fields in both sets.</summary>
    public FieldSet Intersect(FieldSet other) => Combine(other, (a, b) => a && b, (a, b) => a.Intersect(b));

    /// <summary>The fields of this set that are not in the other; the fields below one that is in both stay.</summary>
    public FieldSet Except(FieldSet other) => other.IsEmpty ? this : Combine(other, (a, b) => a && !b, (a, b) => a.Except(b));

    /// <summary>The fields of this set that are neither in the other nor below a field that is.</summary>
    public FieldSet ExceptBelow(FieldSet other)
    {
        var result = new FieldSet();
        foreach (var node in Steps)
        {
            var at = other.Find(node.Element);
            if (at < 0)
            {
                result.Steps.Add(node);
            }
            else if (!other.Steps[at].IsMember)
            {
                result.Add(node.Element, node.IsMember, node.Children?.ExceptBelow(other.Steps[at].Children ?? Empty));
            }
        }

        return result;
    }

    /// <summary>The set with the declared fields in it that lead to its fields: an object of named fields goes with its last one, a map does not.</summary>
    internal FieldSet WithNamedFields(FieldType? type)
    {
        var result = new FieldSet();
        foreach (var (element, isMember, children) in Steps)
        {
            var isNamed = children is not null && element.Kind == PathElementKind.Field && type?.Declared(element.Text) is not null;
            var below = element.Kind == PathElementKind.Field ? type?.Child(element.Text) : type?.Element;
            result.Steps.Add(new FieldNode(element, isMember || isNamed, children?.WithNamedFields(below)));
        }

        return result;
    }

    /// <summary>Every path in the set, parents before children.</summary>
    public IEnumerable<IReadOnlyList<PathElement>> Paths()
    {
        foreach (var (element, isMember, children) in Steps)
        {
            if (isMember)
            {
                yield return [element];
            }

            foreach (var below in children?.Paths() ?? [])
            {
                yield return [element, .. below];
            }
        }
    }

    /// <summary>A path as messages show it.</summary>
    public static string Describe(IReadOnlyList<PathElement> path) => string.Concat(path);

    /// <inheritdoc/>
    public bool Equals(FieldSet? other)
    {
        if (other is null || other.Steps.Count != Steps.Count)
        {
            return false;
        }

        for (var i = 0; i < Steps.Count; i++)
        {
            var (a, b) = (Steps[i], other.Steps[i]);
            if (a.Element != b.Element || a.IsMember != b.IsMember || !(a.Children ?? Empty).Equals(b.Children ?? Empty))
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FieldSet);

    /// <inheritdoc/>
    public override int GetHashCode() => Steps.Aggregate(0, (hash, n) => HashCode.Combine(hash, n.Element, n.IsMember));

    /// <summary>One path a line.</summary>
    public override string ToString() => string.Join('\n', Paths().Select(Describe));

    /// <summary>Halves joined as sets: steps that are there twice become one, and no order of texts can confuse it.</summary>
    private static FieldSet Sort(ReadOnlySpan<FieldNode> nodes)
    {
        if (nodes.Length > 1)
        {
            return Sort(nodes[..(nodes.Length / 2)]).Union(Sort(nodes[(nodes.Length / 2)..]));
        }

        var set = new FieldSet();
        set._added.AddRange(nodes);
        return set;
    }

    /// <summary>A step's place among the sorted ones; when it is not there, the complement of where it belongs.</summary>
    internal int Find(PathElement element)
    {
        var (low, high) = (0, Steps.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) >> 1;
            var order = Steps[middle].Element.CompareTo(element);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }

    private FieldSet Combine(FieldSet other, Func<bool, bool, bool> membership, Func<FieldSet, FieldSet, FieldSet> below)
    {
        var result = new FieldSet();
        var (i, j) = (0, 0);
        while (i < Steps.Count || j < other.Steps.Count)
        {
            var order = i == Steps.Count ? 1 : j == other.Steps.Count ? -1 : Steps[i].Element.CompareTo(other.Steps[j].Element);
            var element = order <= 0 ? Steps[i].Element : other.Steps[j].Element;
            var left = order <= 0 ? Steps[i++] : default;
            var right = order >= 0 ? other.Steps[j++] : default;
            var children = left.Children is null && right.Children is null ? null : below(left.Children ?? Empty, right.Children ?? Empty);
            var node = new FieldNode(element, membership(left.IsMember, right.IsMember), children is { IsEmpty: true } ? null : children);
            if (!node.IsEmpty)
            {
                result._added.Add(node);
            }
        }

        return result;
    }
}
