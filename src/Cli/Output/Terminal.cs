using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Cli.Output;

/// <summary>
/// The one place that writes to the terminal. Data goes to standard output; everything said to a person while data may be
/// read by a program goes to standard error, so that <c>-o json</c> stays parseable.
/// </summary>
internal sealed class Terminal(TextWriter output, TextWriter error, bool isInteractive)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whether a person sits at it: input and output are terminals.</summary>
    public bool IsInteractive => isInteractive;

    /// <summary>The terminal of this process.</summary>
    public static Terminal Standard { get; } = new(Console.Out, Console.Error, !Console.IsInputRedirected && !Console.IsErrorRedirected);

    /// <summary>A line of data.</summary>
    public void Line(string text) => output.WriteLine(Harmless(text));

    /// <summary>Data as it is, without a line end.</summary>
    public void Raw(string text)
    {
        output.Write(text);
        output.Flush();
    }

    /// <summary>A line to a person.</summary>
    public void Say(string text) => error.WriteLine(Harmless(text));

    /// <summary>Part of a line to a person.</summary>
    public void SayPart(string text)
    {
        error.Write(Harmless(text));
        error.Flush();
    }

    /// <summary>Asks for a line; null when nobody is there to answer.</summary>
    public string? Ask(string question)
    {
        if (!isInteractive)
        {
            return null;
        }

        SayPart(question + " ");
        return Console.ReadLine();
    }

    /// <summary>Asks for what must not be seen; null when nobody is there to answer.</summary>
    public string? AskSecret(string question)
    {
        if (!isInteractive)
        {
            return null;
        }

        SayPart(question + " ");
        var text = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                text.Length = Math.Max(0, text.Length - 1);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                text.Append(key.KeyChar);
            }
        }

        Say("");
        return text.ToString();
    }

    /// <summary>The first line of standard input.</summary>
    public string? ReadInput() => Console.ReadLine();

    /// <summary>Prints one document as JSON or YAML.</summary>
    public void Document(JsonNode document, OutputFormat format) =>
        Line(format == OutputFormat.Yaml ? YamlText.Write(document).TrimEnd() : document.ToJsonString(Indented));

    /// <summary>Prints rows under a head line, each column as wide as its widest cell.</summary>
    public void Table(IReadOnlyList<string> head, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        rows = [.. rows.Select(r => (IReadOnlyList<string>)[.. r.Select(OneLine)])];
        var widths = head.Select((h, i) => rows.Select(r => r[i].Length).Append(h.Length).Max()).ToArray();
        foreach (var row in rows.Prepend(head))
        {
            var line = new StringBuilder();
            for (var i = 0; i < row.Count; i++)
            {
                line.Append(i == row.Count - 1 ? row[i] : row[i].PadRight(widths[i] + 3));
            }

            Line(line.ToString().TrimEnd());
        }
    }

    // What others have written may hold what moves the cursor or changes what is on the screen.
    private static string Harmless(string text) => text.Any(IsHarmful) ? string.Concat(text.Where(c => !IsHarmful(c))) : text;

    private static string OneLine(string text) => text.Any(char.IsControl) ? string.Concat(text.Where(c => !char.IsControl(c))) : text;

    private static bool IsHarmful(char c) => char.IsControl(c) && c is not ('\n' or '\t');
}
