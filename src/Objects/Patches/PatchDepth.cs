using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Patches;

/// <summary>
/// How deeply a document may be nested by now: operations can stack what they put into it, and everything that walks
/// through documents afterwards does so by calling itself.
/// </summary>
internal sealed class PatchDepth(JsonNode root)
{
    // The artificial root is a level of its own.
    private const int Max = JsonText.MaxDepth + 1;
    private const int MaxLooks = 16;

    private int _bound = Measure(root);
    private int _looks;

    /// <summary>Takes note of a value that is put below so many levels.</summary>
    public JsonNode? Checked(JsonNode? value, int above)
    {
        _bound = Math.Max(_bound, above + Measure(value));
        return value;
    }

    /// <summary>Takes note of a value that is put so many levels below where it was.</summary>
    public void Moved(int levels) => _bound += Math.Max(0, levels);

    /// <summary>Looks at the document itself when it may be too deep.</summary>
    /// <exception cref="PatchException">It is.</exception>
    public void Check()
    {
        if (_bound > Max && (++_looks > MaxLooks || (_bound = Measure(root)) > Max))
        {
            throw new PatchException($"the JSON patch nests values more than {JsonText.MaxDepth} levels deep");
        }
    }

    private static int Measure(JsonNode? node)
    {
        var deepest = 0;
        switch (node)
        {
            case JsonObject map:
                foreach (var (_, value) in map)
                {
                    deepest = Math.Max(deepest, Measure(value));
                }

                return deepest + 1;
            case JsonArray list:
                foreach (var item in list)
                {
                    deepest = Math.Max(deepest, Measure(item));
                }

                return deepest + 1;
            default:
                return 0;
        }
    }
}
