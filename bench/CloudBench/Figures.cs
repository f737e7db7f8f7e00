using System.Globalization;

namespace Sealos.Bench;

/// <summary>Prints measurements as one table, whatever they are of.</summary>
internal static class Figures
{
    public static void Head(string title)
    {
        Console.WriteLine();
        Machine.PrintLoad();
        Console.WriteLine($"{title,-58} {"n",6} {"p50",9} {"p90",9} {"p99",9} {"max",9}");
    }

    public static void Row(string name, IReadOnlyCollection<double> samples, string unit, string note = "")
    {
        var sorted = samples.Order().ToArray();
        if (sorted.Length == 0)
        {
            Console.WriteLine($"{name,-58} {0,6}  nothing measured");
            return;
        }

        Console.WriteLine($"{name + ", " + unit,-58} {sorted.Length,6} {Text(At(50))} {Text(At(90))} {Text(At(99))} {Text(sorted[^1])}  {note}".TrimEnd());

        double At(int percent) => sorted[Math.Min(sorted.Length - 1, sorted.Length * percent / 100)];
    }

    private static string Text(double value) => value.ToString(value switch { < 10 => "0.00", < 100 => "0.0", _ => "0" }, CultureInfo.InvariantCulture).PadLeft(9);
}
