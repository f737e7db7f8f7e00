using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.CustomKinds;

public sealed class DefinitionTests(ApiServerFixture server)
{
    private const string Open = """{"type":"object","x-kubernetes-preserve-unknown-fields":true}""";

    private readonly ApiClient _admin = server.Admin;

    [Fact]
    public async Task Create_AnswersWithAnEstablishedDefinition()
    {
        var widget = Definition.Widget(Open);
        var created = (await _admin.PostAsync(Definition.Path, widget.Json.ToJsonString())).Expect(201);
        Assert.Equal("""{"plural":"widgets","singular":"widget","shortNames":["wd"],"kind":"Widget","listKind":"WidgetList","categories":["all"]}""", created.At("status.acceptedNames"));
        Assert.Equal("""["v1"]""", created.At("status.storedVersions"));
        Assert.Equal("NamesAccepted True NoConflicts no conflicts found", Condition(created, 0));
        Assert.Equal("Established True InitialNamesAccepted the initial names have been accepted", Condition(created, 1));
        Assert.Equal("""{"strategy":"None"}""", created.At("spec.conversion"));
        Assert.Equal("1", created.At("metadata.generation"));
    }

    [Fact]
    public async Task NamesInUse_AreTakenOnceTheyAreFree()
    {
        var first = await Definition.Widget(Open).CreateAsync(_admin);
        var second = Definition.Widget(Open);
        second = second with { Group = first.Group, Plural = "gadgets" };
        second.Json["metadata"]!["name"] = second.Name;
        second.Spec["group"] = first.Group;
        second.Spec["names"] = new JsonObject { ["plural"] = "gadgets", ["kind"] = "Gadget", ["listKind"] = "WidgetList" };
        var created = (await _admin.PostAsync(Definition.Path, second.Json.ToJsonString())).Expect(201);
        Assert.Equal("NamesAccepted False ListKindConflict \"WidgetList\" is already in use", Condition(created, 0));
        Assert.Equal("Established False NotAccepted not all names are accepted", Condition(created, 1));
        Assert.Equal(404, (await _admin.GetAsync($"/apis/{first.Group}/v1/gadgets")).Code);
        (await _admin.DeleteAsync(first.OwnPath)).Expect(200);
        await EventuallyAsync(async () => (await _admin.GetAsync($"/apis/{first.Group}/v1/gadgets")).Code == 200);
        Assert.Equal("Established True InitialNamesAccepted the initial names have been accepted", Condition(await _admin.GetAsync(second.OwnPath), 1));
    }

