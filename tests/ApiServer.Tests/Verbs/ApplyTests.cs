using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Verbs;

public sealed class ApplyTests(ApiServerFixture server)
{
    private readonly ApiClient _admin = server.Admin;

    private static string Maps(string ns) => $"/api/v1/namespaces/{ns}/configmaps";

    private Task<ApiAnswer> ApplyAsync(string path, string manager, string body, string options = "") =>
        _admin.PatchAsync($"{path}?fieldManager={manager}{options}", body, ApiClient.ApplyPatch);

    private static string Map(string data) => $"{{apiVersion: v1, kind: ConfigMap, data: {data}}}";

    /// <summary>Each owner with what they own, as <c>A Apply {…}</c>.</summary>
    private static string[] Owners(ApiAnswer answer) => [.. (answer.Json["metadata"]?["managedFields"]?.AsArray() ?? []).Select(e =>
        $"{e!["manager"]} {e["operation"]}{(e["subresource"] is { } part ? "/" + part : "")} {e["fieldsV1"]!.ToJsonString(Relaxed)}")];

    private static readonly System.Text.Json.JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public async Task Apply_ByEverMoreManagers_IsRefusedInTheEnd()
    {
        var path = Maps(await _admin.NewNamespaceAsync()) + "/crowd";
        for (var i = 0; i < 100; i++)
        {
            (await ApplyAsync(path, $"m{i}", Map("{k: v}"))).Expect(i == 0 ? 201 : 200);
        }

        Assert.Contains("must have at most 100 managers that apply", (await ApplyAsync(path, "m100", Map("{k: v}"))).Expect(400).Message, StringComparison.Ordinal);
        (await ApplyAsync(path, "m7", Map("{k: v, l: w}"))).Expect(200);
    }

