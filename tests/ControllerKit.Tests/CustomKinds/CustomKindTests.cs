using System.Text.Json.Nodes;
using Sealos.ControllerKit.CustomKinds;
using Sealos.Objects.Meta;
using Xunit;

namespace Sealos.ControllerKit_Tests.CustomKinds;

public sealed class CustomKindTests
{
    private const string Mark = "sealos.io/definition";

    [Theory]
    [InlineData(null, false, false)] // somebody else's
    [InlineData(null, true, true)] // of a cloud from before there were marks
    [InlineData("older", false, true)]
    [InlineData("older", true, true)]
    public void Update_DefinitionThatIsThere_IsChangedWhereItIsOurs(string? mark, bool takesOver, bool isChanged)
    {
        var kind = Kind() with { TakesOver = takesOver };
        var current = new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = "7" }, ["spec"] = new JsonObject() };
        if (mark is not null)
        {
            current["metadata"]!["annotations"] = new JsonObject { [Mark] = mark, ["kept"] = "yes" };
        }

        var changed = kind.Update(current, kind.Definition());

        Assert.Equal(isChanged, changed is not null);
        if (changed is not null)
        {
            Assert.True(JsonNode.DeepEquals(kind.Definition()["spec"], changed["spec"]));
            Assert.Equal("7", (string?)changed["metadata"]!["resourceVersion"]);
            Assert.Equal(mark is null ? null : "yes", (string?)changed["metadata"]!["annotations"]!["kept"]);
            Assert.Null(kind.Update(changed, kind.Definition()));
        }
    }

    private static CustomKind Kind() => new(new KubeKind("sealos.io", "v1", "Widget", "widgets", false), """{"type":"object"}""");
}
