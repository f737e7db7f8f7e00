using System.Globalization;
using System.Text;

namespace Sealos.Objects.CustomKinds;

/// <summary>Where a walk through a schema stands; spelled out only when there is something to say.</summary>
internal sealed class SchemaPath
{
    private readonly SchemaPath? _parent;
    private readonly string _text;

    private SchemaPath(SchemaPath? parent, string text)
    {
        _parent = parent;
        _text = text;
    }

    public static SchemaPath Root(string text) => new(null, text);

    /// <summary>A field: <c>.name</c>.</summary>
    public SchemaPath Child(string name) => new(this, "." + name);

    /// <summary>An entry of a map: <c>[key]</c>.</summary>
    public SchemaPath Key(string key) => new(this, $"[{key}]");

    /// <summary>An item of a list: <c>[0]</c>.</summary>
    public SchemaPath Index(int index) => new(this, string.Create(CultureInfo.InvariantCulture, $"[{index}]"));

    public override string ToString()
    {
        var parts = new Stack<string>();
        for (var path = this; path is not null; path = path._parent)
        {
            parts.Push(path._text);
        }

        return new StringBuilder().AppendJoin("", parts).ToString();
    }
}
