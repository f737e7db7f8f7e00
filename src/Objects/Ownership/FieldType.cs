using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace Sealos.Objects.Ownership;

/// <summary>The shapes a value can have for ownership.</summary>
public enum FieldShape
{
    /// <summary>One value.</summary>
    Scalar,

    /// <summary>An object: declared fields, entries, or both.</summary>
    Map,

    /// <summary>A list.</summary>
    List,

    /// <summary>Whatever the value is: lists are owned whole, maps entry by entry.</summary>
    Any,
}

/// <summary>The scalars that a body may hold.</summary>
public enum ScalarShape
{
    /// <summary>Any scalar.</summary>
    Any,

    /// <summary>Text.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>True or false.</summary>
    Boolean,
}

/// <summary>
/// What ownership has to know of a type: its shape, and whether it is owned whole or in parts. Built from the schema of
/// the built-in kinds by <see cref="FieldTypes"/>, of custom kinds by <see cref="CustomFieldTypes"/>. Types may be
/// recursive, so a type's parts are asked for when they are needed.
/// </summary>
public sealed class FieldType(FieldShape shape)
{
    private static readonly FieldType AnyType = new(FieldShape.Any);

    /// <summary>Any JSON value, owned in parts as far as it is made of maps.</summary>
    public static FieldType Any => AnyType;

    /// <summary>Any JSON value, owned whole.</summary>
    public static FieldType Opaque { get; } = new(FieldShape.Any) { IsAtomic = true };

    /// <summary>The shape.</summary>
    public FieldShape Shape => shape;

    /// <summary>A map or list that is owned whole.</summary>
    public bool IsAtomic { get; init; }

    /// <summary>For scalars: what is allowed.</summary>
    public ScalarShape Scalar { get; init; }

    /// <summary>For maps: the declared fields.</summary>
    public FrozenDictionary<string, FieldMember> Members { get; init; } = FrozenDictionary<string, FieldMember>.Empty;

    /// <summary>For lists whose items are owned one by one: the fields that tell items apart; empty for a set of scalars.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>How to get the type of a list's items or of a map's entries.</summary>
    public Func<FieldType>? ElementType { get; init; }

    /// <summary>The type of a list's items, or of a map's entries that are not declared; null when there can be none.</summary>
    public FieldType? Element => shape == FieldShape.Any ? this : field ??= ElementType?.Invoke();

    /// <summary>A declared field.</summary>
    public FieldMember? Declared(string name) => Members.GetValueOrDefault(name);

    /// <summary>The type of what stands under a name in a map; null when nothing may.</summary>
    public FieldType? Child(string name) => Members.TryGetValue(name, out var member) ? member.Type : Element;

    /// <summary>The shape of a value of this type.</summary>
    internal FieldShape ShapeOf(JsonNode? value) => shape != FieldShape.Any ? shape : value switch
    {
        JsonObject => FieldShape.Map,
        JsonArray => FieldShape.List,
        null => FieldShape.Any,
        _ => FieldShape.Scalar,
    };

    /// <summary>Whether a value of this shape is owned whole.</summary>
    internal bool IsLeaf(FieldShape actual) => actual == FieldShape.Scalar || IsAtomic || (shape == FieldShape.Any && actual != FieldShape.Map);
}

/// <summary>A declared field of a map.</summary>
/// <param name="resolve">Gets the field's type.</param>
public sealed class FieldMember(Func<FieldType> resolve)
{
    /// <summary>The field's type.</summary>
    public FieldType Type => field ??= resolve();

    /// <summary>Kubernetes' own types write the field even when it is empty, so that its appearing adds no field.</summary>
    public bool IsAlwaysThere { get; init; }

    /// <summary>The value that a missing key field of a list's item stands for.</summary>
    public JsonNode? Default { get; init; }
}
