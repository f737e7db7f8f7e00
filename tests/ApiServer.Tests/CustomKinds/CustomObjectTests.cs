using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.CustomKinds;

public sealed class CustomObjectTests(ApiServerFixture server)
{
    private const string Spec = """
        {"type":"object","required":["size"],"properties":{"size":{"type":"integer","minimum":0},"max":{"type":"integer","default":10},"mode":{"type":"string","enum":["a","b"]},
        "any":{"type":"object","x-kubernetes-preserve-unknown-fields":true},"ios":{"x-kubernetes-int-or-string":true},
        "ports":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],"items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"v":{"type":"integer"}}}}}}
        """;

    private const string More = """
        {"subresources":{"status":{},"scale":{"specReplicasPath":".spec.size","statusReplicasPath":".status.replicas","labelSelectorPath":".status.sel"}},
        "additionalPrinterColumns":[{"name":"Size","type":"integer","jsonPath":".spec.size"},{"name":"Since","type":"date","jsonPath":".metadata.creationTimestamp"},{"name":"Wide","type":"string","priority":1,"jsonPath":".spec.mode"}],
        "selectableFields":[{"jsonPath":".spec.mode"}]}
        """;

    private readonly ApiClient _admin = server.Admin;

    [Fact]
    public async Task Object_CreatedAtOnceAfterItsDefinition_IsPrunedAndDefaulted()
    {
        var (widget, path) = await NewAsync();
        var created = (await _admin.PostAsync(path, widget.Object("w", """{"size":3,"zz":1,"ios":"5","any":{"x":1}}"""))).Expect(201);
        Assert.Equal("""{"any":{"x":1},"ios":"5","max":10,"size":3}""", created.At("spec"));
        Assert.Equal("1", created.At("metadata.generation"));
        Assert.Equal(["299 - \"unknown field \\\"spec.zz\\\"\""], created.Warnings);
        var read = (await _admin.GetAsync($"{path}/w")).Expect(200);
        Assert.Equal(created.Text, read.Text);
        var list = (await _admin.GetAsync(path)).Expect(200);
        Assert.Equal("WidgetList", list.At("kind"));
        Assert.Equal($"{widget.Group}/v1", list.At("apiVersion"));
        Assert.Equal("w", list.At("items.0.metadata.name"));
    }

    [Fact]
    public async Task Watch_TellsOfCustomObjects()
    {
        var (widget, path) = await NewAsync();
        var start = (await _admin.GetAsync(path)).At("metadata.resourceVersion");
        var watch = _admin.CollectAsync($"{path}?watch=1&resourceVersion={start}", 3, "spec.size");
        (await _admin.PostAsync(path, widget.Object("w", """{"size":3}"""))).Expect(201);
        (await _admin.PatchAsync(path + "/w", """{"spec":{"size":4}}""")).Expect(200);
        (await _admin.DeleteAsync(path + "/w")).Expect(200);
        Assert.Equal(["ADDED 3", "MODIFIED 4", "DELETED 4"], await watch);
    }

    [Theory]
    [InlineData("""{"size":-1,"mode":"q"}""", "[spec.size: Invalid value: -1: spec.size in body should be greater than or equal to 0, spec.mode: Unsupported value: \"q\": supported values: \"a\", \"b\", .spec.size: Invalid value: -1: should be a non-negative integer]")]
    [InlineData("{}", "spec.size: Required value")]
    [InlineData("""{"size":"3"}""", "[spec.size: Invalid value: \"string\": spec.size in body must be of type integer: \"string\", .spec.size: Invalid value: 0: .spec.size accessor error: 3 is of the type string, expected int64]")]
    [InlineData("""{"size":1,"ios":{}}""", "spec.ios: Invalid value: \"object\": spec.ios in body must be of type integer,string: \"object\"")]
    [InlineData("""{"size":1,"ports":[{"name":"a"},{"name":"a"}]}""", "spec.ports[1]: Duplicate value: map[string]interface {}{\"name\":\"a\"}")]
    public async Task Create_OfWhatTheSchemaForbids_IsInvalid(string spec, string why)
    {
        var (widget, path) = await NewAsync();
        var refused = (await _admin.PostAsync(path, widget.Object("w2", spec))).Expect(422);
        Assert.Equal($"Widget.{widget.Group} \"w2\" is invalid: {why}", refused.Message);
    }

