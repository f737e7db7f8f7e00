using System.Text;
using Sealos.Objects.Schema;

// Writes src/Kinds/Generated/*.cs from the schema file and kinds.txt. Run from the repository's root.
var root = args.Length > 0 ? args[0] : ".";
using var reader = File.OpenText(Path.Combine(root, "src/Objects/Schema/kubernetes.schema"));
var schema = SchemaFile.Parse(reader);
var wanted = File.ReadAllLines(Path.Combine(root, "tools/KindsGenerator/kinds.txt"))
    .Where(l => l.Length > 0 && l[0] != '#')
    .Select(l => l.Split(' '))
    .Select(p => schema.Kinds.Single(k => k.GroupVersion == p[0] && k.Kind == p[1]))
    .ToList();

var used = new SortedSet<string>(StringComparer.Ordinal);
foreach (var kind in wanted)
{
    Visit(kind.Type);
}

foreach (var package in used.GroupBy(t => t[..t.IndexOf('.', StringComparison.Ordinal)]))
{
    Write(Namespace(package.Key), string.Join("\n", package.Select(WriteType)));
}

Write(null, WriteJsonContext());
return;

void Visit(string type)
{
    if (type.StartsWith("meta/v1.", StringComparison.Ordinal) && HandWritten(type) || !used.Add(type))
    {
        return;
    }

    foreach (var field in schema.Types[type].Fields)
    {
        var shape = field.Shape;
        while (shape.Element is not null)
        {
            shape = shape.Element;
        }

        if (shape.Object is not null)
        {
            Visit(shape.Object);
        }
    }
}

static bool HandWritten(string type) => type is "meta/v1.TypeMeta" or "meta/v1.ListMeta";

static string Namespace(string package)
{
    var parts = package.Split('/');
    var name = char.ToUpperInvariant(parts[0][0]) + parts[0][1..];
    return parts[1] == "v1" ? name : name + parts[1].ToUpperInvariant();
}

string WriteType(string name)
{
    var type = schema.Types[name];
    var simple = name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..];
    var kind = wanted.FirstOrDefault(k => k.Type == name);
    var text = new StringBuilder();
    text.Append($"public sealed class {simple}{(kind is null ? "" : $" : IKubeObject<{simple}>")}\n{{\n");
    if (kind is not null)
    {
        text.Append($"    public static KubeKind KubeKind {{ get; }} = new(\"{kind.Group}\", \"{kind.Version}\", \"{kind.Kind}\", \"{kind.Plural}\", {(kind.IsNamespaced ? "true" : "false")});\n");
        text.Append("    public string? ApiVersion { get; set; }\n    public string? Kind { get; set; }\n    public ObjectMeta Metadata { get; set; } = new();\n");
    }

    foreach (var field in type.Fields.DistinctBy(f => f.Name))
    {
        if (kind is not null && field.Name is "kind" or "apiVersion" or "metadata" && kind is not null)
        {
            continue;
        }

        var converter = field.Shape.Kind == ValueKind.MicroTime ? "    [JsonConverter(typeof(MicroTimeConverter))]\n" : "";
        text.Append($"{converter}    [JsonPropertyName(\"{field.Name}\")]\n    public {ClrType(field.Shape)}? {Property(field.Name, simple)} {{ get; set; }}\n");
    }

    return text.Append("}\n").ToString();
}

static string Property(string json, string owner)
{
    var clean = json.TrimStart('$').Replace("-", "", StringComparison.Ordinal);
    var name = char.ToUpperInvariant(clean[0]) + clean[1..];
    return name == owner ? name + "Value" : name;
}

static string ClrType(ValueShape shape) => shape.Kind switch
{
    ValueKind.String => "string",
    ValueKind.Boolean => "bool",
    ValueKind.Int32 => "int",
    ValueKind.Int64 => "long",
    ValueKind.Float64 => "double",
    ValueKind.Bytes => "byte[]",
    ValueKind.Time or ValueKind.MicroTime => "DateTimeOffset",
    ValueKind.Quantity => "Quantity",
    ValueKind.IntOrString => "IntOrString",
    ValueKind.Raw => "System.Text.Json.Nodes.JsonNode",
    ValueKind.List => $"List<{ClrType(shape.Element!)}>",
    ValueKind.Map => $"Dictionary<string, {ClrType(shape.Element!)}>",
    _ => $"{Namespace(shape.Object![..shape.Object!.IndexOf('.', StringComparison.Ordinal)])}.{shape.Object![(shape.Object!.IndexOf('.', StringComparison.Ordinal) + 1)..]}",
};

string WriteJsonContext()
{
    var text = new StringBuilder();
    foreach (var kind in wanted)
    {
        var type = $"{Namespace(kind.Type[..kind.Type.IndexOf('.', StringComparison.Ordinal)])}.{kind.Kind}";
        var alias = kind.Type.Replace("/", "", StringComparison.Ordinal).Replace(".", "", StringComparison.Ordinal);
        text.Append($"[JsonSerializable(typeof({type}), TypeInfoPropertyName = \"{alias}\")]\n[JsonSerializable(typeof(KubeList<{type}>), TypeInfoPropertyName = \"{alias}List\")]\n[JsonSerializable(typeof(WatchEvent<{type}>), TypeInfoPropertyName = \"{alias}WatchEvent\")]\n");
    }

    // Simple names that stand in two packages need distinct metadata names.
    foreach (var type in used.GroupBy(t => t[(t.IndexOf('.', StringComparison.Ordinal) + 1)..]).Where(g => g.Count() > 1).SelectMany(g => g))
    {
        var clr = ClrType(new ValueShape(ValueKind.Object, type));
        var alias = clr.Replace(".", "", StringComparison.Ordinal);
        if (wanted.All(k => k.Type != type))
        {
            text.Append($"[JsonSerializable(typeof({clr}), TypeInfoPropertyName = \"{alias}\")]\n");
        }

        text.Append($"[JsonSerializable(typeof(List<{clr}>), TypeInfoPropertyName = \"{alias}Items\")]\n");
    }

    text.Append("[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]\n");
    return text.Append("public sealed partial class GeneratedKindsContext : JsonSerializerContext;\n").ToString();
}

void Write(string? package, string body)
{
    var target = package is null ? "Sealos.Kinds" : $"Sealos.Kinds.{package}";
    var header = $"// <auto-generated>Written by tools/KindsGenerator from the schema file; do not edit.</auto-generated>\n#nullable enable\n#pragma warning disable CS1591, IDE0005\nusing System.Text.Json.Serialization;\nusing Sealos.Objects.Meta;\nusing Sealos.Kinds.Meta;\n\nnamespace {target};\n\n";
    File.WriteAllText(Path.Combine(root, "src/Kinds/Generated", (package ?? "GeneratedKindsContext") + ".cs"), header + body);
}
