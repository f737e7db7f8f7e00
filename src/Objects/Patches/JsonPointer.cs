using System.Globalization;

namespace Sealos.Objects.Patches;

/// <summary>RFC 6901, below an artificial root so that the whole document has a parent too.</summary>
internal sealed class JsonPointer
{
    private readonly string[] _parts;
    private readonly string _text;

    private JsonPointer(string[] parts, string text) => (_parts, _text) = (parts, text);

    public int Count => _parts.Length;

    public string Last => _parts[^1];

    public string this[int index] => _parts[index];

    public static JsonPointer Parse(string text)
    {
        if (text.Length > 0 && text[0] != '/')
        {
            throw new PatchException($"the path \"{text}\" of a JSON patch does not start with '/'");
        }

        var parts = text.Split('/').Select(p => p.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToArray();
        parts[0] = "root";
        return new JsonPointer(parts, text);
    }

    /// <summary>A list index without sign or leading zeros, at most <paramref name="max"/>.</summary>
    public static bool TryIndex(string part, int max, out int index) =>
        int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out index) && index <= max && (part.Length == 1 || part[0] != '0');

    public bool StartsWith(JsonPointer other) => _parts.AsSpan().StartsWith(other._parts);

    public override string ToString() => _text;
}
