using System.Text;
using System.Text.Json.Nodes;
using Sealos.Objects.Patches;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Tests.Patches;

public sealed class JsonPatchTests
{
    [Theory]
    [InlineData("""{"op":"add","path":"/y","value":VALUE},{"op":"move","from":"/x","path":"/yPATH/a"},{"op":"move","from":"/y","path":"/x"}""")]
    [InlineData("""{"op":"copy","from":"/x","path":"/xPATH"}""")]
    public void Apply_OperationsThatStackLevels_AreRefused(string ops)
    {
        var value = string.Concat(Enumerable.Repeat("{\"b\":", 400)) + "{}" + new string('}', 400);
        ops = ops.Replace("VALUE", value, StringComparison.Ordinal).Replace("PATH", string.Concat(Enumerable.Repeat("/b", 400)), StringComparison.Ordinal);
        var doc = JsonText.ParseNode(Encoding.UTF8.GetBytes($$"""{"x":{{value}}}"""))!;
        var patch = (JsonArray)JsonText.ParseNode(Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat(ops, 50))}]"))!;
        Assert.Throws<PatchException>(() => JsonPatch.Apply(doc, patch));
    }

    [Fact]
    public void Apply_ManyMovesBetweenLevels_AreTaken()
    {
        var ops = Enumerable.Repeat("""{"op":"move","from":"/a","path":"/b/c/d"},{"op":"move","from":"/b/c/d","path":"/a"}""", 1_000);
        var moved = JsonPatch.Apply(Parse("""{"a":{"x":1},"b":{"c":{}}}"""), (JsonArray)Parse($"[{string.Join(',', ops)}]"))!;
        Assert.Equal("""{"b":{"c":{}},"a":{"x":1}}""", moved.ToJsonString());
    }

    [Theory]
    [InlineData("""{"a":1}""", """[{"op":"add","path":"/b","value":2}]""", """{"a":1,"b":2}""")]
    [InlineData("""{"a":1}""", """[{"op":"add","path":"/a","value":null}]""", """{"a":null}""")]
    [InlineData("""{"a":[1,3]}""", """[{"op":"add","path":"/a/1","value":2}]""", """{"a":[1,2,3]}""")]
    [InlineData("""{"a":[1]}""", """[{"op":"add","path":"/a/-","value":2}]""", """{"a":[1,2]}""")]
    [InlineData("""{"a":[1]}""", """[{"op":"add","path":"/a/1","value":2}]""", """{"a":[1,2]}""")]
    [InlineData("""{"a":1}""", """[{"op":"add","path":"","value":{"z":1}}]""", """{"z":1}""")]
    [InlineData("""{"a":1,"b":2}""", """[{"op":"remove","path":"/a"}]""", """{"b":2}""")]
    [InlineData("""{"a":[1,2,3]}""", """[{"op":"remove","path":"/a/1"}]""", """{"a":[1,3]}""")]
    [InlineData("""{"a":1}""", """[{"op":"replace","path":"/a","value":{"x":[]}}]""", """{"a":{"x":[]}}""")]
    [InlineData("""{"a":[1,2]}""", """[{"op":"replace","path":"/a/0","value":9}]""", """{"a":[9,2]}""")]
    [InlineData("""{"a":{"x":1}}""", """[{"op":"move","from":"/a/x","path":"/b"}]""", """{"a":{},"b":1}""")]
    [InlineData("""{"a":[1,2,3]}""", """[{"op":"move","from":"/a/0","path":"/a/2"}]""", """{"a":[2,3,1]}""")]
    [InlineData("""{"a":{"x":1}}""", """[{"op":"copy","from":"/a","path":"/b"},{"op":"replace","path":"/b/x","value":2}]""", """{"a":{"x":1},"b":{"x":2}}""")]
    [InlineData("""{"a":{"x":1,"y":2}}""", """[{"op":"test","path":"/a","value":{"y":2,"x":1}},{"op":"remove","path":"/a/x"}]""", """{"a":{"y":2}}""")]
    [InlineData("""{"a":1}""", """[{"op":"test","path":"/missing","value":null}]""", """{"a":1}""")]
    [InlineData("""{"a/b":1,"m~n":2}""", """[{"op":"remove","path":"/a~1b"},{"op":"replace","path":"/m~0n","value":3}]""", """{"m~n":3}""")]
    [InlineData("""{"":1}""", """[{"op":"replace","path":"/","value":2}]""", """{"":2}""")]
    public void Apply_Operations_FollowTheStandard(string doc, string ops, string expected) =>
        Assert.Equal(expected, JsonPatch.Apply(Parse(doc), (JsonArray)Parse(ops))!.ToJsonString());

    [Theory]
    [InlineData("""[{"op":"remove","path":"/missing"}]""", "remove operation does not apply: doc is missing path: /missing")]
    [InlineData("""[{"op":"replace","path":"/missing","value":1}]""", "replace operation does not apply: doc is missing path: /missing")]
    [InlineData("""[{"op":"add","path":"/x/y","value":1}]""", "add operation does not apply: doc is missing path: /x/y")]
    [InlineData("""[{"op":"add","path":"/list/3","value":1}]""", "add operation does not apply: doc is missing path: /list/3")]
    [InlineData("""[{"op":"add","path":"/list/01","value":1}]""", "add operation does not apply: doc is missing path: /list/01")]
    [InlineData("""[{"op":"add","path":"/list/-1","value":1}]""", "add operation does not apply: doc is missing path: /list/-1")]
    [InlineData("""[{"op":"remove","path":"/list/-"}]""", "remove operation does not apply: doc is missing path: /list/-")]
    [InlineData("""[{"op":"test","path":"/a","value":2}]""", "testing value /a failed")]
    [InlineData("""[{"op":"move","from":"/o","path":"/o/inner"}]""", "move operation cannot move /o into itself")]
    [InlineData("""[{"op":"copy","from":"/nope","path":"/b"}]""", "copy operation does not apply: doc is missing path: /nope")]
    public void Apply_WhatDoesNotFit_IsRefused(string ops, string message)
    {
        var e = Assert.Throws<PatchException>(() => JsonPatch.Apply(Parse("""{"a":1,"list":[1],"o":{"x":1}}"""), (JsonArray)Parse(ops)));

        Assert.Equal(message, e.Message);
        Assert.False(e.IsMalformed);
    }

    [Theory]
    [InlineData("""[{"path":"/a"}]""", "Unexpected kind: unknown")]
    [InlineData("""[{"op":"nope","path":"/a"}]""", "Unexpected kind: nope")]
    [InlineData("""[{"op":"remove"}]""", "remove operation failed to decode path: missing value")]
    [InlineData("""[{"op":"add","path":"a","value":1}]""", "the path \"a\" of a JSON patch does not start with '/'")]
    public void Apply_OperationThatSaysTooLittle_DoesNotApply(string ops, string message)
    {
        var e = Assert.Throws<PatchException>(() => JsonPatch.Apply(Parse("""{"a":1}"""), (JsonArray)Parse(ops)));

        Assert.Equal(message, e.Message);
        Assert.False(e.IsMalformed);
    }

    [Theory]
    [InlineData("""[{"op":"add","path":"/a"}]""")]
    [InlineData("""[{"op":"move","path":"/a"}]""")]
    [InlineData("""["x"]""")]
    public void Apply_MalformedOperation_IsToldApart(string ops) =>
        Assert.True(Assert.Throws<PatchException>(() => JsonPatch.Apply(Parse("""{"a":1}"""), (JsonArray)Parse(ops))).IsMalformed);

    [Fact]
    public void Apply_AnyOutcome_LeavesItsInputsAlone()
    {
        var doc = Parse("""{"a":{"x":1},"l":[1]}""");
        var ops = (JsonArray)Parse("""[{"op":"add","path":"/b","value":{"y":1}},{"op":"replace","path":"/b/y","value":2},{"op":"remove","path":"/l/0"},{"op":"test","path":"/a","value":1}]""");
        var (before, opsBefore) = (doc.ToJsonString(), ops.ToJsonString());

        Assert.Throws<PatchException>(() => JsonPatch.Apply(doc, ops));
        ops.RemoveAt(3);
        JsonPatch.Apply(doc, ops);

        Assert.Equal(before, doc.ToJsonString());
        Assert.Equal(opsBefore[..40], ops.ToJsonString()[..40]);
    }

    [Fact]
    public void Apply_TooManyOperations_IsRefused()
    {
        var ops = new JsonArray([.. Enumerable.Range(0, JsonPatch.MaxOperations + 1).Select(_ => Parse("""{"op":"test","path":"/a","value":1}"""))]);

        Assert.Throws<PatchException>(() => JsonPatch.Apply(Parse("""{"a":1}"""), ops));
    }

    [Fact]
    public void Apply_CopiesThatGrowWithoutEnd_AreRefused()
    {
        var ops = new JsonArray([.. Enumerable.Range(0, 60).Select(i => Parse($$"""{"op":"copy","from":"/a","path":"/a/x{{i}}"}"""))]);

        Assert.Throws<PatchException>(() => JsonPatch.Apply(Parse("""{"a":{"x":"0123456789"}}"""), ops));
    }

    private static JsonNode Parse(string json) => JsonText.ParseNode(Encoding.UTF8.GetBytes(json))!;
}
