using System.Globalization;
using Sealos.Objects.Validation;

namespace Sealos.Objects.Selectors;

/// <summary>How a requirement compares a label with its values.</summary>
public enum LabelOperator
{
    /// <summary>The label's value is one of the values.</summary>
    In,

    /// <summary>The label is absent or its value is none of the values.</summary>
    NotIn,

    /// <summary>The label is there.</summary>
    Exists,

    /// <summary>The label is absent.</summary>
    DoesNotExist,

    /// <summary>The label is an integer above the value.</summary>
    GreaterThan,

    /// <summary>The label is an integer below the value.</summary>
    LessThan,
}

/// <summary>One condition on one label.</summary>
public sealed record LabelRequirement(string Key, LabelOperator Operator, IReadOnlyList<string> Values)
{
    /// <summary>Checks key and values.</summary>
    /// <exception cref="SelectorException">The key or a value is malformed; the message names it.</exception>
    public static LabelRequirement Create(string key, LabelOperator op, IReadOnlyList<string> values)
    {
        foreach (var detail in NameRules.QualifiedName(key))
        {
            throw new SelectorException($"key: Invalid value: {GoText.Quote(key)}: {detail}");
        }

        if (op is LabelOperator.In or LabelOperator.NotIn && values.Count == 0)
        {
            throw new SelectorException("values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty");
        }

        for (var i = 0; i < values.Count; i++)
        {
            if (op is LabelOperator.GreaterThan or LabelOperator.LessThan && !long.TryParse(values[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            {
                throw new SelectorException($"values[{i}]: Invalid value: {GoText.Quote(values[i])}: for 'Gt', 'Lt' operators, the value must be an integer");
            }

            foreach (var detail in NameRules.LabelValue(values[i]))
            {
                throw new SelectorException($"values[{i}][{key}]: Invalid value: {GoText.Quote(values[i])}: {detail}");
            }
        }

        return new LabelRequirement(key, op, values);
    }

    /// <summary>Whether a label's value (null when the label is absent) meets the requirement.</summary>
    public bool Matches(string? value) => Operator switch
    {
        LabelOperator.In => value is not null && Values.Contains(value),
        LabelOperator.NotIn => value is null || !Values.Contains(value),
        LabelOperator.Exists => value is not null,
        LabelOperator.DoesNotExist => value is null,
        _ => Compare(value) is { } order && (Operator == LabelOperator.GreaterThan ? order > 0 : order < 0),
    };

    /// <inheritdoc/>
    public override string ToString() => Operator switch
    {
        LabelOperator.In when Values.Count == 1 => $"{Key}={Values[0]}",
        LabelOperator.NotIn when Values.Count == 1 => $"{Key}!={Values[0]}",
        LabelOperator.In => $"{Key} in ({string.Join(',', Values.Order(StringComparer.Ordinal))})",
        LabelOperator.NotIn => $"{Key} notin ({string.Join(',', Values.Order(StringComparer.Ordinal))})",
        LabelOperator.Exists => Key,
        LabelOperator.DoesNotExist => $"!{Key}",
        LabelOperator.GreaterThan => $"{Key}>{Values[0]}",
        _ => $"{Key}<{Values[0]}",
    };

    private int? Compare(string? value) =>
        long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var left)
        && long.TryParse(Values[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var right)
            ? left.CompareTo(right)
            : null;
}
