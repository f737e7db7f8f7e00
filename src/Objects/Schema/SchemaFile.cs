using System.Collections.Frozen;

namespace Sealos.Objects.Schema;

/// <summary>The shape of a value in the schema: a scalar, a named object type, or a list or map of either.</summary>
/// <param name="Kind">What the value is.</param>
/// <param name="Object">For <see cref="ValueKind.Object"/>, the type's name such as <c>core/v1.PodSpec</c>.</param>
/// <param name="Element">For lists and maps, the shape of one element.</param>
public sealed record ValueShape(ValueKind Kind, string? Object = null, ValueShape? Element = null)
{
    /// <summary>Parses a shape as the schema file writes it: <c>string</c>, <c>[]core/v1.Container</c>, <c>map:quantity</c>.</summary>
    public static ValueShape Parse(string text)
    {
        if (text.StartsWith("[]", StringComparison.Ordinal))
        {
            return new ValueShape(ValueKind.List, Element: Parse(text[2..]));
        }

        if (text.StartsWith("map:", StringComparison.Ordinal))
        {
            return new ValueShape(ValueKind.Map, Element: Parse(text[4..]));
        }

        return text switch
        {
            "string" => new ValueShape(ValueKind.String),
            "bool" => new ValueShape(ValueKind.Boolean),
            "int32" => new ValueShape(ValueKind.Int32),
            "int64" => new ValueShape(ValueKind.Int64),
            "float64" => new ValueShape(ValueKind.Float64),
            "bytes" => new ValueShape(ValueKind.Bytes),
            "time" => new ValueShape(ValueKind.Time),
            "microtime" => new ValueShape(ValueKind.MicroTime),
            "quantity" => new ValueShape(ValueKind.Quantity),
            "intorstring" => new ValueShape(ValueKind.IntOrString),
            "raw" => new ValueShape(ValueKind.Raw),
            _ => new ValueShape(ValueKind.Object, Object: text),
        };
    }
}

/// <summary>The kinds of value a field can hold. <see cref="Raw"/> is any JSON (a message with one bytes field in protobuf).</summary>
public enum ValueKind
{
    /// <summary>Text, enumerations included.</summary>
    String,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A 32-bit integer.</summary>
    Int32,

    /// <summary>A 64-bit integer.</summary>
    Int64,

    /// <summary>A double.</summary>
    Float64,

    /// <summary>Bytes, base64 in JSON.</summary>
    Bytes,

    /// <summary>RFC 3339 with seconds.</summary>
    Time,

    /// <summary>RFC 3339 with six fractional digits.</summary>
    MicroTime,

    /// <summary>A quantity such as <c>100m</c> or <c>64Mi</c>.</summary>
    Quantity,

    /// <summary>An integer or a string such as <c>25%</c>.</summary>
    IntOrString,

    /// <summary>Any JSON value.</summary>
    Raw,

    /// <summary>A named object type.</summary>
    Object,

    /// <summary>A list.</summary>
    List,

    /// <summary>An object with free keys.</summary>
    Map,
}

/// <summary>One field of an object type; the columns are explained in the README beside the schema file.</summary>
public sealed record FieldSchema(string Name, int Number, ValueShape Shape)
{
    /// <summary>A pointer in Kubernetes' own types: a zero value is kept, not treated as unset.</summary>
    public bool IsPointer { get; init; }

    /// <summary>The published schema lists the field as required.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Written even when it holds its zero value.</summary>
    public bool IsAlwaysWritten { get; init; }

    /// <summary>Strategic merge merges the list (by <see cref="MergeKey"/>, or as a set of scalars when that is null).</summary>
    public bool IsMerged { get; init; }

    /// <summary>The key by which strategic merge pairs items.</summary>
    public string? MergeKey { get; init; }

    /// <summary>Strategic merge replaces the value whole.</summary>
    public bool IsReplaced { get; init; }

    /// <summary>Strategic merge keeps only the keys a patch names (<c>retainKeys</c>).</summary>
    public bool RetainsKeys { get; init; }

    /// <summary>Server-side apply: <c>map</c>, <c>set</c>, <c>atomic</c>, or null for the default.</summary>
    public string? ListType { get; init; }

    /// <summary>Server-side apply: keys of a <c>map</c> list.</summary>
    public IReadOnlyList<string> ListKeys { get; init; } = [];

    /// <summary>Server-side apply treats the object or map as one value.</summary>
    public bool IsAtomic { get; init; }

    /// <summary>The default as JSON, or null.</summary>
    public string? DefaultJson { get; init; }

    /// <summary>The values allowed, or empty when any is.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];
}

/// <summary>An object type: its fields, with inlined types already flattened into <see cref="Fields"/>.</summary>
public sealed class TypeSchema(string name, bool isAtomic, bool isUnion)
{
    private FrozenDictionary<string, FieldSchema>? _byName;
    private FrozenDictionary<int, FieldSchema>? _byNumber;

    /// <summary>The name, such as <c>core/v1.PodSpec</c>.</summary>
    public string Name { get; } = name;

    /// <summary>Server-side apply treats the whole object as one value.</summary>
    public bool IsAtomic { get; } = isAtomic;

    /// <summary>JSON holds the value of one of the fields itself, without its name (the schema-or-list types of CRDs).</summary>
    public bool IsUnion { get; } = isUnion;

    /// <summary>The type's own fields in file order, without those of inlined types.</summary>
    public List<FieldSchema> OwnFields { get; } = [];

    /// <summary>Inlined types: protobuf number (0 when protobuf flattens it too) and type name.</summary>
    public List<(int Number, string Type)> Inlined { get; } = [];

    /// <summary>All fields as JSON has them.</summary>
    public IReadOnlyList<FieldSchema> Fields { get; internal set; } = [];

