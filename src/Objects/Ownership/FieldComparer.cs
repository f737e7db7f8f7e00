using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sealos.Objects.Ownership;

/// <summary>What differs between two versions of an object.</summary>
/// <param name="Changed">Fields that are new or have another value.</param>
/// <param name="Removed">Fields that are gone.</param>
public sealed record FieldChanges(FieldSet Changed, FieldSet Removed)
{
    /// <summary>Nothing differs.</summary>
    public bool IsEmpty => Changed.IsEmpty && Removed.IsEmpty;

    /// <summary>The changes of fields that count.</summary>
    public FieldChanges Of(FieldFilter filter) => ReferenceEquals(filter, FieldFilter.All) || IsEmpty ? this : new(filter.Of(Changed), filter.Of(Removed));
}

/// <summary>Compares two versions of an object field by field, building steps only where something differs.</summary>
public static class FieldComparer
{
    private enum Outcome
    {
        Same,
        Changed,
        Removed,
    }

    /// <summary>Compares two versions.</summary>
    public static FieldChanges Compare(JsonObject old, JsonObject @new, FieldType type)
    {
        var found = new Found();
        CompareMaps(new Side(old, true), new Side(@new, true), type, ref found);
        return new FieldChanges(found.Changed ?? FieldSet.Empty, found.Removed ?? FieldSet.Empty);
    }

    private static Outcome Compare(Side old, Side @new, FieldType type, ref Found found)
    {
        if (found.Depth == FieldSet.MaxSteps)
        {
            return CompareLeaves(old, @new);
        }

        var (left, right) = (type.ShapeOf(old.Node), type.ShapeOf(@new.Node));
        var shape = right == FieldShape.Any ? left : right;
        if (left != FieldShape.Any && right != FieldShape.Any && left != right)
        {
            return CompareUnlike(old, @new, type, ref found);
        }

        if (shape == FieldShape.Any || type.IsLeaf(shape) || (IsVoid(old.Node) && IsVoid(@new.Node)))
        {
            return CompareLeaves(old, @new);
        }

        if (shape == FieldShape.Map)
        {
            CompareMaps(old, @new, type, ref found);
        }
        else
        {
            CompareLists(old.Node as JsonArray, @new.Node as JsonArray, type, ref found);
        }

        return !old.IsThere ? Outcome.Changed : !@new.IsThere ? Outcome.Removed : Outcome.Same;
    }

    /// <summary>Where a value of any shape became one of another, the parts of the old one are gone and those of the new one new.</summary>
    private static Outcome CompareUnlike(Side old, Side @new, FieldType type, ref Found found)
    {
        if (old.Node is JsonObject)
        {
            CompareMaps(old, default, type, ref found);
        }

        if (@new.Node is JsonObject)
        {
            CompareMaps(default, @new, type, ref found);
        }

        return Outcome.Changed;
    }

    private static Outcome CompareLeaves(Side old, Side @new) =>
        !old.IsThere ? Outcome.Changed
        : !@new.IsThere ? Outcome.Removed
        : SameValue(old.Node, @new.Node) ? Outcome.Same : Outcome.Changed;

    private static bool SameValue(JsonNode? old, JsonNode? @new)
    {
        if (old is JsonValue a && @new is JsonValue b && a.GetValueKind() == JsonValueKind.String && b.GetValueKind() == JsonValueKind.String)
        {
            return string.Equals(a.GetValue<string>(), b.GetValue<string>(), StringComparison.Ordinal);
        }

        return (IsVoid(old) && IsVoid(@new)) || JsonNode.DeepEquals(old, @new);
    }

    private static void CompareMaps(Side oldSide, Side newSide, FieldType type, ref Found found)
    {
        var old = oldSide.Node as JsonObject;
        var @new = newSide.Node as JsonObject;
        for (var i = 0; i < (@new?.Count ?? 0); i++)
        {
            var (name, value) = @new!.GetAt(i);
            JsonNode? before = null;
            var wasThere = old is not null && (SameName(old, i, name, out before) || old.TryGetPropertyValue(name, out before));
            CompareEntry(name, wasThere ? new Side(before, true) : Implied(oldSide, type, name), new Side(value, true), type, ref found);
        }

        for (var i = 0; i < (old?.Count ?? 0); i++)
        {
            var (name, value) = old!.GetAt(i);
            if (@new is null || !(SameName(@new, i, name, out _) || @new.ContainsKey(name)))
            {
                CompareEntry(name, new Side(value, true), Implied(newSide, type, name), type, ref found);
            }
        }

        if (oldSide.IsThere != newSide.IsThere)
        {
            CompareImplied(old ?? @new, newSide.IsThere, type, ref found);
        }
    }

    /// <summary>The fields that Kubernetes' own types have without being written in ours come and go with the object they are in.</summary>
    private static void CompareImplied(JsonObject? written, bool isNew, FieldType type, ref Found found)
    {
        foreach (var (name, member) in type.Members)
        {
            if (member.IsAlwaysThere && written?.ContainsKey(name) != true)
            {
                var there = new Side(null, true);
                CompareEntry(name, isNew ? default : there, isNew ? there : default, type, ref found);
            }
        }
    }

