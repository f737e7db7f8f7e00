using System.Text.RegularExpressions;
using Xunit;

namespace Sealos.Architecture_Tests;

/// <summary>Documents rot unless they are checked: links, named paths, and numbered steps.</summary>
public sealed partial class DocumentTests
{
    private static IEnumerable<string> Documents => Tree.Files.Where(f => f.EndsWith(".md", StringComparison.Ordinal));

    [Fact]
    public void Links_PointToWhatExists()
    {
        var wrong = new List<string>();
        foreach (var document in Documents)
        {
            var folder = Path.GetDirectoryName(Path.Combine(Tree.Root, document))!;
            foreach (Match link in LinkPattern().Matches(Tree.Read(document)))
            {
                var target = link.Groups[1].Value.Split('#')[0];
                if (target.Length > 0 && !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal) && !Path.Exists(Path.Combine(folder, target)))
                {
                    wrong.Add($"{document}: {target}");
                }
            }
        }

        Tree.AssertNone(wrong);
    }

    [Fact]
    public void NamedPaths_Exist()
    {
        var wrong = new List<string>();
        foreach (var document in Documents)
        {
            var folder = Path.GetDirectoryName(document)!;
            foreach (Match path in PathPattern().Matches(Tree.Read(document)))
            {
                var name = path.Groups[1].Value;
                if (!Path.Exists(Path.Combine(Tree.Root, name)) && !Path.Exists(Path.Combine(Tree.Root, folder, name)))
                {
                    wrong.Add($"{document}: {name}");
                }
            }
        }

        Tree.AssertNone(wrong);
    }

    [Fact]
    public void RootDocuments_AreThere() =>
        Assert.All(["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "LICENSE"], f => Assert.Contains(f, Tree.Files));

    [Fact]
    public void Readme_NamesItsTwoCommands()
    {
        var readme = Tree.Read("README.md");

        Assert.Contains("./sealos up", readme, StringComparison.Ordinal);
        Assert.Contains("./test", readme, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex LinkPattern();

    // Paths in backticks that start with a folder of the repository, without placeholders.
    [GeneratedRegex(@"`((?:src|tests|docs|eng|images|bench|tools)/[A-Za-z0-9_./-]+)`")]
    private static partial Regex PathPattern();
}
