using System.Text.Json;
using System.Text.Json.Serialization;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Meta;

/// <summary>An exact quantity such as <c>100m</c>, <c>64Mi</c> or <c>1.5</c>, kept as written.</summary>
[JsonConverter(typeof(QuantityConverter))]
public readonly record struct Quantity : IComparable<Quantity>
{
    private static readonly (string Suffix, decimal Factor)[] Suffixes =
    [
        ("Ki", 1024m), ("Mi", 1048576m), ("Gi", 1073741824m), ("Ti", 1099511627776m), ("Pi", 1125899906842624m), ("Ei", 1152921504606846976m),
        ("n", 0.000000001m), ("u", 0.000001m), ("m", 0.001m), ("k", 1000m), ("M", 1000000m), ("G", 1000000000m), ("T", 1000000000000m), ("P", 1000000000000000m), ("E", 1000000000000000000m),
    ];

    // Greater ones are taken for this, so that sums of many never overflow. Kubernetes has such a cap too, for binary suffixes.
    private const decimal Greatest = 1_000_000_000_000_000_000_000m;
    private const string GreatestText = "1000E";

    private readonly string? _text;

    private Quantity(string text, decimal value)
    {
        _text = text;
        Value = value;
    }

    /// <summary>The value in base units: cores, bytes, counts.</summary>
    public decimal Value { get; }

    /// <summary>The value in thousandths, rounded up.</summary>
    public long MilliValue => (long)decimal.Clamp(decimal.Ceiling(Value * 1000m), -long.MaxValue, long.MaxValue);

    /// <summary>The value as a whole number, rounded up.</summary>
    public long LongValue => (long)decimal.Clamp(decimal.Ceiling(Value), -long.MaxValue, long.MaxValue);

    /// <summary>Parses a quantity.</summary>
    /// <exception cref="FormatException">The text is not a quantity.</exception>
    public static Quantity Parse(string text) =>
        TryParse(text, out var quantity) ? quantity : throw new FormatException($"'{text}' is not a quantity; use a number with an optional suffix such as 100m, 1.5 or 64Mi");

    /// <summary>Parses a quantity without throwing.</summary>
    public static bool TryParse(string? text, out Quantity quantity)
    {
        quantity = default;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        var number = text.AsSpan();
        var factor = 1m;
        foreach (var (suffix, value) in Suffixes)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal))
            {
                number = number[..^suffix.Length];
                factor = value;
                break;
            }
        }

        const System.Globalization.NumberStyles Style = System.Globalization.NumberStyles.AllowLeadingSign | System.Globalization.NumberStyles.AllowDecimalPoint;
        var style = factor == 1m ? Style | System.Globalization.NumberStyles.AllowExponent : Style;
        if (!decimal.TryParse(number, style, System.Globalization.CultureInfo.InvariantCulture, out var parsed))
        {
            return false;
        }

        if (Math.Abs(parsed) > Greatest / Math.Max(factor, 1m))
        {
            quantity = parsed < 0 ? new Quantity("-" + GreatestText, -Greatest) : new Quantity(GreatestText, Greatest);
            return true;
        }

        quantity = new Quantity(text, QuantityText.Finest(parsed * factor));
        return true;
    }

    /// <summary>A quantity of whole units.</summary>
    public static Quantity FromLong(long value) => new(value.ToString(System.Globalization.CultureInfo.InvariantCulture), value);

    /// <summary>A quantity of thousandths, written as <c>Nm</c>.</summary>
    public static Quantity FromMilli(long value) =>
        value % 1000 == 0 ? FromLong(value / 1000) : new($"{value.ToString(System.Globalization.CultureInfo.InvariantCulture)}m", value / 1000m);

    /// <summary>The sum, spelled in the family of this quantity (of the other, where this one is zero).</summary>
    public Quantity Plus(Quantity other) => Of(Value + other.Value, other);

    /// <summary>The difference, spelled the same way.</summary>
    public Quantity Minus(Quantity other) => Of(Value - other.Value, other);

    /// <inheritdoc/>
    public int CompareTo(Quantity other) => Value.CompareTo(other.Value);

    /// <summary>Two quantities are equal when their values are, however written.</summary>
    public bool Equals(Quantity other) => Value == other.Value;

    /// <inheritdoc/>
    public override int GetHashCode() => Value.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => _text ?? "0";

    private Quantity Of(decimal value, Quantity other) => new(QuantityText.Canonical(value, (Value == 0 ? other._text : _text) ?? "0"), value);

    /// <summary>The spelling Kubernetes stores: the largest suffix of the same family that leaves a whole number (<c>0.5</c> is <c>500m</c>).</summary>
    public string ToCanonicalString() => QuantityText.Canonical(Value, _text ?? "0");
}

/// <summary>Reads and writes the JSON form.</summary>
public sealed class QuantityConverter : JsonConverter<Quantity>
{
    /// <inheritdoc/>
    public override Quantity Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Quantity.Parse(reader.TokenType == JsonTokenType.Number ? System.Text.Encoding.UTF8.GetString(reader.ValueSpan) : reader.TokenType == JsonTokenType.String ? StringPool.Get(ref reader) : reader.GetString()!);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Quantity value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
