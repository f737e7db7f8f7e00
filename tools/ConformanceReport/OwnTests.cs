using System.Text.RegularExpressions;

namespace Sealos.ConformanceReport;

/// <summary>The project's own tests that stand for tests of the suite: methods marked <c>[Upstream("name")]</c>.</summary>
public static partial class OwnTests
{
    private const string Folder = "tests/Conformance.Tests";

    /// <summary>The suite's test by name → ours, as class and method.</summary>
    public static ILookup<string, string> Find(string root) =>
        Directory.EnumerateFiles(Path.Combine(root, Folder), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .SelectMany(FindIn)
            .ToLookup(p => p.Upstream, p => p.Own, StringComparer.Ordinal);

    private static IEnumerable<(string Upstream, string Own)> FindIn(string file)
    {
        var waiting = new List<string>();
        foreach (var line in File.ReadLines(file))
        {
            if (Mark().Match(line) is { Success: true } mark)
            {
                waiting.Add(mark.Groups[1].Value.Replace("\\\"", "\"", StringComparison.Ordinal));
            }
            else if (Method().Match(line) is { Success: true } method)
            {
                foreach (var name in waiting)
                {
                    yield return (name, $"{Path.GetFileNameWithoutExtension(file)}.{method.Groups[1].Value}");
                }

                waiting.Clear();
            }
        }
    }

    [GeneratedRegex(@"^\s*\[Upstream\(""((?:[^""\\]|\\.)*)""\)\]")]
    private static partial Regex Mark();

    [GeneratedRegex(@"^\s*public (?:async )?[\w<>]+ (\w+)\(")]
    private static partial Regex Method();
}
