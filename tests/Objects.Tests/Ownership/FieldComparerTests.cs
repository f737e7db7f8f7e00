using System.Text.Json.Nodes;
using Sealos.Objects.Ownership;
using Sealos.Objects.Schema;

namespace Sealos.Objects.Tests.Ownership;

public sealed class FieldComparerTests
{
    [Theory]
    [InlineData("""{"hostname":"a"}""", """{"hostname":"a"}""", "{}", "{}")]
    [InlineData("""{"hostname":"a"}""", """{"hostname":"b"}""", """{"f:hostname":{}}""", "{}")]
    [InlineData("""{"hostname":"a"}""", "{}", "{}", """{"f:hostname":{}}""")]
    [InlineData("{}", """{"securityContext":{"runAsUser":1}}""", """{"f:securityContext":{".":{},"f:runAsUser":{}}}""", "{}")]
    [InlineData("""{"containers":[{"name":"a"},{"name":"b"}]}""", """{"containers":[{"name":"b"},{"name":"a"}]}""", "{}", "{}")]
    [InlineData("""{"containers":[{"name":"a","image":"1"},{"name":"b"}]}""", """{"containers":[{"name":"a","image":"2"}]}""", """{"f:containers":{"k:{\"name\":\"a\"}":{"f:image":{}}}}""", """{"f:containers":{"k:{\"name\":\"b\"}":{".":{},"f:name":{},"f:resources":{}}}}""")]
    [InlineData("""{"tolerations":[{"key":"a"}]}""", """{"tolerations":[{"key":"b"}]}""", """{"f:tolerations":{}}""", "{}")]
    [InlineData("""{"containers":[{"name":"a","ports":[{"containerPort":80}]}]}""", """{"containers":[{"name":"a","ports":[{"containerPort":80,"protocol":"TCP"}]}]}""", """{"f:containers":{"k:{\"name\":\"a\"}":{"f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{"f:protocol":{}}}}}}""", "{}")]
    [InlineData("""{"containers":[{"name":"a","env":[{"name":"X","value":"1"},{"name":"X","value":"2"}]}]}""", """{"containers":[{"name":"a","env":[{"name":"X","value":"1"},{"name":"X","value":"3"}]}]}""", """{"f:containers":{"k:{\"name\":\"a\"}":{"f:env":{"k:{\"name\":\"X\"}":{}}}}}""", "{}")]
    public void Compare_PodSpecs_FindsFieldsByTheirKeys(string old, string @new, string changed, string removed)
    {
        var changes = FieldComparer.Compare(JsonNode.Parse(old)!.AsObject(), JsonNode.Parse(@new)!.AsObject(), FieldTypes.For(KubeSchema.Default.GetType("core/v1.PodSpec")));
        Assert.Equal((changed, removed), (FieldSetJson.ToText(changes.Changed), FieldSetJson.ToText(changes.Removed)));
    }

    [Theory]
    [InlineData("""{"a":1}""", """{"a":{"b":1}}""", """{"f:a":{".":{},"f:b":{}}}""", "{}")]
    [InlineData("""{"a":{"b":1}}""", """{"a":[1]}""", """{"f:a":{}}""", """{"f:a":{"f:b":{}}}""")]
    [InlineData("""{"a":[1]}""", """{"a":[1,2]}""", """{"f:a":{}}""", "{}")]
    public void Compare_WithoutSchema_FollowsTheValues(string old, string @new, string changed, string removed)
    {
        var changes = FieldComparer.Compare(JsonNode.Parse(old)!.AsObject(), JsonNode.Parse(@new)!.AsObject(), FieldType.Any);
        Assert.Equal((changed, removed), (FieldSetJson.ToText(changes.Changed), FieldSetJson.ToText(changes.Removed)));
    }
}
