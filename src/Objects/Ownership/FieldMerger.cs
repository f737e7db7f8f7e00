using System.Text.Json.Nodes;

namespace Sealos.Objects.Ownership;

/// <summary>Lays an applied object over a live one: what it sets wins, what it does not speak of stays, and the order of list items is its own.</summary>
public static class FieldMerger
{
    /// <summary>The merged object; the two are left as they are.</summary>
    public static JsonObject Merge(JsonObject live, JsonObject applied, FieldType type) =>
        MergeMaps(live, applied, type, 0);

    private static JsonNode? Merge(JsonNode? live, JsonNode? applied, FieldType type, int depth)
    {
        var (left, right) = (type.ShapeOf(live), type.ShapeOf(applied));
        var shape = right == FieldShape.Any ? left : right;
        if (left != shape && left != FieldShape.Any)
        {
            return applied?.DeepClone();
        }

        if (depth == FieldSet.MaxSteps || shape is FieldShape.Any or FieldShape.Scalar || type.IsLeaf(shape) || (IsVoid(live) && IsVoid(applied)))
        {
            return applied?.DeepClone();
        }

        return shape == FieldShape.Map
            ? MergeMaps(live as JsonObject, applied as JsonObject, type, depth)
            : MergeLists(live as JsonArray, applied as JsonArray, type, depth);
    }

    private static JsonObject MergeMaps(JsonObject? live, JsonObject? applied, FieldType type, int depth)
    {
        var result = new JsonObject();
        foreach (var (name, value) in live ?? [])
        {
            result[name] = applied is not null && applied.TryGetPropertyValue(name, out var over)
                ? Merge(value, over, type.Child(name) ?? FieldType.Any, depth + 1)
                : value?.DeepClone();
        }

        foreach (var (name, value) in applied ?? [])
        {
            if (live?.ContainsKey(name) != true)
            {
                result[name] = value?.DeepClone();
            }
        }

        return result;
    }

    private static JsonArray MergeLists(JsonArray? live, JsonArray? applied, FieldType type, int depth)
    {
        var left = Steps(live, type);
        var right = Steps(applied, type);
        var merged = new ListMerge(left, right, (l, r) => l is { } a ? Merge(live![a], applied![r], type.Element ?? FieldType.Any, depth + 1) : applied![r]?.DeepClone());
        return new JsonArray([.. merged.Run(i => live![i]?.DeepClone())]);
    }

    private static List<PathElement> Steps(JsonArray? list, FieldType type) =>
        [.. Enumerable.Range(0, list?.Count ?? 0).Select(i => ListIndex.StepTo(type, list!, i))];

    private static bool IsVoid(JsonNode? node) => node is null or JsonObject { Count: 0 } or JsonArray { Count: 0 };

    /// <summary>
    /// The order of merged items: that of the applied list, with the items only the live one has behind those they
    /// stood behind, as far as both orders agree.
    /// </summary>
    private sealed class ListMerge(List<PathElement> left, List<PathElement> right, Func<int?, int, JsonNode?> merge)
    {
        private readonly Dictionary<PathElement, int> _inRight = Index(right);
        private readonly Dictionary<PathElement, int> _inLeft = Index(left);
        private readonly HashSet<PathElement> _done = [];
        private readonly List<JsonNode?> _out = [];
        private Queue<PathElement> _shared = [];

        public List<JsonNode?> Run(Func<int, JsonNode?> keep)
        {
            _shared = new Queue<PathElement>(right.Where(_inLeft.ContainsKey));
            var (l, r) = (0, 0);
            while (l < left.Count || r < right.Count)
            {
                if (l < left.Count && r < right.Count && left[l] == right[r])
                {
                    Take(r++);
                    l++;
                }
                else if (l < left.Count && r < right.Count && _inRight.ContainsKey(left[l]) && _shared.TryPeek(out var next) && next != left[l])
                {
                    // A shared item whose turn has not come.
                    l++;
                }
                else if (l < left.Count && !_inRight.ContainsKey(left[l]))
                {
                    _out.Add(keep(l++));
                }
                else
                {
                    // A shared item that was taken already is not repeated.
                    l += l < left.Count && _done.Contains(left[l]) ? 1 : 0;
                    if (r < right.Count)
                    {
                        Take(r++);
                    }
                    else if (l < left.Count && _inRight.ContainsKey(left[l]) && !_done.Contains(left[l]))
                    {
                        l++;
                    }
                }
            }

            return _out;
        }

        private void Take(int r)
        {
            var step = right[r];
            _done.Add(step);
            _out.Add(merge(_inLeft.TryGetValue(step, out var l) ? l : null, r));
            if (_shared.TryPeek(out var next) && next == step)
            {
                _shared.Dequeue();
            }
        }

        /// <summary>Items that are there twice in the live list are not merged: the applied one stands alone.</summary>
        private static Dictionary<PathElement, int> Index(List<PathElement> steps)
        {
            var index = new Dictionary<PathElement, int>();
            for (var i = 0; i < steps.Count; i++)
            {
                index[steps[i]] = i;
            }

            return index;
        }
    }
}
