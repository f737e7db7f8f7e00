using System.Text.RegularExpressions;
using Xunit;

namespace Sealos.Architecture_Tests;

/// <summary>What no source may hold, with what to use instead.</summary>
public sealed partial class HouseRuleTests
{
    [Theory]
    [InlineData(@"\bDateTime(Offset)?\.(Utc)?Now\b", "an injected TimeProvider")]
    [InlineData(@"\bThread\.Sleep\b", "Task.Delay with a token")]
    [InlineData(@"\.Result\b(?!\s*[=,)}{]|s)|\.Wait\(\)|\.GetAwaiter\(\)\.GetResult\(\)", "await")]
    [InlineData(@"\bNotImplementedException\b", "a refusal that names what is missing")]
    [InlineData(@"//\s*(TODO|FIXME|HACK|XXX)\b", "an issue")]
    [InlineData(@"#region", "a smaller file")]
    [InlineData(@"UseShellExecute\s*=\s*true", "an argument list")]
    public void Sources_AvoidWhatIsBanned(string pattern, string instead)
    {
        var banned = new Regex(pattern, RegexOptions.None, TimeSpan.FromSeconds(10));
        var wrong = Tree.Sources("src/").Where(f => banned.IsMatch(WithoutComments(Tree.Read(f), pattern))).Select(f => $"{f}: use {instead}");

        Tree.AssertNone(wrong);
    }

    [Fact]
    public void Console_IsUsedOnlyInTheCli()
    {
        var wrong = Tree.Sources("src/").Where(f => !f.StartsWith("src/Cli/", StringComparison.Ordinal) && ConsolePattern().IsMatch(Tree.Read(f)));

        Tree.AssertNone(wrong);
    }

    [Fact]
    public void Classes_AreSealedAbstractOrStatic()
    {
        var wrong = Tree.Sources("src/").SelectMany(f => OpenClassPattern().Matches(Tree.Read(f)).Select(m => $"{f}: {m.Value.Trim()}"));

        Tree.AssertNone(wrong);
    }

    // A rule about comments looks at them; every other rule looks past them.
    private static string WithoutComments(string text, string pattern) =>
        pattern.StartsWith("//", StringComparison.Ordinal) ? text : CommentPattern().Replace(text, "");

    [GeneratedRegex(@"(?<![""':])//[^\n]*")]
    private static partial Regex CommentPattern();

    [GeneratedRegex(@"(?<!\w)Console\.(Write|Read|Error|Out|In)")]
    private static partial Regex ConsolePattern();

    [GeneratedRegex(@"^\s*(public|internal|private)( partial)? class \w+", RegexOptions.Multiline)]
    private static partial Regex OpenClassPattern();
}