    [Fact]
    public async Task Create_StrictWithUnknownFields_IsRefused()
    {
        var (widget, path) = await NewAsync();
        var body = widget.Object("w", """{"size":3,"zz":1}""").Replace("\"name\":\"w\"", "\"name\":\"w\",\"foo\":1", StringComparison.Ordinal);
        var refused = (await _admin.PostAsync(path + "?fieldValidation=Strict", body)).Expect(400);
        Assert.Equal("Widget in version \"v1\" cannot be handled as a Widget: strict decoding error: unknown field \"metadata.foo\", unknown field \"spec.zz\"", refused.Message);
    }

    [Fact]
    public async Task Create_WithoutKind_IsRefused()
    {
        var (_, path) = await NewAsync();
        var refused = (await _admin.PostAsync(path, """{"metadata":{"name":"w2"},"spec":{"size":3}}""")).Expect(400);
        Assert.Equal("""the object provided is unrecognized (must be of type Widget): Object 'Kind' is missing in '{"metadata":{"name":"w2"},"spec":{"size":3}}' ({"metadata":{"name":"w2"},"spe ...)""", refused.Message);
    }

    [Fact]
    public async Task Status_HasAPathOfItsOwnAndLeavesTheGeneration()
    {
        var (widget, path) = await NewAsync();
        var created = (await _admin.PostAsync(path, widget.Object("w", """{"size":3}""", rest: ""","status":{"replicas":9}"""))).Expect(201);
        Assert.Null(created.At("status"));
        var updated = (await _admin.PatchAsync(path + "/w/status", """{"spec":{"size":5},"status":{"replicas":2,"sel":"a=b"}}""")).Expect(200);
        Assert.Equal("2", updated.At("status.replicas"));
        Assert.Equal("3", updated.At("spec.size"));
        Assert.Equal("1", updated.At("metadata.generation"));
        var main = (await _admin.PatchAsync(path + "/w", """{"spec":{"size":5},"status":{"replicas":7}}""")).Expect(200);
        Assert.Equal("2", main.At("metadata.generation"));
        Assert.Equal("2", main.At("status.replicas"));
    }

    [Fact]
    public async Task Scale_ReadsAndWritesThePathsOfTheDefinition()
    {
        var (widget, path) = await NewAsync();
        (await _admin.PostAsync(path, widget.Object("w", """{"size":3}"""))).Expect(201);
        (await _admin.PatchAsync(path + "/w/status", """{"status":{"replicas":2,"sel":"a=b"}}""")).Expect(200);
        var scale = (await _admin.GetAsync(path + "/w/scale")).Expect(200);
        Assert.Equal("""{"replicas":3}""", scale.At("spec"));
        Assert.Equal("""{"replicas":2,"selector":"a=b"}""", scale.At("status"));
        Assert.Equal("5", (await _admin.PatchAsync(path + "/w/scale", """{"spec":{"replicas":5}}""")).Expect(200).At("spec.replicas"));
        Assert.Equal("5", (await _admin.GetAsync(path + "/w")).At("spec.size"));
        Assert.Equal("6", (await _admin.PutAsync(path + "/w/scale", """{"metadata":{"name":"w"},"spec":{"replicas":6}}""")).Expect(200).At("spec.replicas"));
    }

    [Fact]
    public async Task Put_WithoutRevision_IsInvalid()
    {
        var (widget, path) = await NewAsync();
        (await _admin.PostAsync(path, widget.Object("w", """{"size":3}"""))).Expect(201);
        var refused = (await _admin.PutAsync(path + "/w", widget.Object("w", """{"size":4}"""))).Expect(422);
        Assert.Equal($"widgets.{widget.Group} \"w\" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for an update", refused.Message);
    }

    [Fact]
    public async Task StrategicPatch_IsNotTaken()
    {
        var (_, path) = await NewAsync();
        var refused = (await _admin.PatchAsync(path + "/w", "{}", ApiClient.StrategicPatch)).Expect(415);
        Assert.Equal("the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml", refused.Message);
    }

