using System.Text;
using System.Text.Json.Nodes;
using Sealos.Objects.Patches;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Tests.Patches;

public sealed class MergePatchTests
{
    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""{}""", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    public void Apply_FollowsTheStandard(string doc, string patch, string expected) =>
        Assert.Equal(expected, MergePatch.Apply(Parse(doc), Parse(patch)).ToJsonString());

    [Theory]
    [InlineData("""{"a":1,"b":{"c":2,"d":3},"l":[1,2]}""", """{"b":{"c":5},"l":[1],"n":{"x":1}}""")]
    [InlineData("""{"a":{"b":{"c":1}}}""", """{"a":{"b":{}}}""")]
    [InlineData("""{"a":{"b":1}}""", """{"a":"text"}""")]
    [InlineData("""{}""", """{}""")]
    public void Create_ThenApply_GivesTheTarget(string from, string to)
    {
        var patch = MergePatch.Create(Parse(from), Parse(to));

        Assert.True(JsonNode.DeepEquals(Parse(to), MergePatch.Apply(Parse(from), patch)));
    }

    [Fact]
    public void Create_EqualObjects_IsEmpty() => Assert.Empty(MergePatch.Create(Parse("""{"a":{"b":[1]}}"""), Parse("""{"a":{"b":[1]}}""")));

    [Fact]
    public void Apply_LeavesItsInputsAlone()
    {
        var (doc, patch) = (Parse("""{"a":{"b":1}}"""), Parse("""{"a":{"c":{"d":1}}}"""));

        var result = MergePatch.Apply(doc, patch);
        result["a"]!["c"]!["d"] = 2;

        Assert.Equal("""{"a":{"b":1}}""", doc.ToJsonString());
        Assert.Equal("""{"a":{"c":{"d":1}}}""", patch.ToJsonString());
    }

    private static JsonObject Parse(string json) => JsonText.Parse(Encoding.UTF8.GetBytes(json), []);
}