    private static bool SameName(JsonObject obj, int index, string name, out JsonNode? value)
    {
        value = null;
        if (index >= obj.Count)
        {
            return false;
        }

        var (found, there) = obj.GetAt(index);
        value = there;
        return string.Equals(found, name, StringComparison.Ordinal);
    }

    private static Side Implied(Side parent, FieldType type, string name) =>
        parent.IsThere && type.Declared(name) is { IsAlwaysThere: true } ? new Side(null, true) : default;

    private static void CompareEntry(string name, Side old, Side @new, FieldType type, ref Found found)
    {
        if (ReferenceEquals(old.Node, @new.Node) && old.IsThere == @new.IsThere)
        {
            return;
        }

        var below = new Found { Depth = found.Depth + 1 };
        var outcome = Compare(old, @new, type.Child(name) ?? FieldType.Any, ref below);
        if (outcome != Outcome.Same || below.Any)
        {
            found.Add(outcome, below, PathElement.Field(name));
        }
    }

    private static void CompareLists(JsonArray? old, JsonArray? @new, FieldType type, ref Found found)
    {
        var element = type.Element ?? FieldType.Any;
        if (old is not null && @new is not null && ListIndex.SameSteps(type, old, @new) && TryCompareInPlace(old, @new, type, ref found))
        {
            return;
        }

        var (before, after) = (Group(old, type), Group(@new, type));
        foreach (var step in before.Keys.Union(after.Keys))
        {
            CompareItems(step, before.GetValueOrDefault(step) ?? [], after.GetValueOrDefault(step) ?? [], element, ref found);
        }
    }

    /// <summary>Compares items that stand at the same places; not where one is there more than once.</summary>
    private static bool TryCompareInPlace(JsonArray old, JsonArray @new, FieldType type, ref Found found)
    {
        var changes = new Found { Depth = found.Depth };
        Dictionary<PathElement, int>? times = null;
        for (var i = 0; i < @new.Count && type.Keys.Count > 0; i++)
        {
            var below = new Found { Depth = found.Depth + 1 };
            var outcome = Compare(new Side(old[i], true), new Side(@new[i], true), type.Element ?? FieldType.Any, ref below);
            if (outcome != Outcome.Same || below.Any)
            {
                var step = ListIndex.StepTo(type, @new, i);
                times ??= Enumerable.Range(0, @new.Count).CountBy(j => ListIndex.StepTo(type, @new, j)).ToDictionary();
                if (times[step] > 1)
                {
                    return false;
                }

                changes.Add(outcome, below, step);
            }
        }

        found.Join(changes);
        return true;
    }

    /// <summary>Items that are there more than once are compared as one value.</summary>
    private static void CompareItems(PathElement step, List<JsonNode?> old, List<JsonNode?> @new, FieldType element, ref Found found)
    {
        var below = new Found { Depth = found.Depth + 1 };
        var outcome = Outcome.Same;
        if (old.Count < 2 && @new.Count < 2)
        {
            outcome = Compare(SideOf(old), SideOf(@new), element, ref below);
        }
        else if (old.Count >= 2 && @new.Count >= 2)
        {
            outcome = old.Count == @new.Count && old.Zip(@new).All(p => JsonNode.DeepEquals(p.First, p.Second)) ? Outcome.Same : Outcome.Changed;
        }
        else
        {
            var isNew = @new.Count >= 2;
            Compare(isNew ? SideOf(old) : default, isNew ? default : SideOf(@new), element, ref below);
            outcome = isNew ? Outcome.Changed : Outcome.Removed;
        }

        found.Add(outcome, below, step);
    }

    private static Side SideOf(List<JsonNode?> items) => items.Count == 0 ? default : new Side(items[0], true);

    private static Dictionary<PathElement, List<JsonNode?>> Group(JsonArray? list, FieldType type)
    {
        var groups = new Dictionary<PathElement, List<JsonNode?>>();
        for (var i = 0; i < (list?.Count ?? 0); i++)
        {
            var step = ListIndex.StepTo(type, list!, i);
            if (!groups.TryGetValue(step, out var items))
            {
                groups[step] = items = [];
            }

            items.Add(list![i]);
        }

        return groups;
    }

    private static bool IsVoid(JsonNode? node) => node is null or JsonObject { Count: 0 } or JsonArray { Count: 0 };

    /// <summary>A value of one version: null may be there or not.</summary>
    private readonly record struct Side(JsonNode? Node, bool IsThere);

    private struct Found
    {
        public int Depth;
        public FieldSet? Changed;
        public FieldSet? Removed;

        public void Join(Found other)
        {
            Changed = Changed is null ? other.Changed : Changed.Union(other.Changed ?? FieldSet.Empty);
            Removed = Removed is null ? other.Removed : Removed.Union(other.Removed ?? FieldSet.Empty);
        }

        public readonly bool Any => Changed is not null || Removed is not null;

        public void Add(Outcome outcome, Found below, PathElement element)
        {
            if (outcome == Outcome.Changed || below.Changed is not null)
            {
                (Changed ??= new FieldSet()).Add(element, outcome == Outcome.Changed, below.Changed);
            }

            if (outcome == Outcome.Removed || below.Removed is not null)
            {
                (Removed ??= new FieldSet()).Add(element, outcome == Outcome.Removed, below.Removed);
            }
        }
    }
}
