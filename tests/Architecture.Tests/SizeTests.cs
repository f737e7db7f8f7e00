using System.Text.RegularExpressions;
using Xunit;

namespace Sealos.Architecture_Tests;

/// <summary>Budgets of size. What is over stands in the list below, with the reason.</summary>
public sealed partial class SizeTests
{
    private const int LongestFile = 500;
    private const int LongestMethod = 80;

    // Nothing may be added here without a reason that a reviewer accepts.
    private static readonly string[] Exceptions = [];

    [Fact]
    public void Files_StayUnderTheLimit()
    {
        var wrong = Tree.Sources("src/").Concat(Tree.Sources("tests/")).Except(Exceptions)
            .Select(f => (File: f, Lines: Tree.Read(f).Split('\n').Length))
            .Where(f => f.Lines > LongestFile)
            .Select(f => $"{f.File}: {f.Lines} lines");

        Tree.AssertNone(wrong);
    }

    [Fact]
    public void Files_NineOfTenAreShort()
    {
        var lengths = Tree.Sources("src/").Select(f => Tree.Read(f).Split('\n').Length).Order().ToList();

        Assert.InRange(lengths[(int)(lengths.Count * 0.9)], 0, 250);
    }

    [Fact]
    public void Methods_StayUnderTheLimit()
    {
        var wrong = Tree.Sources("src/").Except(Exceptions).SelectMany(LongMethods);

        Tree.AssertNone(wrong);
    }

    // Members stand at four or eight spaces and end with a brace at the same indent; formatting is enforced, so this is exact enough.
    private static IEnumerable<string> LongMethods(string file)
    {
        var lines = Tree.Read(file).Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var start = MemberPattern().Match(lines[i]);
            if (!start.Success || lines[i].Contains("=>", StringComparison.Ordinal) || TypePattern().IsMatch(lines[i]) || i + 1 >= lines.Length)
            {
                continue;
            }

            var indent = start.Groups[1].Value;
            var open = i;
            while (open < lines.Length && open < i + 12 && lines[open].TrimEnd() != indent + "{")
            {
                if (lines[open].TrimEnd().EndsWith(';'))
                {
                    break;
                }

                open++;
            }

            if (open >= lines.Length || lines[open].TrimEnd() != indent + "{")
            {
                continue;
            }

            var close = Array.FindIndex(lines, open, l => l.TrimEnd() == indent + "}");
            if (close - i + 1 > LongestMethod)
            {
                yield return $"{file}: {lines[i].Trim()} has {close - i + 1} lines";
            }
        }
    }

    [GeneratedRegex(@"^( {4}| {8})(public|private|internal|protected|async|static)\b[^=;]*\(")]
    private static partial Regex MemberPattern();

    // A type with a primary constructor looks like a method until its keyword is read.
    [GeneratedRegex(@"\b(class|struct|record)\b")]
    private static partial Regex TypePattern();
}
