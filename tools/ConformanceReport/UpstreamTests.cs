using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Sealos.ConformanceReport;

/// <summary>A test of Kubernetes' conformance suite, and how its own last run against this kernel ended.</summary>
/// <param name="Name">As the suite prints it.</param>
/// <param name="Outcome">passed, failed, or empty when it did not run.</param>
/// <param name="Date">Of that run.</param>
/// <param name="Note">Why it does not pass or cannot run.</param>
public sealed record UpstreamTest(string Name, string Outcome, string Date, string Note)
{
    /// <summary>The special interest group that keeps it, such as sig-auth.</summary>
    public string Group => Name[1..Name.IndexOf(']', StringComparison.Ordinal)];
}

/// <summary>The file that lists them: outcome, date, name and note, with tabs between.</summary>
public static partial class UpstreamTests
{
    private const string File = "tests/Conformance.Tests/Upstream/tests.tsv";

    /// <summary>Reads the list.</summary>
    public static IReadOnlyList<UpstreamTest> Read(string root) =>
        [.. System.IO.File.ReadLines(Path.Combine(root, File)).Where(l => l[0] != '#').Select(l => l.Split('\t')).Select(p => new UpstreamTest(p[2], p[0], p[1], p[3]))];

    /// <summary>Writes the list, sorted by name.</summary>
    public static void Write(string root, IEnumerable<UpstreamTest> tests) =>
        System.IO.File.WriteAllLines(
            Path.Combine(root, File),
            tests.OrderBy(t => t.Name, StringComparer.Ordinal).Select(t => $"{t.Outcome}\t{t.Date}\t{t.Name}\t{t.Note}").Prepend("# outcome\tdate\tname\tnote"));

    /// <summary>The list with the outcomes of a run, from the report in JUnit's form that the suite writes; a note goes when its test passes.</summary>
    public static IReadOnlyList<UpstreamTest> TakeOver(IReadOnlyList<UpstreamTest> tests, string report, DateOnly date)
    {
        var outcomes = XDocument.Load(report).Descendants("testcase")
            .Select(c => (Name: ((string?)c.Attribute("name") ?? "").Replace("[It] ", "", StringComparison.Ordinal), Status: (string?)c.Attribute("status")))
            .Where(c => c.Status is "passed" or "failed" or "panicked" or "timedout")
            .GroupBy(c => Labels().Replace(c.Name, "[Conformance]"), StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.All(c => c.Status == "passed") ? "passed" : "failed", StringComparer.Ordinal);
        return
        [
            .. tests.Select(t => outcomes.GetValueOrDefault(t.Name) is { } outcome
                ? t with { Outcome = outcome, Date = $"{date:yyyy-MM-dd}", Note = outcome == "passed" ? "" : t.Note }
                : t),
        ];
    }

    // The runner repeats the labels behind the name.
    [GeneratedRegex(@"\[Conformance\].*$")]
    private static partial Regex Labels();
}
