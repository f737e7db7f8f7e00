using System.Collections.Frozen;
using Sealos.Objects.CustomKinds;
using Sealos.Objects.Schema;

namespace Sealos.Objects.Ownership;

/// <summary>Custom kinds' types, made from their definition's schema.</summary>
public static class CustomFieldTypes
{
    private static readonly FieldMember Text = new(() => new FieldType(FieldShape.Scalar) { Scalar = ScalarShape.Text });
    private static readonly FieldMember Metadata = new(() => FieldTypes.For(KubeSchema.Default.GetType("meta/v1.ObjectMeta")));

    /// <summary>The type of objects of a custom kind's version.</summary>
    public static FieldType For(SchemaNode root) => ObjectOf(root, isWhole: true);

    private static FieldType Of(SchemaNode node) => node.Type switch
    {
        _ when node.IsIntOrString => new FieldType(FieldShape.Scalar),
        "object" => ObjectOf(node, node.IsEmbedded),
        "array" => new FieldType(FieldShape.List)
        {
            IsAtomic = node.ListType is not ("set" or "map"),
            Keys = node.ListType == "map" ? node.ListKeys : [],
            ElementType = () => node.Items is { } items ? Of(items) : FieldType.Any,
        },
        "string" => new FieldType(FieldShape.Scalar) { Scalar = ScalarShape.Text },
        "integer" or "number" => new FieldType(FieldShape.Scalar) { Scalar = ScalarShape.Number },
        "boolean" => new FieldType(FieldShape.Scalar) { Scalar = ScalarShape.Boolean },
        _ => FieldType.Any,
    };

    /// <summary>Whole objects have a kind, a version and metadata, whatever their schema says of them.</summary>
    private static FieldType ObjectOf(SchemaNode node, bool isWhole)
    {
        if (!isWhole && node.Properties.Count == 0 && node.Additional is null && node.MapType != "atomic")
        {
            return FieldType.Any;
        }

        var members = node.Properties.ToDictionary(p => p.Key, p => new FieldMember(() => Of(p.Value)) { Default = p.Value.Default }, StringComparer.Ordinal);
        if (isWhole)
        {
            (members["apiVersion"], members["kind"], members["metadata"]) = (Text, Text, Metadata);
        }

        return new FieldType(FieldShape.Map)
        {
            IsAtomic = node.MapType == "atomic",
            Members = members.ToFrozenDictionary(StringComparer.Ordinal),
            ElementType = ElementOf(node),
        };
    }

    private static Func<FieldType>? ElementOf(SchemaNode node) =>
        node.Additional is { } additional ? () => Of(additional)
        : node.PreservesUnknown || node.AllowsAdditional ? () => FieldType.Any
        : null;
}
