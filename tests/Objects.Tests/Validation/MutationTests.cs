using System.Text.Json.Nodes;
using Sealos.Objects.Patches;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.Objects.Tests.Validation;

/// <summary>Whatever a client sends that is JSON, the engine answers; it never throws.</summary>
public sealed class MutationTests
{
    private const int Runs = 4000;

    private static readonly string[] Texts =
    [
        "", "a", "A b", "-", "..", "a/b", "80", "http", "10.0.0.1", "*.x", "yes", "a=b", "{}", "\u0001", "ü", "100%", "x%", "None", "Always", "Recreate", "OnDelete",
        "kubernetes.io/tls", "ExternalName", "NodePort", "IPv6", "metadata.labels['a']", "1e3", "2026-01-01T00:00:00Z", "* * * * 9-1", "[0]", new('z', 300),
    ];

    private static readonly long[] Numbers = [-1, 0, 1, 80, 511, 600, 65536, int.MaxValue];
    private static readonly string[] Quantities = ["-1", "0", "1", "1.5", "100m", "1Gi", "1e-20", "100E"];

    [Fact]
    public void Pipeline_ObjectsChangedAtRandom_NeverThrowsAndIsStable()
    {
        // One seed: the same objects each time.
        var random = new Random(20261122);
        var accepted = 0;
        for (var run = 0; run < Runs; run++)
        {
            var kind = KubeSchema.Default.Kinds[random.Next(KubeSchema.Default.Kinds.Count)];
            var type = KubeSchema.Default.GetType(kind);
            var obj = new JsonObject { ["apiVersion"] = kind.GroupVersion, ["kind"] = kind.Kind, ["metadata"] = new JsonObject { ["name"] = "a", ["namespace"] = "b" } };
            for (var changes = random.Next(1, 8); changes > 0; changes--)
            {
                Mutate(obj, type, random);
            }

            if (TypeChecker.Check(obj, type) is null)
            {
                Judge(obj, kind, type);
                accepted++;
            }
        }

        Assert.InRange(accepted, Runs / 2, Runs - 1);
    }

    private static void Judge(JsonObject obj, KindSchema kind, TypeSchema type)
    {
        var old = (JsonObject)obj.DeepClone();
        Pruner.Prune(obj, type);
        Defaulter.Default(obj, kind);
        var once = obj.ToJsonString();
        Pruner.Prune(obj, type);
        Defaulter.Default(obj, kind);
        Assert.Equal(once, obj.ToJsonString());

        Assert.All(Validator.ValidateCreate(obj, kind), e => Assert.NotEmpty(e.Message));
        Assert.All(Validator.ValidateUpdate(obj, old, kind), e => Assert.NotEmpty(e.Reason));
        Assert.True(JsonNode.DeepEquals(obj, YamlText.Parse(YamlText.Write(obj))), once);
        try
        {
            StrategicMergePatch.Apply(obj, old, type, KubeSchema.Default);
        }
        catch (PatchException e)
        {
            Assert.True(e.IsMalformed);
        }
    }

    /// <summary>Walks down the schema and puts a value somewhere, mostly of the right type.</summary>
    private static void Mutate(JsonObject root, TypeSchema type, Random random)
    {
        var obj = root;
        for (var depth = 0; depth < 12 && type.Fields.Count > 0 && !type.IsUnion; depth++)
        {
            var field = type.Fields[random.Next(type.Fields.Count)];
            var target = field.Shape.Kind == ValueKind.List ? field.Shape.Element! : field.Shape;
            if (target.Kind != ValueKind.Object || random.Next(12) == 0)
            {
                obj[field.Name] = random.Next(10) == 0 ? null : RandomValue(field.Shape, random);
                return;
            }

            type = KubeSchema.Default.GetType(target.Object!);
            obj = field.Shape.Kind == ValueKind.List ? ItemOf(obj, field.Name, random) : obj[field.Name] as JsonObject ?? Put(obj, field.Name);
        }
    }

    private static JsonObject Put(JsonObject obj, string name)
    {
        var child = new JsonObject();
        obj[name] = child;
        return child;
    }

    private static JsonObject ItemOf(JsonObject obj, string name, Random random)
    {
        if (obj[name] is not JsonArray list)
        {
            obj[name] = list = [];
        }

        if (list.OfType<JsonObject>().FirstOrDefault() is { } item && random.Next(4) > 0)
        {
            return item;
        }

        var added = new JsonObject();
        list.Add(added);
        return added;
    }

    private static JsonNode? RandomValue(ValueShape shape, Random random)
    {
        if (random.Next(30) == 0)
        {
            return random.Next(3) switch { 0 => JsonValue.Create("text"), 1 => new JsonArray(), _ => new JsonObject() };
        }

        return shape.Kind switch
        {
            ValueKind.Boolean => JsonValue.Create(random.Next(2) == 0),
            ValueKind.Int32 or ValueKind.Int64 => JsonValue.Create(Pick(Numbers, random)),
            ValueKind.Float64 => JsonValue.Create(1.5),
            ValueKind.Quantity => JsonValue.Create(Pick(Quantities, random)),
            ValueKind.IntOrString => random.Next(2) == 0 ? JsonValue.Create(Pick(Numbers, random)) : JsonValue.Create(Pick(Texts, random)),
            ValueKind.Bytes => JsonValue.Create(Pick(["", "Yg==", "e30="], random)),
            ValueKind.Time or ValueKind.MicroTime => JsonValue.Create(Pick(["", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.123456789+02:00"], random)),
            ValueKind.Map => new JsonObject { [Pick(Texts, random)] = RandomValue(shape.Element!, random), [Pick(Texts, random) + "2"] = RandomValue(shape.Element!, random) },
            ValueKind.List => new JsonArray(RandomValue(shape.Element!, random), RandomValue(shape.Element!, random)),
            ValueKind.String => JsonValue.Create(Pick(Texts, random)),
            _ => new JsonObject(),
        };
    }

    private static T Pick<T>(ReadOnlySpan<T> values, Random random) => values[random.Next(values.Length)];
}
