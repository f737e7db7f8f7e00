using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Sealos.Objects.Schema;
using Sealos.Objects.Validation;

namespace Sealos.Objects.Ownership;

/// <summary>The built-in kinds' types, made from the schema when they are first needed.</summary>
public static class FieldTypes
{
    private static readonly ConcurrentDictionary<TypeSchema, FieldType> Known = new();
    private static readonly ConcurrentDictionary<TypeSchema, JsonObject> Blanks = new();
    private static readonly FieldType Text = new(FieldShape.Scalar) { Scalar = ScalarShape.Text };
    private static readonly FieldType Number = new(FieldShape.Scalar) { Scalar = ScalarShape.Number };
    private static readonly FieldType Boolean = new(FieldShape.Scalar) { Scalar = ScalarShape.Boolean };
    private static readonly FieldType Scalar = new(FieldShape.Scalar);

    /// <summary>The type of objects of a kind, or of a part of them.</summary>
    public static FieldType For(TypeSchema type) => Known.GetOrAdd(type, Build);

    /// <summary>An object of a kind before anything is set in it; not to be changed.</summary>
    public static JsonObject BlankOf(TypeSchema type) => Blanks.GetOrAdd(type, t =>
    {
        var blank = new JsonObject();
        Pruner.Prune(blank, t);
        return blank;
    });

    private static FieldType Build(TypeSchema type)
    {
        if (type.IsUnion)
        {
            return FieldType.Opaque;
        }

        return new FieldType(FieldShape.Map)
        {
            IsAtomic = type.IsAtomic,
            Members = type.Fields.DistinctBy(f => f.Name).ToFrozenDictionary(f => f.Name, Member, StringComparer.Ordinal),
        };
    }

    private static FieldMember Member(FieldSchema field) => new(() => Of(field))
    {
        IsAlwaysThere = !field.IsPointer && field.Shape.Kind switch
        {
            ValueKind.Object or ValueKind.Time or ValueKind.MicroTime => true,
            ValueKind.List or ValueKind.Map or ValueKind.Bytes => field.IsAlwaysWritten,
            _ => false,
        },
        Default = field.DefaultJson is { } json ? JsonNode.Parse(json) : null,
    };

    private static FieldType Of(FieldSchema field) => field.Shape.Kind switch
    {
        ValueKind.List => new FieldType(FieldShape.List)
        {
            IsAtomic = field.ListType is null or "atomic",
            Keys = field.ListKeys,
            ElementType = () => Of(field.Shape.Element!),
        },
        ValueKind.Map when field.IsAtomic => new FieldType(FieldShape.Map) { IsAtomic = true, ElementType = () => Of(field.Shape.Element!) },
        ValueKind.Object when field.IsAtomic => new FieldType(FieldShape.Map) { IsAtomic = true, Members = Of(field.Shape).Members },
        _ => Of(field.Shape),
    };

    private static FieldType Of(ValueShape shape) => shape.Kind switch
    {
        ValueKind.String or ValueKind.Bytes or ValueKind.Time or ValueKind.MicroTime => Text,
        ValueKind.Int32 or ValueKind.Int64 or ValueKind.Float64 => Number,
        ValueKind.Boolean => Boolean,
        ValueKind.Quantity or ValueKind.IntOrString => Scalar,
        ValueKind.Object => For(KubeSchema.Default.GetType(shape.Object!)),
        ValueKind.List => new FieldType(FieldShape.List) { IsAtomic = true, ElementType = () => Of(shape.Element!) },
        ValueKind.Map => new FieldType(FieldShape.Map) { ElementType = () => Of(shape.Element!) },
        _ => FieldType.Any,
    };
}
