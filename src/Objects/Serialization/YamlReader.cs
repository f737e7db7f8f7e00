using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Sealos.Objects.Serialization;

/// <summary>Builds JSON trees from YAML events. Aliases are copied, within a budget, so that a small text cannot grow without end.</summary>
internal sealed class YamlReader(IParser parser, List<string>? duplicates = null)
{
    private const int MaxNodes = 1_000_000;
    private const int MaxDepth = 512;

    private readonly Dictionary<AnchorName, JsonNode?> _anchors = [];
    private int _nodes;

    public IReadOnlyList<JsonNode> ReadAll()
    {
        var documents = new List<JsonNode>();
        parser.Consume<StreamStart>();
        while (!parser.TryConsume<StreamEnd>(out _))
        {
            parser.Consume<DocumentStart>();
            _anchors.Clear();
            if (ReadNode(0) is { } document)
            {
                documents.Add(document);
            }

            parser.Consume<DocumentEnd>();
        }

        return documents;
    }

    private JsonNode? ReadNode(int depth)
    {
        Spend(1);
        if (depth > MaxDepth)
        {
            throw new DecodeException($"the YAML is nested more than {MaxDepth} levels deep");
        }

        if (parser.TryConsume<AnchorAlias>(out var alias))
        {
            return ReadAlias(alias);
        }

        var anchor = parser.Current is NodeEvent { Anchor.IsEmpty: false } named ? named.Anchor : AnchorName.Empty;
        var node = parser.Current switch
        {
            Scalar => ReadScalar(parser.Consume<Scalar>()),
            SequenceStart => ReadSequence(depth),
            MappingStart => ReadMapping(depth),
            var other => throw new DecodeException($"unexpected YAML {other?.GetType().Name}"),
        };
        if (!anchor.IsEmpty)
        {
            _anchors[anchor] = node;
        }

        return node;
    }

    private JsonNode? ReadAlias(AnchorAlias alias)
    {
        if (!_anchors.TryGetValue(alias.Value, out var target))
        {
            throw new DecodeException($"the YAML uses an unknown anchor '{alias.Value}'");
        }

        Spend(Count(target));
        return target?.DeepClone();
    }

    private JsonArray ReadSequence(int depth)
    {
        parser.Consume<SequenceStart>();
        var array = new JsonArray();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            array.Add(ReadNode(depth + 1));
        }

        return array;
    }

    private JsonObject ReadMapping(int depth)
    {
        parser.Consume<MappingStart>();
        var obj = new JsonObject();
        var merged = new List<JsonObject>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var line = parser.Current?.Start.Line;
            var isMerge = parser.Current is Scalar { Value: "<<", IsPlainImplicit: true };
            var key = isMerge ? "<<" : KeyText(ReadNode(depth + 1));
            if (isMerge)
            {
                parser.Consume<Scalar>();
            }

            var value = ReadNode(depth + 1);
            if (isMerge)
            {
                merged.AddRange(value is JsonArray several ? several.OfType<JsonObject>() : value is JsonObject one ? [one] : throw new DecodeException("a YAML merge key needs a mapping"));
            }
            else if (!obj.TryAdd(key, value))
            {
                if (duplicates is null)
                {
                    throw new DecodeException($"error converting YAML to JSON: yaml: key \"{key}\" already set in map");
                }

                obj[key] = value;
                duplicates.Add($"line {line}: key \"{key}\" already set in map");
            }
        }

        foreach (var (name, value) in merged.SelectMany(m => m))
        {
            obj.TryAdd(name, value?.DeepClone());
        }

        return obj;
    }

    private static string KeyText(JsonNode? key) => key switch
    {
        null => "null",
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        JsonValue value => value.ToJsonString(),
        _ => throw new DecodeException("a YAML key must be a scalar"),
    };

    private static JsonNode? ReadScalar(Scalar scalar)
    {
        if (scalar.Tag.IsEmpty || scalar.Tag.IsNonSpecific)
        {
            return scalar.IsPlainImplicit && scalar.Style == ScalarStyle.Plain ? YamlScalars.Resolve(scalar.Value) : JsonValue.Create(scalar.Value);
        }

        return scalar.Tag.Value switch
        {
            "tag:yaml.org,2002:str" or "tag:yaml.org,2002:binary" or "tag:yaml.org,2002:timestamp" => JsonValue.Create(scalar.Value),
            "tag:yaml.org,2002:int" or "tag:yaml.org,2002:bool" or "tag:yaml.org,2002:null" => YamlScalars.Resolve(scalar.Value),
            "tag:yaml.org,2002:float" => double.TryParse(scalar.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
                ? JsonValue.Create(number)
                : throw new DecodeException($"'{scalar.Value}' is not a number"),
            var tag => throw new DecodeException($"the YAML tag {tag} is not supported"),
        };
    }

    private void Spend(int nodes)
    {
        _nodes += nodes;
        if (_nodes > MaxNodes)
        {
            throw new DecodeException("document contains excessive aliasing");
        }
    }

    private static int Count(JsonNode? node) => node switch
    {
        JsonObject obj => 1 + obj.Sum(p => Count(p.Value)),
        JsonArray array => 1 + array.Sum(Count),
        _ => 1,
    };
}
