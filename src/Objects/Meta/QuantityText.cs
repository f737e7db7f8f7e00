using System.Globalization;

namespace Sealos.Objects.Meta;

/// <summary>The canonical spelling of quantities.</summary>
internal static class QuantityText
{
    private static readonly string[] Binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    private static readonly string[] Decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];

    public static string Canonical(decimal value, string text)
    {
        // What is no whole number would lose its fraction in the binary spelling.
        if (text.EndsWith('i') && Math.Abs(value) >= 1024 && decimal.IsInteger(value))
        {
            return InBinary(value);
        }

        return InDecimal(value, isExponent: HasExponent(text));
    }

    private static string InBinary(decimal value)
    {
        var step = 0;
        while (step < Binary.Length - 1 && value % 1024 == 0)
        {
            value /= 1024;
            step++;
        }

        return Digits(value) + Binary[step];
    }

    private static string InDecimal(decimal value, bool isExponent)
    {
        if (value == 0)
        {
            return "0";
        }

        // From billionths, the finest step there is, unless the number is too large to have any.
        var step = Math.Abs(value) < 1_000_000_000_000_000_000m ? 0 : 3;
        value = step == 0 ? Finest(value) * 1_000_000_000m : RoundAway(value);
        while (step < Decimal.Length - 1 && value % 1000 == 0)
        {
            value /= 1000;
            step++;
        }

        var power = (step - 3) * 3;
        return !isExponent ? Digits(value) + Decimal[step] : power == 0 ? Digits(value) : Digits(value) + "e" + power.ToString(CultureInfo.InvariantCulture);
    }

    private static bool HasExponent(string text)
    {
        var at = text.AsSpan().IndexOfAny('e', 'E');
        return at >= 0 && at < text.Length - 1;
    }

    /// <summary>The value in whole billionths, the finest there are, rounded away from zero.</summary>
    public static decimal Finest(decimal value) =>
        Math.Abs(value) < 1_000_000_000_000_000_000m ? RoundAway(value * 1_000_000_000m) / 1_000_000_000m : value;

    private static decimal RoundAway(decimal value) => value < 0 ? decimal.Floor(value) : decimal.Ceiling(value);

    private static string Digits(decimal value) => value.ToString("0", CultureInfo.InvariantCulture);
}
