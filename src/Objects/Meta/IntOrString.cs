using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sealos.Objects.Meta;

/// <summary>An integer or a string: a port's number or name, a count or a percentage.</summary>
[JsonConverter(typeof(IntOrStringConverter))]
public readonly record struct IntOrString(int Number, string? Text)
{
    /// <summary>A number.</summary>
    public static implicit operator IntOrString(int value) => new(value, null);

    /// <summary>A string.</summary>
    public static implicit operator IntOrString(string value) => new(0, value);

    /// <summary>The value of <paramref name="total"/>: the number itself, or the percentage of it, rounded up or down.</summary>
    /// <exception cref="FormatException">The string is not a percentage.</exception>
    public int Scale(int total, bool roundUp)
    {
        if (Text is null)
        {
            return Number;
        }

        if (!Text.EndsWith('%') || !int.TryParse(Text.AsSpan(0, Text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var percent))
        {
            throw new FormatException($"'{Text}' is neither a number nor a percentage");
        }

        var scaled = (long)percent * total;
        return (int)(roundUp ? (scaled + 99) / 100 : scaled / 100);
    }

    /// <inheritdoc/>
    public override string ToString() => Text ?? Number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Reads and writes the JSON form.</summary>
public sealed class IntOrStringConverter : JsonConverter<IntOrString>
{
    /// <inheritdoc/>
    public override IntOrString Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number ? reader.GetInt32() : reader.GetString() ?? "";

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, IntOrString value, JsonSerializerOptions options)
    {
        if (value.Text is null)
        {
            writer.WriteNumberValue(value.Number);
        }
        else
        {
            writer.WriteStringValue(value.Text);
        }
    }
}