    [Fact]
    public async Task Apply_ConfigMap_FollowsUpstreamFromCreationToRemoval()
    {
        var path = Maps(await _admin.NewNamespaceAsync()) + "/ap";
        var created = (await ApplyAsync(path, "A", Map("{k: v, k2: v2}"))).Expect(201);
        Assert.Equal(["""A Apply {"f:data":{"f:k":{},"f:k2":{}}}"""], Owners(created));
        Assert.NotNull(created.At("metadata.managedFields.0.time"));
        Assert.Equal("FieldsV1", created.At("metadata.managedFields.0.fieldsType"));

        var refused = await ApplyAsync(path, "B", Map("{k: w}"));
        Assert.Equal(409, refused.Code);
        Assert.True(JsonNode.DeepEquals(refused.Json, JsonNode.Parse("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Apply failed with 1 conflict: conflict with \"A\": .data.k","reason":"Conflict","details":{"causes":[{"reason":"FieldManagerConflict","message":"conflict with \"A\"","field":".data.k"}]},"code":409}""")), refused.Text);

        var shared = (await ApplyAsync(path, "B", Map("{k: v}"))).Expect(200);
        Assert.Equal(["""B Apply {"f:data":{"f:k":{}}}""", """A Apply {"f:data":{"f:k":{},"f:k2":{}}}"""], Owners(shared));
        Assert.Null(shared.At("metadata.managedFields.0.time"));
        Assert.NotEqual(created.At("metadata.resourceVersion"), shared.At("metadata.resourceVersion"));

        var forced = (await ApplyAsync(path, "B", Map("{k: w}"), "&force=true")).Expect(200);
        Assert.Equal(["""A Apply {"f:data":{"f:k2":{}}}""", """B Apply {"f:data":{"f:k":{}}}"""], Owners(forced));

        var dropped = (await ApplyAsync(path, "A", Map("{}"))).Expect(200);
        Assert.Equal("w", dropped.At("data.k"));
        Assert.Null(dropped.At("data.k2"));
    }

    [Fact]
    public async Task Apply_Twice_ChangesNothing()
    {
        var path = Maps(await _admin.NewNamespaceAsync()) + "/same";
        var first = (await ApplyAsync(path, "A", Map("{k: v}"))).Expect(201);
        var second = (await ApplyAsync(path, "A", Map("{k: v}"))).Expect(200);
        Assert.Equal(first.Text, second.Text);
    }

    [Fact]
    public async Task Apply_DryRun_ShowsAndStoresNothing()
    {
        var path = Maps(await _admin.NewNamespaceAsync()) + "/dry";
        var shown = (await ApplyAsync(path, "A", Map("{k: v}"), "&dryRun=All")).Expect(201);
        Assert.Equal(["""A Apply {"f:data":{"f:k":{}}}"""], Owners(shown));
        Assert.Equal(404, (await _admin.GetAsync(path)).Code);
    }

    [Theory]
    [InlineData("", "{}", 422, """PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch""")]
    [InlineData("?fieldManager=A", "{apiVersion: v1, kind: ConfigMap, metadata: {managedFields: [{manager: x}]}}", 400, "metadata.managedFields must be nil")]
    [InlineData("?fieldManager=A", "{kind: ConfigMap}", 400, "invalid object type: /, Kind=ConfigMap")]
    [InlineData("?fieldManager=A", "{apiVersion: v1, kind: Pod}", 400, "invalid object type: /v1, Kind=Pod")]
    [InlineData("?fieldManager=A", "{apiVersion: v1, kind: ConfigMap, metadata: {name: zz}}", 400, "the name of the object (zz) does not match the name on the URL (nx)")]
    [InlineData("?fieldManager=A", "{apiVersion: v1, kind: ConfigMap, metadata: {name: nx}, zz: 1}", 500, "failed to create typed patch object (/nx; /v1, Kind=ConfigMap): .zz: field not declared in schema")]
    [InlineData("?fieldManager=A", "{apiVersion: v1, kind: ConfigMap, data: {k: 1}}", 500, "failed to create typed patch object (/; /v1, Kind=ConfigMap): .data.k: expected string, got &value.valueUnstructured{Value:1}")]
    [InlineData("?fieldManager=A", "[]", 400, "error decoding YAML: json: cannot unmarshal array into Go value of type map[string]interface {}")]
    [InlineData("?fieldManager=A&fieldValidation=Strict", "apiVersion: v1\nkind: ConfigMap\ndata:\n  k: a\n  k: b\n", 400, "error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 5: key \"k\" already set in map")]
    public async Task Apply_Unfit_IsRefused(string query, string body, int code, string message)
    {
        var answer = await _admin.PatchAsync("/api/v1/namespaces/default/configmaps/nx" + query, body, ApiClient.ApplyPatch);
        Assert.Equal((code, message), (answer.Code, answer.Message));
    }

    [Fact]
    public async Task Apply_Cbor_IsRefused()
    {
        var answer = await _admin.PatchAsync("/api/v1/namespaces/default/configmaps/nx?fieldManager=A", "x", "application/apply-patch+cbor");
        Assert.Equal(415, answer.Code);
        Assert.Contains("application/apply-patch+yaml", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_PreconditionsInTheBody_Hold()
    {
        var path = Maps(await _admin.NewNamespaceAsync()) + "/pre";
        Assert.Equal(409, (await ApplyAsync(path, "A", "{apiVersion: v1, kind: ConfigMap, metadata: {uid: x}}")).Code);
        var created = (await ApplyAsync(path, "A", Map("{k: v}"))).Expect(201);
        Assert.Equal(409, (await ApplyAsync(path, "A", "{apiVersion: v1, kind: ConfigMap, metadata: {uid: x}}")).Code);
        Assert.Equal(409, (await ApplyAsync(path, "A", "{apiVersion: v1, kind: ConfigMap, metadata: {resourceVersion: '1'}}")).Code);
        (await ApplyAsync(path, "A", $"{{apiVersion: v1, kind: ConfigMap, metadata: {{resourceVersion: '{created.At("metadata.resourceVersion")}'}}, data: {{k: w}}}}")).Expect(200);
    }

    [Fact]
    public async Task Apply_Deployment_OwnsListItemsByKey()
    {
        var ns = await _admin.NewNamespaceAsync();
        var path = $"/apis/apps/v1/namespaces/{ns}/deployments/web";
        const string Body = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {labels: {app: web}}
            spec:
              replicas: 1
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec:
                  containers:
                  - name: a
                    image: one
                    ports: [{containerPort: 80}, {containerPort: 443, protocol: TCP}]
                    env: [{name: X, value: "1"}]
                  - {name: b, image: two}
            """;
        var created = (await ApplyAsync(path, "A", Body)).Expect(201);
        Assert.Equal(
            ["""A Apply {"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:replicas":{},"f:selector":{},"f:template":{"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{".":{},"f:env":{"k:{\"name\":\"X\"}":{".":{},"f:name":{},"f:value":{}}},"f:image":{},"f:name":{},"f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}},"k:{\"containerPort\":443,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{},"f:protocol":{}}}},"k:{\"name\":\"b\"}":{".":{},"f:image":{},"f:name":{}}}}}}}"""],
            Owners(created));

        (await _admin.PatchAsync($"{path}/scale?fieldManager=hpa", """{"spec":{"replicas":5}}""")).Expect(200);
        var refused = await ApplyAsync(path, "A", Body);
        Assert.Equal(409, refused.Code);
        Assert.Equal("Apply failed with 1 conflict: conflict with \"hpa\" with subresource \"scale\" using apps/v1: .spec.replicas", refused.Message);

        var without = Body.Replace("  replicas: 1\n", "", StringComparison.Ordinal).Replace("  - {name: b, image: two}", "", StringComparison.Ordinal);
        var applied = (await ApplyAsync(path, "A", without)).Expect(200);
        Assert.Equal("5", applied.At("spec.replicas"));
        Assert.Single(applied.Json["spec"]!["template"]!["spec"]!["containers"]!.AsArray());
        Assert.Equal("RollingUpdate", applied.At("spec.strategy.type"));
    }

    [Fact]
    public async Task Apply_Status_OwnsOnlyStatus()
    {
        var ns = await _admin.NewNamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}";
        var answer = (await ApplyAsync(path + "/status", "A", $"{{apiVersion: v1, kind: Namespace, spec: {{finalizers: [x/y]}}, status: {{conditions: [{{type: T, status: 'True'}}]}}}}")).Expect(200);
        Assert.Contains("""A Apply/status {"f:status":{"f:conditions":{"k:{\"type\":\"T\"}":{".":{},"f:status":{},"f:type":{}}}}}""", Owners(answer));
    }

    [Fact]
    public async Task Apply_WithoutTheRightToCreate_CreatesNothing()
    {
        var ns = await _admin.NewNamespaceAsync();
        (await _admin.PostAsync($"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles", """{"metadata":{"name":"r"},"rules":[{"apiGroups":[""],"resources":["configmaps"],"verbs":["patch"]}]}""")).Expect(201);
        (await _admin.PostAsync($"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings", """{"metadata":{"name":"r"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"},"subjects":[{"kind":"User","name":"patcher"}]}""")).Expect(201);
        using var patcher = server.ClientFor("patcher");
        var answer = await patcher.PatchAsync(Maps(ns) + "/x?fieldManager=A", Map("{k: v}"), ApiClient.ApplyPatch);
        Assert.Equal(403, answer.Code);
        Assert.Contains("cannot create resource", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_AfterClientSideApply_IsNoConflictForKubectl()
    {
        var path = Maps(await _admin.NewNamespaceAsync());
        (await _admin.PostAsync(path + "?fieldManager=kubectl-client-side-apply", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"csa","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"csa\"},\"data\":{\"k\":\"v\"}}"}},"data":{"k":"v"}}""")).Expect(201);
        const string Wanted = "{apiVersion: v1, kind: ConfigMap, metadata: {name: csa}, data: {k: w}}";
        Assert.Equal(409, (await ApplyAsync(path + "/csa", "other", Wanted)).Code);
        var applied = (await ApplyAsync(path + "/csa", "kubectl", Wanted)).Expect(200);
        Assert.Equal("w", applied.At("data.k"));
        Assert.Contains("\"k\\\":\\\"w\\\"", applied.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_Scale_OwnsTheReplicasOfTheParent()
    {
        var ns = await _admin.NewNamespaceAsync();
        var path = $"/apis/apps/v1/namespaces/{ns}/deployments/web";
        (await ApplyAsync(path, "A", "{apiVersion: apps/v1, kind: Deployment, spec: {replicas: 1, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}}")).Expect(201);
        const string Wanted = "{apiVersion: autoscaling/v1, kind: Scale, spec: {replicas: 3}}";
        var refused = await ApplyAsync(path + "/scale", "S", Wanted);
        Assert.Equal((409, "Apply failed with 1 conflict: conflict with \"A\": .spec.replicas"), (refused.Code, refused.Message));

        Assert.Equal("3", (await ApplyAsync(path + "/scale", "S", Wanted, "&force=true")).Expect(200).At("spec.replicas"));
        var parent = (await _admin.GetAsync(path)).Expect(200);
        Assert.Contains("""S Apply/scale {"f:spec":{"f:replicas":{}}}""", Owners(parent));
        Assert.DoesNotContain(Owners(parent), o => o.StartsWith("A ", StringComparison.Ordinal) && o.Contains("f:replicas", StringComparison.Ordinal));
    }
}
