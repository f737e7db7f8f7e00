using System.Xml.Linq;
using Xunit;

namespace Sealos.Architecture_Tests;

/// <summary>Which room may use which; the same table stands in ARCHITECTURE.md.</summary>
public sealed class ArrowTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Objects"] = [],
        ["Store"] = [],
        ["Kinds"] = ["Objects"],
        ["ApiServer"] = ["Objects", "Store"],
        ["ControllerKit"] = ["Kinds", "Objects"],
        ["KubeControllers"] = ["ControllerKit"],
        ["Node"] = ["ControllerKit"],
        ["Network"] = ["ControllerKit"],
        ["OsServices"] = ["ControllerKit"],
        ["Desktop"] = ["ControllerKit", "OsServices"],
        ["Host"] = ["ApiServer", "Store", "KubeControllers", "Node", "Network", "OsServices", "Desktop", "ControllerKit"],
        ["Cli"] = ["ControllerKit", "OsServices", "Host"],
    };

    [Fact]
    public void Rooms_ReferenceOnlyWhatTheyMay()
    {
        var wrong = new List<string>();
        foreach (var project in Tree.Files.Where(f => f.StartsWith("src/", StringComparison.Ordinal) && f.EndsWith(".csproj", StringComparison.Ordinal)))
        {
            var room = Path.GetFileNameWithoutExtension(project);
            Assert.True(Allowed.ContainsKey(room), $"{room} is not in the table of rooms");
            var references = XDocument.Parse(Tree.Read(project)).Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension((string)r.Attribute("Include")!));
            wrong.AddRange(references.Where(r => !Allowed[room].Contains(r)).Select(r => $"{room} → {r}"));
        }

        Tree.AssertNone(wrong);
    }

    [Fact]
    public void Rooms_AllHaveAReadmeThatSaysHowToAdd()
    {
        var wrong = Allowed.Keys.Where(r => Directory.Exists(Path.Combine(Tree.Root, "src", r)))
            .Select(r => $"src/{r}/README.md")
            .Where(f => !Tree.Files.Contains(f) || !Tree.Read(f).Contains("## Adding", StringComparison.Ordinal));

        Tree.AssertNone(wrong);
    }

    [Fact]
    public void Folders_AreAtMostTwoDeepInARoom()
    {
        var wrong = Tree.Sources("src/").Where(f => f.Split('/').Length > 5);

        Tree.AssertNone(wrong);
    }

    [Fact]
    public void ProjectFiles_AreShort()
    {
        var wrong = Tree.Files.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal) && Tree.Read(f).Split('\n').Length > 45);

        Tree.AssertNone(wrong);
    }
}