    [Fact]
    public async Task Table_HasTheColumnsOfTheDefinition()
    {
        var (widget, path) = await NewAsync();
        (await _admin.PostAsync(path, widget.Object("w", """{"size":3}"""))).Expect(201);
        var table = (await _admin.GetAsync(path, "application/json;as=Table;v=v1;g=meta.k8s.io")).Expect(200);
        Assert.Equal("Size", table.At("columnDefinitions.1.name"));
        Assert.Equal("integer", table.At("columnDefinitions.1.type"));
        Assert.Equal("Custom resource definition column (in JSONPath format): .spec.size", table.At("columnDefinitions.1.description"));
        Assert.StartsWith("""["w",3,""", table.At("rows.0.cells"), StringComparison.Ordinal);
        Assert.EndsWith(",null]", table.At("rows.0.cells"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FieldSelector_TakesSelectableFieldsOnly()
    {
        var (widget, path) = await NewAsync();
        (await _admin.PostAsync(path, widget.Object("a", """{"size":3,"mode":"a"}"""))).Expect(201);
        (await _admin.PostAsync(path, widget.Object("b", """{"size":3,"mode":"b"}"""))).Expect(201);
        var list = (await _admin.GetAsync(path + "?fieldSelector=spec.mode=b")).Expect(200);
        Assert.Equal("b", list.At("items.0.metadata.name"));
        Assert.Single(list.Json["items"]!.AsArray());
        var refused = (await _admin.GetAsync(path + "?fieldSelector=spec.size=3")).Expect(400);
        Assert.Equal("field label not supported: spec.size", refused.Message);
    }

    [Fact]
    public async Task Versions_ShowOneObjectUnderTheirOwnNames()
    {
        var widget = Definition.Widget(Spec, More);
        widget.AddVersion("v2beta1");
        await widget.CreateAsync(_admin);
        var ns = await _admin.NewNamespaceAsync();
        (await _admin.PostAsync(widget.In(ns, "v2beta1"), widget.Object("w", """{"size":3}""", "v2beta1"))).Expect(201);
        var first = (await _admin.GetAsync(widget.In(ns) + "/w")).Expect(200);
        var second = (await _admin.GetAsync(widget.In(ns, "v2beta1") + "/w")).Expect(200);
        Assert.Equal($"{widget.Group}/v1", first.At("apiVersion"));
        Assert.Equal($"{widget.Group}/v2beta1", second.At("apiVersion"));
        Assert.Equal(first.At("metadata"), second.At("metadata"));
        Assert.Equal(first.At("spec"), second.At("spec"));
        var list = (await _admin.GetAsync(widget.In(ns, "v2beta1"))).Expect(200);
        Assert.Equal("3", list.At("items.0.spec.size"));
        Assert.Equal(["ADDED " + $"{widget.Group}/v2beta1"], await _admin.CollectAsync(widget.In(ns, "v2beta1") + "?watch=1", 1, "apiVersion"));
    }

    [Fact]
    public async Task Defaults_AddedLater_ShowInObjectsStoredBefore()
    {
        var (widget, path) = await NewAsync();
        (await _admin.PostAsync(path, widget.Object("w", """{"size":3}"""))).Expect(201);
        (await _admin.PatchAsync(widget.OwnPath, """[{"op":"add","path":"/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/mode/default","value":"b"}]""", ApiClient.JsonPatch)).Expect(200);
        Assert.Equal("b", (await _admin.GetAsync(path + "/w")).Expect(200).At("spec.mode"));
        Assert.Equal("b", (await _admin.GetAsync(path)).Expect(200).At("items.0.spec.mode"));
    }

    [Fact]
    public async Task Finalizer_WithoutAPath_IsWarnedOfOnce()
    {
        var (widget, path) = await NewAsync();
        (await _admin.PostAsync(path, widget.Object("w", """{"size":3}"""))).Expect(201);
        const string Patch = """{"metadata":{"finalizers":["finalizer.example.com"]}}""";
        Assert.Equal(["299 - \"metadata.finalizers: \\\"finalizer.example.com\\\": prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers\""], (await _admin.PatchAsync(path + "/w", Patch)).Expect(200).Warnings);
        Assert.Empty((await _admin.PatchAsync(path + "/w", """{"spec":{"size":4}}""")).Expect(200).Warnings);
    }

    [Fact]
    public async Task DeleteCollection_RemovesAll()
    {
        var (widget, path) = await NewAsync();
        (await _admin.PostAsync(path, widget.Object("a", """{"size":3}"""))).Expect(201);
        (await _admin.PostAsync(path, widget.Object("b", """{"size":3}"""))).Expect(201);
        (await _admin.DeleteAsync(path)).Expect(200);
        Assert.Empty((await _admin.GetAsync(path)).Expect(200).Json["items"]!.AsArray());
    }

    private async Task<(Definition Widget, string Path)> NewAsync()
    {
        var widget = await Definition.Widget(Spec, More).CreateAsync(_admin);
        return (widget, widget.In(await _admin.NewNamespaceAsync()));
    }
}