    [Fact]
    public async Task NamesAskedForAtOnce_GoToOneDefinition()
    {
        var first = Definition.Widget(Open);
        var created = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
        {
            var json = (JsonObject)first.Json.DeepClone();
            json["metadata"]!["name"] = $"widgets{i}.{first.Group}";
            json["spec"]!["names"] = new JsonObject { ["plural"] = $"widgets{i}", ["kind"] = "Widget" };
            return _admin.PostAsync(Definition.Path, json.ToJsonString());
        }));
        Assert.Single(created, c => Condition(c.Expect(201), 1).StartsWith("Established True", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Delete_TakesTheObjectsFirstAndRespectsTheirFinalizers()
    {
        var widget = await Definition.Widget(Open).CreateAsync(_admin);
        var path = widget.In(await _admin.NewNamespaceAsync());
        (await _admin.PostAsync(path, widget.Object("free", "{}"))).Expect(201);
        (await _admin.PostAsync(path, widget.Object("held", "{}").Replace("\"name\":\"held\"", "\"name\":\"held\",\"finalizers\":[\"test.io/hold\"]", StringComparison.Ordinal))).Expect(201);
        var deleted = (await _admin.DeleteAsync(widget.OwnPath)).Expect(200);
        Assert.Equal("""["customresourcecleanup.apiextensions.k8s.io"]""", deleted.At("metadata.finalizers"));
        var refused = (await _admin.PostAsync(path, widget.Object("late", "{}"))).Expect(405);
        Assert.Equal("create not allowed while custom resource definition is terminating", refused.Message);
        var applied = (await _admin.PatchAsync(path + "/late?fieldManager=m", widget.Object("late", "{}"), ApiClient.ApplyPatch)).Expect(405);
        Assert.Equal("create not allowed while custom resource definition is terminating", applied.Message);
        (await _admin.PatchAsync(path + "/held?fieldManager=m", widget.Object("held", "{}"), ApiClient.ApplyPatch)).Expect(200);
        await EventuallyAsync(async () => (await _admin.GetAsync(path + "/free")).Code == 404);
        await EventuallyAsync(async () => (await _admin.GetAsync(widget.OwnPath)).Text.Contains("InstanceDeletionInProgress", StringComparison.Ordinal));
        (await _admin.PatchAsync(path + "/held", """{"metadata":{"finalizers":null}}""")).Expect(200);
        await EventuallyAsync(async () => (await _admin.GetAsync(widget.OwnPath)).Code == 404);
        Assert.Equal("the server could not find the requested resource", (await _admin.GetAsync(path)).Expect(404).Message);
    }

    [Fact]
    public async Task Delete_WhenNoVersionIsServed_StillTakesTheObjects()
    {
        var widget = await Definition.Widget(Open).CreateAsync(_admin);
        var path = widget.In(await _admin.NewNamespaceAsync());
        (await _admin.PostAsync(path, widget.Object("w", "{}"))).Expect(201);
        (await _admin.PatchAsync(widget.OwnPath, """[{"op":"replace","path":"/spec/versions/0/served","value":false}]""", ApiClient.JsonPatch)).Expect(200);
        (await _admin.DeleteAsync(widget.OwnPath)).Expect(200);
        await EventuallyAsync(async () => (await _admin.GetAsync(widget.OwnPath)).Code == 404);
        await widget.CreateAsync(_admin);
        Assert.Empty((await _admin.GetAsync(path)).Expect(200).Json["items"]!.AsArray());
    }

    [Fact]
    public async Task Watch_EndsWhenTheKindGoes()
    {
        var widget = await Definition.Widget(Open).CreateAsync(_admin);
        var watch = Task.Run(async () =>
        {
            await foreach (var _ in _admin.WatchAsync($"/apis/{widget.Group}/v1/widgets?watch=1", cancellationToken: TestContext.Current.CancellationToken))
            {
                // Nothing comes but the end.
            }
        }, TestContext.Current.CancellationToken);
        (await _admin.DeleteAsync(widget.OwnPath)).Expect(200);
        await watch.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Discovery_TellsOfTheKind()
    {
        var widget = Definition.Widget(Open, """{"subresources":{"status":{},"scale":{"specReplicasPath":".spec.n","statusReplicasPath":".status.n"}}}""");
        widget.AddVersion("v1beta2");
        widget.AddVersion("v2");
        var tag = Tag(await _admin.GetAsync("/apis", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"));
        await widget.CreateAsync(_admin);
        var group = (await _admin.GetAsync($"/apis/{widget.Group}")).Expect(200);
        Assert.Equal(["v2", "v1", "v1beta2"], group.Json["versions"]!.AsArray().Select(v => (string)v!["version"]!));
        Assert.Equal("v2", group.At("preferredVersion.version"));
        var list = (await _admin.GetAsync($"/apis/{widget.Group}/v1")).Expect(200);
        Assert.Equal(["widgets", "widgets/status", "widgets/scale"], list.Json["resources"]!.AsArray().Select(v => (string)v!["name"]!));
        Assert.Equal("""["wd"]""", list.At("resources.0.shortNames"));
        Assert.Equal("""["all"]""", list.At("resources.0.categories"));
        Assert.Equal("autoscaling", list.At("resources.2.group"));
        var aggregated = (await _admin.GetAsync("/apis", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")).Expect(200);
        Assert.NotEqual(tag, Tag(aggregated));
        Assert.Contains(aggregated.Json["items"]!.AsArray(), g => (string?)g!["metadata"]!["name"] == widget.Group);
    }

    [Fact]
    public async Task OpenApi_PublishesTheSchema()
    {
        var widget = await Definition.Widget("""{"type":"object","description":"What is wanted.","properties":{"size":{"type":"integer","description":"How large."},"n":{"type":"string","nullable":true}}}""").CreateAsync(_admin);
        var index = (await _admin.GetAsync("/openapi/v3")).Expect(200);
        var address = (string)index.Json["paths"]![$"apis/{widget.Group}/v1"]!["serverRelativeURL"]!;
        var third = (await _admin.GetAsync(address)).Expect(200);
        var name = $"test.{widget.Group.Split('.')[0]}.v1.Widget";
        var schema = third.Json["components"]!["schemas"]![name]!;
        Assert.Equal("How large.", (string)schema["properties"]!["spec"]!["properties"]!["size"]!["description"]!);
        Assert.Equal(widget.Group, (string)schema["x-kubernetes-group-version-kind"]![0]!["group"]!);
        Assert.NotNull(third.Json["components"]!["schemas"]![name + "List"]);
        Assert.NotNull(third.Json["paths"]![$"/apis/{widget.Group}/v1/namespaces/{{namespace}}/widgets/{{name}}"]!["patch"]);
        var second = (await _admin.GetAsync("/openapi/v2")).Expect(200);
        Assert.Null(second.Json["definitions"]![name]!["properties"]!["spec"]!["properties"]!["n"]!["type"]);
        (await _admin.GetAsync("/openapi/v2", "application/com.github.proto-openapi.spec.v2@v1.0+protobuf")).Expect(200);
        (await _admin.PatchAsync(widget.OwnPath, """[{"op":"replace","path":"/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/size/description","value":"How big."}]""", ApiClient.JsonPatch)).Expect(200);
        var changed = (await _admin.GetAsync("/openapi/v3")).Expect(200);
        Assert.NotEqual(address, (string)changed.Json["paths"]![$"apis/{widget.Group}/v1"]!["serverRelativeURL"]!);
        (await _admin.DeleteAsync(widget.OwnPath)).Expect(200);
        await EventuallyAsync(async () => (await _admin.GetAsync("/openapi/v3")).Json["paths"]![$"apis/{widget.Group}/v1"] is null);
    }

    [Fact]
    public async Task Status_IsWrittenByItsOwnPath()
    {
        var widget = await Definition.Widget(Open).CreateAsync(_admin);
        var patched = (await _admin.PatchAsync(widget.OwnPath + "/status", """{"status":{"conditions":[{"type":"Extra","status":"True"}]}}""")).Expect(200);
        Assert.Equal("Extra", patched.At("status.conditions.0.type"));
        (await _admin.PatchAsync(widget.OwnPath, """{"metadata":{"labels":{"a":"b"}}}""")).Expect(200);
    }

    [Theory]
    [InlineData("""{"acceptedNames":{"kind":"A\",\"x\":\"b"}}""", "status.acceptedNames.kind: Invalid value")]
    [InlineData("""{"acceptedNames":{"kind":null}}""", "status.acceptedNames.kind: Required value")]
    [InlineData("""{"acceptedNames":{"plural":"No/Name"}}""", "status.acceptedNames.plural: Invalid value")]
    [InlineData("""{"storedVersions":[]}""", "status.storedVersions: Invalid value: []: must have at least one stored version")]
    [InlineData("""{"storedVersions":["v1","v9"]}""", "status.storedVersions[1]: Invalid value: \"v9\": missing from spec.versions")]
    [InlineData("null", "status.storedVersions: Invalid value: []string(nil): must have at least one stored version")]
    public async Task Status_ThatCannotBeServed_IsRefused(string status, string why)
    {
        var widget = await Definition.Widget(Open).CreateAsync(_admin);
        var refused = (await _admin.PatchAsync(widget.OwnPath + "/status", $$"""{"status":{{status}} }""")).Expect(422);
        Assert.Contains(why, refused.Message!, StringComparison.Ordinal);
        Assert.Equal("Widget", (await _admin.GetAsync(widget.OwnPath)).At("status.acceptedNames.kind"));
    }

    [Theory]
    [InlineData("rbac.authorization.k8s.io", "clusterrolebindings", "Foo", "spec.names.plural: Forbidden: clusterrolebindings.rbac.authorization.k8s.io is a built-in resource")]
    [InlineData("flowcontrol.apiserver.k8s.io", "flowschemas", "Foo", "spec.names.plural: Forbidden: flowschemas.flowcontrol.apiserver.k8s.io is a built-in resource")]
    [InlineData("events.k8s.io", "events", "Foo", "spec.names.plural: Forbidden: events.events.k8s.io is a built-in resource")]
    [InlineData("rbac.authorization.k8s.io", "foos", "ClusterRoleBinding", "spec.names.kind: Forbidden: ClusterRoleBinding is a built-in kind of group rbac.authorization.k8s.io")]
    public async Task NamesOfABuiltInKind_AreRefused(string group, string plural, string kind, string why)
    {
        var widget = Definition.Widget(Open);
        widget.Json["metadata"] = new JsonObject { ["name"] = $"{plural}.{group}", ["annotations"] = new JsonObject { ["api-approved.kubernetes.io"] = "unapproved, for a test" } };
        widget.Spec["group"] = group;
        widget.Spec["names"] = new JsonObject { ["plural"] = plural, ["kind"] = kind };
        widget.Version["name"] = "v2";
        Assert.Contains(why, (await _admin.PostAsync(Definition.Path, widget.Json.ToJsonString())).Expect(422).Message!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StorageVersion_Changed_IsAddedToTheStoredOnes()
    {
        var widget = Definition.Widget(Open);
        widget.AddVersion("v2");
        await widget.CreateAsync(_admin);
        var path = widget.In(await _admin.NewNamespaceAsync());
        (await _admin.PostAsync(path, widget.Object("w", """{"a":1}"""))).Expect(201);
        var patched = (await _admin.PatchAsync(widget.OwnPath, """[{"op":"replace","path":"/spec/versions/0/storage","value":false},{"op":"replace","path":"/spec/versions/1/storage","value":true}]""", ApiClient.JsonPatch)).Expect(200);
        Assert.Equal("""["v1","v2"]""", patched.At("status.storedVersions"));
        Assert.Equal($"{widget.Group}/v1", (await _admin.GetAsync(path + "/w")).Expect(200).At("apiVersion"));
        Assert.Equal("2", (await _admin.PatchAsync(path + "/w", """{"spec":{"a":2}}""")).Expect(200).At("spec.a"));
        (await _admin.PatchAsync(widget.OwnPath, """[{"op":"replace","path":"/spec/versions/0/served","value":false}]""", ApiClient.JsonPatch)).Expect(200);
        Assert.Equal(404, (await _admin.GetAsync(path + "/w")).Code);
        Assert.Equal($"{widget.Group}/v2", (await _admin.GetAsync(path.Replace("/v1/", "/v2/", StringComparison.Ordinal) + "/w")).Expect(200).At("apiVersion"));
    }

    [Fact]
    public async Task Rights_AreCheckedForCustomKinds()
    {
        var widget = await Definition.Widget(Open).CreateAsync(_admin);
        var ns = await _admin.NewNamespaceAsync();
        using var user = server.ClientFor("custom-reader");
        Assert.Equal(403, (await user.GetAsync(widget.In(ns))).Code);
        (await _admin.PostAsync($"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles", $$"""{"metadata":{"name":"r"},"rules":[{"apiGroups":["{{widget.Group}}"],"resources":["widgets"],"verbs":["list"]}]}""")).Expect(201);
        (await _admin.PostAsync($"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings", """{"metadata":{"name":"r"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"},"subjects":[{"kind":"User","name":"custom-reader","apiGroup":"rbac.authorization.k8s.io"}]}""")).Expect(201);
        (await user.GetAsync(widget.In(ns))).Expect(200);
        Assert.Equal(403, (await user.PostAsync(widget.In(ns), widget.Object("w", "{}"))).Code);
    }

    [Fact]
    public async Task DryRun_ServesNothing()
    {
        var widget = Definition.Widget(Open);
        (await _admin.PostAsync(Definition.Path + "?dryRun=All", widget.Json.ToJsonString())).Expect(201);
        Assert.Equal(404, (await _admin.GetAsync($"/apis/{widget.Group}/v1/widgets")).Code);
        await widget.CreateAsync(_admin);
        (await _admin.GetAsync($"/apis/{widget.Group}/v1/widgets")).Expect(200);
    }

    [Fact]
    public async Task DeprecatedVersion_WarnsItsClients()
    {
        var widget = Definition.Widget(Open);
        widget.AddVersion("v1alpha1")["deprecated"] = true;
        await widget.CreateAsync(_admin);
        Assert.Equal([$"299 - \"{widget.Group}/v1alpha1 Widget is deprecated\""], (await _admin.GetAsync($"/apis/{widget.Group}/v1alpha1/widgets")).Expect(200).Warnings);
        Assert.Empty((await _admin.GetAsync($"/apis/{widget.Group}/v1/widgets")).Expect(200).Warnings);
    }

    [Fact]
    public async Task ClusterScope_HasNoNamespaces()
    {
        var widget = Definition.Widget(Open);
        widget.Spec["scope"] = "Cluster";
        await widget.CreateAsync(_admin);
        (await _admin.PostAsync($"/apis/{widget.Group}/v1/widgets", widget.Object("w", """{"a":1}"""))).Expect(201);
        Assert.Equal("1", (await _admin.GetAsync($"/apis/{widget.Group}/v1/widgets/w")).Expect(200).At("spec.a"));
        Assert.Equal(404, (await _admin.GetAsync($"/apis/{widget.Group}/v1/namespaces/default/widgets")).Code);
    }

    private static string? Tag(ApiAnswer answer) => answer.Headers.ETag?.Tag;

    private static string Condition(ApiAnswer answer, int index) =>
        string.Join(' ', new[] { "type", "status", "reason", "message" }.Select(f => (string?)answer.Json["status"]!["conditions"]![index]![f]));

    private static async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        for (var i = 0; i < 500; i++)
        {
            if (await condition())
            {
                return;
            }

            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Fail("it did not happen in time");
    }
}