    /// <summary>Finds a field by its JSON name.</summary>
    public FieldSchema? Find(string name) =>
        (_byName ??= Fields.DistinctBy(f => f.Name).ToFrozenDictionary(f => f.Name)).GetValueOrDefault(name);

    /// <summary>Finds one of the type's own fields by its protobuf number.</summary>
    public FieldSchema? FindOwn(int number) =>
        (_byNumber ??= OwnFields.Where(f => f.Number > 0).ToFrozenDictionary(f => f.Number)).GetValueOrDefault(number);
}

/// <summary>A subresource as discovery announces it.</summary>
public sealed record SubresourceSchema(string Name, string ResponseKind, IReadOnlyList<string> Verbs);

/// <summary>A kind that can be served: its names, scope, verbs and root type.</summary>
public sealed record KindSchema(string GroupVersion, string Kind, string Plural, string Singular, bool IsNamespaced, string Type)
{
    /// <summary>The API group, empty for core.</summary>
    public string Group => GroupVersion.Contains('/', StringComparison.Ordinal) ? GroupVersion[..GroupVersion.IndexOf('/', StringComparison.Ordinal)] : "";

    /// <summary>The version within the group.</summary>
    public string Version => GroupVersion[(GroupVersion.IndexOf('/', StringComparison.Ordinal) + 1)..];

    /// <summary>False for kinds that are only bodies of requests or subresources, such as <c>Scale</c>.</summary>
    public bool IsServed => Plural != "-";

    /// <summary>Verbs of the main resource.</summary>
    public IReadOnlyList<string> Verbs { get; init; } = [];

    /// <summary>Short names such as <c>po</c>.</summary>
    public IReadOnlyList<string> ShortNames { get; init; } = [];

    /// <summary>Categories such as <c>all</c>.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Subresources.</summary>
    public IReadOnlyList<SubresourceSchema> Subresources { get; init; } = [];
}

/// <summary>The parsed schema file: every type and kind of the object model.</summary>
public sealed class SchemaFile
{
    private SchemaFile(Dictionary<string, TypeSchema> types, List<KindSchema> kinds)
    {
        Types = types;
        Kinds = kinds;
    }

    /// <summary>Types by name.</summary>
    public IReadOnlyDictionary<string, TypeSchema> Types { get; }

    /// <summary>Kinds in file order, which is the order discovery announces groups in.</summary>
    public IReadOnlyList<KindSchema> Kinds { get; }

    /// <summary>Parses the file's text.</summary>
    /// <exception cref="FormatException">A line is malformed; the message names it.</exception>
    public static SchemaFile Parse(TextReader reader)
    {
        var types = new Dictionary<string, TypeSchema>(StringComparer.Ordinal);
        var kinds = new List<KindSchema>();
        TypeSchema? current = null;
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            switch (words[0])
            {
                case "kind" when line[0] != ' ':
                    kinds.Add(ParseKind(words));
                    break;
                case "type" when line[0] != ' ':
                    current = new TypeSchema(words[1], words.Contains("atomic"), words.Contains("union"));
                    types.Add(words[1], current);
                    break;
                case "inline" when current is not null:
                    current.Inlined.Add((words[1] == "-" ? 0 : int.Parse(words[1]), words[2]));
                    break;
                default:
                    (current ?? throw new FormatException($"field before any type: {line}")).OwnFields.Add(ParseField(words, line));
                    break;
            }
        }

        foreach (var type in types.Values)
        {
            type.Fields = Flatten(type, types);
        }

        return new SchemaFile(types, kinds);
    }

    private static List<FieldSchema> Flatten(TypeSchema type, Dictionary<string, TypeSchema> types)
    {
        var fields = new List<FieldSchema>();
        foreach (var (_, inlined) in type.Inlined)
        {
            fields.AddRange(Flatten(types[inlined], types));
        }

        fields.AddRange(type.OwnFields);
        return fields;
    }

    private static KindSchema ParseKind(string[] words)
    {
        var options = words.Skip(6).Select(w => w.Split('=', 2)).ToDictionary(p => p[0], p => p[1], StringComparer.Ordinal);
        string[] Split(string key, char separator) => options.TryGetValue(key, out var v) ? v.Split(separator) : [];
        return new KindSchema(words[1], words[2], words[3], words[4], words[5] == "Namespaced", options["type"])
        {
            Verbs = Split("verbs", '+'),
            ShortNames = Split("short", ','),
            Categories = Split("categories", ','),
            Subresources = [.. Split("sub", ';').Select(s => s.Split(':')).Select(p => new SubresourceSchema(p[0], p[1], p[2].Split('+')))],
        };
    }

    private static FieldSchema ParseField(string[] words, string line)
    {
        var field = new FieldSchema(words[0], words[1] == "-" ? 0 : int.Parse(words[1]), ValueShape.Parse(words[2]));
        foreach (var word in words.AsSpan(3))
        {
            var option = word.Split('=', 2);
            var value = option.Length == 2 ? option[1] : null;
            field = option[0] switch
            {
                "ptr" => field with { IsPointer = true },
                "required" => field with { IsRequired = true },
                "always" => field with { IsAlwaysWritten = true },
                "merge" => field with { IsMerged = true, MergeKey = value },
                "replace" => field with { IsReplaced = true },
                "retainKeys" => field with { RetainsKeys = true },
                "list" => field with { ListType = value },
                "keys" => field with { ListKeys = value!.Split(',') },
                "atomic" => field with { IsAtomic = true },
                "default" => field with { DefaultJson = value },
                "values" => field with { Values = value!.Split('|') },
                _ => throw new FormatException($"unknown column '{option[0]}' in: {line}"),
            };
        }

        return field;
    }
}
