using Sealos.ApiServer.Tests.Support;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.CustomKinds;

/// <summary>Strict field validation, of kinds that are built in and of others.</summary>
public sealed class FieldValidationTests(CloudFixture fixture) : CustomKindStory(fixture)
{
    private const string Strict = "?fieldManager=story&fieldValidation=Strict";

    private const string Spec = """
        "foo":{"type":"string"},
        "cronSpec":{"type":"string","pattern":"^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$"},
        "ports":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["containerPort","protocol"],
          "items":{"type":"object","required":["containerPort","protocol"],"properties":{
            "containerPort":{"type":"integer","format":"int32"},"protocol":{"type":"string"},"name":{"type":"string"} } } }
        """;

    private const string Ports = """
          cronSpec: "* * * * */5"
          ports:
          - name: x
            containerPort: 80
            protocol: TCP
        """;

    [Fact]
    [Upstream("[sig-api-machinery] FieldValidation should detect unknown and duplicate fields of a typed object [Conformance]")]
    public async Task TypedObject_WithUnknownAndDuplicateFields_IsRefused()
    {
        var refused = await DeployAsync("", "\"unknownField\":\"foo\",\"replicas\":2,\"replicas\":3,");
        Assert.Contains("strict decoding error: unknown field \"spec.unknownField\", duplicate field \"spec.replicas\"", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Upstream("[sig-api-machinery] FieldValidation should detect unknown metadata fields of a typed object [Conformance]")]
    public async Task TypedObject_WithUnknownMetadata_IsRefused()
    {
        var refused = await DeployAsync(",\"unknownMeta\":\"foo\"", "");
        Assert.Contains("strict decoding error: unknown field \"metadata.unknownMeta\"", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Upstream("[sig-api-machinery] FieldValidation should create/apply a valid CR for CRD with validation schema [Conformance]")]
    public async Task ObjectThatFitsItsSchema_IsApplied() =>
        (await ApplyAsync(Closed, $"spec:\n  foo: foo1\n{Ports}")).Expect(201);

    [Fact]
    [Upstream("[sig-api-machinery] FieldValidation should create/apply a CR with unknown fields for CRD with no validation schema [Conformance]")]
    public async Task AnyField_IsApplied_WhereNoSchemaIsKnown()
    {
        var applied = await ApplyAsync(Anything, $"spec:\n  unknown: uk1\n{Ports}");
        Assert.Equal("uk1", applied.Expect(201).At("spec.unknown"));
    }

    [Fact]
    [Upstream("[sig-api-machinery] FieldValidation should create/apply an invalid CR with extra properties for CRD with validation schema [Conformance]")]
    public async Task FieldThatTheSchemaLacks_IsRefused()
    {
        var refused = await ApplyAsync(Closed, $"unknownField: unknown\nspec:\n  foo: foo1\n{Ports}");
        Assert.Contains(".unknownField: field not declared in schema", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Upstream("[sig-api-machinery] FieldValidation should detect unknown metadata fields in both the root and embedded object of a CR [Conformance]")]
    public async Task UnknownMetadata_IsRefused_InTheObjectAndInWhatItHolds()
    {
        const string Embedding = $$$"""
            {"type":"object","properties":{"spec":{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{ {{{Spec}}},
              "template":{"type":"object","x-kubernetes-embedded-resource":true,"properties":{
                "metadata":{"type":"object","properties":{"name":{"type":"string"} } },"spec":{"type":"object"} } } } } } }
            """;
        await DefineAsync("tests", Embedding, "Cluster");
        var root = await ApplyAsync($"metadata:\n  name: mine\n  unknownMeta: unknown\nspec:\n{Ports}");
        Assert.Contains(".metadata.unknownMeta: field not declared in schema", root.Message, StringComparison.Ordinal);
        var embedded = await ApplyAsync($"metadata:\n  name: mine\nspec:\n  template:\n    apiVersion: foo/v1\n    kind: Sub\n    metadata:\n      name: sub\n      unknownSubMeta: unknown\n{Ports}");
        Assert.Contains(".spec.template.metadata.unknownSubMeta: field not declared in schema", embedded.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Upstream("[sig-api-machinery] FieldValidation should detect duplicates in a CR when preserving unknown fields [Conformance]")]
    public async Task DuplicateField_IsRefused_WhereUnknownOnesAreKept()
    {
        var refused = await ApplyAsync(
            $$$"""{"type":"object","properties":{"spec":{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{ {{{Spec}}} } } } }""",
            $"spec:\n  unknown: uk1\n  foo: foo1\n  foo: foo2\n{Ports}");
        Assert.Contains("line 8: key \"foo\" already set in map", refused.Message, StringComparison.Ordinal);
    }

    private static string Closed => $$$"""{"type":"object","properties":{"spec":{"type":"object","properties":{ {{{Spec}}} } } } }""";

    private async Task<ApiAnswer> DeployAsync(string metadata, string spec)
    {
        var refused = await Api.PostAsync($"/apis/apps/v1/namespaces/{Namespace}/deployments{Strict}", $$$"""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"mine","labels":{"app":"a"}{{{metadata}}} },"spec":{ {{{spec}}}
             "selector":{"matchLabels":{"app":"a"} },"template":{"metadata":{"labels":{"app":"a"} },"spec":{"containers":[{"name":"c","image":"i"}]} } } }
            """);
        return refused.Expect(400);
    }

    private async Task<ApiAnswer> ApplyAsync(string schema, string rest)
    {
        await DefineAsync("tests", schema, "Cluster");
        return await ApplyAsync($"metadata:\n  name: mine\n{rest}");
    }

    private Task<ApiAnswer> ApplyAsync(string yaml) =>
        Api.PatchAsync($"{ClusterObjectsOf("tests")}/mine{Strict}", $"apiVersion: {Group}/v1\nkind: Tests\n{yaml}", ApiClient.ApplyPatch);
}
