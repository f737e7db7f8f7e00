using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.CustomKinds;
using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Admission.Webhooks;

/// <summary>Webhooks concern every write of a server, so these tests share one of their own, and one server of webhooks.</summary>
public sealed class WebhookFixture : IAsyncLifetime
{
    public ApiServerFixture Server { get; } = new();

    public FakeWebhook Webhook { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await Server.InitializeAsync();
        Webhook = await FakeWebhook.StartAsync(Server.Certificates);
    }

    public async ValueTask DisposeAsync()
    {
        await Webhook.DisposeAsync();
        await Server.DisposeAsync();
    }
}

public sealed class WebhookTests(WebhookFixture fixture) : IClassFixture<WebhookFixture>, IAsyncLifetime
{
    private const string Root = "/apis/admissionregistration.k8s.io/v1/";
    private const string Validating = Root + "validatingwebhookconfigurations";
    private const string Mutating = Root + "mutatingwebhookconfigurations";
    private const string ConfigMaps = """{"operations":["*"],"apiGroups":[""],"apiVersions":["v1"],"resources":["configmaps"]}""";

    private readonly FakeWebhook _webhook = fixture.Webhook;
    private string _ns = "";

    private ApiClient Admin => fixture.Server.Admin;

    private string Maps => $"/api/v1/namespaces/{_ns}/configmaps";

    public async ValueTask InitializeAsync()
    {
        _ns = await Admin.NewNamespaceAsync();
        _webhook.Seen.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        (await Admin.DeleteAsync(Validating)).Expect(200);
        (await Admin.DeleteAsync(Mutating)).Expect(200);
    }

    [Fact]
    public async Task Denial_IsTheWebhooksOwn_OnEveryOperation()
    {
        (await Admin.PostAsync(Maps, """{"metadata":{"name":"old"},"data":{"k":"fine"}}""")).Expect(201);
        await ConfigureAsync(Validating, "deny", _webhook.Answer("/deny", request =>
            (request["object"] ?? request["oldObject"])?["data"]?["k"]?.GetValue<string>() == "bad" || (string?)request["operation"] == "DELETE"
                ? new JsonObject { ["allowed"] = false, ["status"] = new JsonObject { ["message"] = "the map is bad", ["reason"] = "Forbidden", ["code"] = 403 }, ["warnings"] = new JsonArray("think again") }
                : FakeWebhook.Allow()));
        var refused = await Admin.PostAsync(Maps, """{"metadata":{"name":"m"},"data":{"k":"bad"}}""");
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"admission webhook \"deny.x.io\" denied the request: the map is bad","reason":"Forbidden","code":403}""", refused.Text);
        (await Admin.PostAsync(Maps, """{"metadata":{"name":"m"},"data":{"k":"good"}}""")).Expect(201);
        Assert.Equal(403, (await Admin.PatchAsync(Maps + "/m", """{"data":{"k":"bad"}}""")).Code);
        Assert.Equal(403, (await Admin.DeleteAsync(Maps + "/m")).Code);
        (await Admin.PostAsync($"/api/v1/namespaces/{_ns}/secrets", """{"metadata":{"name":"s"}}""")).Expect(201);

        var seen = _webhook.Seen.First(s => (string?)s.Request["operation"] == "UPDATE");
        Assert.Equal("/deny?timeout=10s", seen.Path);
        Assert.Equal("""{"group":"","version":"v1","kind":"ConfigMap"}""", seen.Request["kind"]!.ToJsonString());
        Assert.Equal("""{"group":"","version":"v1","resource":"configmaps"}""", seen.Request["requestResource"]!.ToJsonString());
        Assert.Equal(("m", _ns, "admin"), ((string?)seen.Request["name"], (string?)seen.Request["namespace"], (string?)seen.Request["userInfo"]!["username"]));
        Assert.Equal("good", (string?)seen.Request["oldObject"]!["data"]!["k"]);
        Assert.Null(_webhook.Seen.First(s => (string?)s.Request["operation"] == "DELETE").Request["object"]);
    }

    [Fact]
    public async Task Warnings_ReachTheClient_AndADryRunIsAskedAbout()
    {
        await ConfigureAsync(Validating, "warn", _webhook.Answer("/warn", _ => new JsonObject { ["allowed"] = true, ["warnings"] = new JsonArray("take care") }));
        var created = (await Admin.PostAsync(Maps + "?dryRun=All", """{"metadata":{"name":"m"}}""")).Expect(201);
        Assert.Equal(["299 - \"take care\""], created.Warnings);
        Assert.True((bool)_webhook.Seen.Single().Request["dryRun"]!);
    }

    [Fact]
    public async Task Mutations_HappenInOrder_ArePrunedAndCompleted()
    {
        await ConfigureAsync(Mutating, "b", _webhook.Answer("/second", request =>
            FakeWebhook.Patch((string?)request["object"]!["data"]!["k"] == "first" ? """[{"op":"replace","path":"/data/k","value":"second"}]""" : "[]")));
        await ConfigureAsync(Mutating, "a", _webhook.Answer("/first", _ => FakeWebhook.Patch("""[{"op":"add","path":"/data","value":{"k":"first"}},{"op":"add","path":"/unknown","value":1}]""")));
        var map = (await Admin.PostAsync(Maps, """{"metadata":{"name":"m"}}""")).Expect(201);
        Assert.Equal("second", map.At("data.k"));
        Assert.Null(map.At("unknown"));

        var pods = """{"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["pods"]}""";
        await ConfigureAsync(Mutating, "pods", _webhook.Answer("/pods", _ => FakeWebhook.Patch("""[{"op":"add","path":"/spec/initContainers","value":[{"name":"added","image":"i"}]}]""")), rules: pods);
        var pod = (await Admin.PostAsync($"/api/v1/namespaces/{_ns}/pods", Samples.Pod("p"))).Expect(201);
        var added = pod.Json["spec"]!["initContainers"]![0]!;
        Assert.Equal("File", (string?)added["terminationMessagePolicy"]);

        // The rules before the webhook have seen what it added: the container has the account's token, from the one volume.
        Assert.Equal("/var/run/secrets/kubernetes.io/serviceaccount", (string?)added["volumeMounts"]![0]!["mountPath"]);
        Assert.Single(pod.Json["spec"]!["volumes"]!.AsArray());
    }

    [Fact]
    public async Task Mutations_OfCustomObjects_ArePrunedAndCompletedByTheirSchema()
    {
        var widget = await Definition.Widget("""{"type":"object","properties":{"a":{"type":"object","properties":{"b":{"type":"string","default":"x"}}}}}""").CreateAsync(Admin);
        var rule = $$"""{"operations":["CREATE"],"apiGroups":["{{widget.Group}}"],"apiVersions":["v1"],"resources":["widgets"]}""";
        await ConfigureAsync(Mutating, "widgets", _webhook.Answer("/widgets", _ => FakeWebhook.Patch("""[{"op":"add","path":"/spec/a","value":{}},{"op":"add","path":"/spec/unknown","value":1}]""")), rules: rule);
        var created = (await Admin.PostAsync(widget.In(_ns), widget.Object("w", "{}"))).Expect(201);
        Assert.Equal("""{"a":{"b":"x"}}""", created.At("spec"));
        (await Admin.DeleteAsync(widget.OwnPath)).Expect(200);
    }

    [Fact]
    public async Task Mutation_OfAPart_ReachesNoFurther()
    {
        (await Admin.PostAsync($"/api/v1/namespaces/{_ns}/pods", Samples.Pod("p"))).Expect(201);
        var parts = """{"operations":["UPDATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["pods/status"]}""";
        await ConfigureAsync(Mutating, "parts", _webhook.Answer("/part", _ => FakeWebhook.Patch("""[{"op":"replace","path":"/spec/containers/0/image","value":"evil"},{"op":"add","path":"/status/message","value":"told"}]""")), rules: parts);
        var pod = (await Admin.PatchAsync($"/api/v1/namespaces/{_ns}/pods/p/status", """{"status":{"phase":"Running"}}""")).Expect(200);
        Assert.Equal(("told", "Running"), (pod.At("status.message"), pod.At("status.phase")));
        Assert.NotEqual("evil", pod.At("spec.containers.0.image"));
    }

    [Fact]
    public async Task Create_ThatWaitsWhileItsDefinitionGoes_StoresNothing()
    {
        var widget = await Definition.Widget("""{"type":"object"}""").CreateAsync(Admin);
        using var asked = new SemaphoreSlim(0);
        using var goOn = new SemaphoreSlim(0);
        await ConfigureAsync(Validating, "widgets", _webhook.Answer("/wait", _ =>
        {
            asked.Release();
            goOn.Wait(TimeSpan.FromSeconds(8));
            return FakeWebhook.Allow();
        }), rules: RuleFor(widget, "CREATE"));
        var create = Admin.PostAsync(widget.In(_ns), widget.Object("w", "{}"));
        await asked.WaitAsync(TestContext.Current.CancellationToken);
        (await Admin.DeleteAsync(widget.OwnPath)).Expect(200);
        await Poll.UntilAsync(async () => (await Admin.GetAsync(widget.OwnPath)).Code == 404);
        await widget.CreateAsync(Admin);
        goOn.Release();
        (await create).Expect(404);
        Assert.Empty((await Admin.GetAsync(widget.In(_ns))).Expect(200).Json["items"]!.AsArray());
        (await Admin.DeleteAsync(widget.OwnPath)).Expect(200);
    }

    [Fact]
    public async Task Definition_Goes_ThoughItsWebhookIsGone()
    {
        var widget = await Definition.Widget("""{"type":"object"}""").CreateAsync(Admin);
        (await Admin.PostAsync(widget.In(_ns), widget.Object("w", "{}"))).Expect(201);
        await ConfigureAsync(Validating, "widgets", """{"url":"https://127.0.0.1:1/x"}""", rules: RuleFor(widget, "DELETE"));
        (await Admin.DeleteAsync(widget.In(_ns) + "/w")).Expect(500);
        (await Admin.DeleteAsync(widget.OwnPath)).Expect(200);
        await Poll.UntilAsync(async () => (await Admin.GetAsync(widget.OwnPath)).Code == 404);
    }

    [Fact]
    public async Task Mutation_ThatMovesAnObject_IsRefused()
    {
        await ConfigureAsync(Mutating, "moves", _webhook.Answer("/move", _ => FakeWebhook.Patch("""[{"op":"replace","path":"/metadata/namespace","value":"default"}]""")));
        var refused = (await Admin.PostAsync(Maps, """{"metadata":{"name":"moved"}}""")).Expect(400);
        Assert.Equal("the namespace of the provided object does not match the namespace sent on the request", refused.Message);
    }

    [Fact]
    public async Task Reinvocation_HappensOnlyForThoseWhoWantItAndMissedSomething()
    {
        await ConfigureAsync(Mutating, "a", _webhook.Answer("/again", _ => FakeWebhook.Allow()), more: ",\"reinvocationPolicy\":\"IfNeeded\"");
        await ConfigureAsync(Mutating, "b", _webhook.Answer("/once", _ => FakeWebhook.Allow()));
        await ConfigureAsync(Mutating, "c", _webhook.Answer("/change", _ => FakeWebhook.Patch("""[{"op":"add","path":"/data","value":{"k":"v"}}]""")));
        (await Admin.PostAsync(Maps, """{"metadata":{"name":"m"}}""")).Expect(201);
        Assert.Equal(["/again", "/once", "/change", "/again"], _webhook.Seen.Select(s => s.Path.Split('?')[0]));
        (await Admin.PatchAsync(Maps + "/m", """{"metadata":{"labels":{"a":"b"}}}""")).Expect(200);
        Assert.Equal(7, _webhook.Seen.Count);
    }

    [Fact]
    public async Task Selectors_DecideWhichWritesAreAskedAbout()
    {
        var other = (await Admin.PostAsync("/api/v1/namespaces", """{"metadata":{"generateName":"watched-","labels":{"watch":"yes"}}}""")).Expect(201).At("metadata.name");
        var deny = _webhook.Answer("/no", _ => new JsonObject { ["allowed"] = false });
        await ConfigureAsync(Validating, "ns", deny, more: ",\"namespaceSelector\":{\"matchLabels\":{\"watch\":\"yes\"}}");
        (await Admin.PostAsync(Maps, """{"metadata":{"name":"m"}}""")).Expect(201);
        Assert.Equal("admission webhook \"ns.x.io\" denied the request without explanation", (await Admin.PostAsync($"/api/v1/namespaces/{other}/configmaps", """{"metadata":{"name":"m"}}""")).Expect(400).Message);
        await ConfigureAsync(Validating, "obj", deny, more: ",\"objectSelector\":{\"matchLabels\":{\"judge\":\"me\"}}");
        (await Admin.PostAsync(Maps, """{"metadata":{"name":"n"}}""")).Expect(201);
        (await Admin.PostAsync(Maps, """{"metadata":{"name":"o","labels":{"judge":"me"}}}""")).Expect(400);

        // And whose: what does not hold leaves a caller out.
        const string Masters = "'system:masters' in request.userInfo.groups";
        await ConfigureAsync(Validating, "others", deny, more: $$""","matchConditions":[{"name":"o","expression":"!({{Masters}})"}]""");
        (await Admin.PostAsync(Maps, """{"metadata":{"name":"q"}}""")).Expect(201);
        await ConfigureAsync(Validating, "masters", deny, more: $$""","matchConditions":[{"name":"t","expression":"true"},{"name":"m","expression":"{{Masters}}"}]""");
        (await Admin.PostAsync(Maps, """{"metadata":{"name":"r"}}""")).Expect(400);
    }

    [Fact]
    public async Task Namespace_IsCreated_WhenItsContentIsForbidden()
    {
        await ConfigureAsync(Validating, "deny", _webhook.Answer("/never", _ => new JsonObject { ["allowed"] = false }));
        (await Admin.PostAsync("/api/v1/namespaces", """{"metadata":{"name":"without-content"}}""")).Expect(201);
        (await Admin.GetAsync("/api/v1/namespaces/without-content/serviceaccounts/default")).Expect(200);
        Assert.Equal(404, (await Admin.GetAsync("/api/v1/namespaces/without-content/configmaps/kube-root-ca.crt")).Code);
    }

    [Theory]
    [InlineData("""{"url":"https://127.0.0.1:1/x"}""", "failed to call webhook: Post \"https://127.0.0.1:1/x?timeout=1s\": dial tcp 127.0.0.1:1: connect: connection refused")]
    [InlineData("""{"service":{"namespace":"default","name":"none","path":"/p"}}""", "failed to call webhook: Post \"https://none.default.svc:443/p?timeout=1s\": service \"none\" not found")]
    [InlineData("/missing", "failed to call webhook: the server could not find the requested resource")]
    [InlineData("/slow", "context deadline exceeded")]
    [InlineData("no authority", "tls: failed to verify certificate: x509: certificate signed by unknown authority")]
    [InlineData("wrong uid", "received invalid webhook response: expected response.uid=")]
    public async Task Failure_RefusesOrIsIgnored_AsThePolicySays(string client, string why)
    {
        client = client switch
        {
            "/missing" or "/slow" => _webhook.Answer("/unused", _ => FakeWebhook.Allow()).Replace("/unused", client, StringComparison.Ordinal),
            "no authority" => _webhook.Answer("/fine", _ => FakeWebhook.Allow(), withAuthority: false),
            "wrong uid" => _webhook.Answer("/uid", _ => new JsonObject { ["allowed"] = true, ["uid"] = "other" }),
            _ => client,
        };
        await ConfigureAsync(Validating, "ignored", client, more: ",\"timeoutSeconds\":1,\"failurePolicy\":\"Ignore\"");
        (await Admin.PostAsync(Maps, """{"metadata":{"name":"m"}}""")).Expect(201);
        await ConfigureAsync(Validating, "fails", client, more: ",\"timeoutSeconds\":1");
        var refused = (await Admin.PostAsync(Maps, """{"metadata":{"name":"n"}}""")).Expect(500);
        Assert.StartsWith("Internal error occurred: failed calling webhook \"fails.x.io\": ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.Equal("InternalError", refused.Reason);

        // No webhook is asked about webhooks, so the way out is always open.
        (await Admin.DeleteAsync($"{Validating}/fails")).Expect(200);
        (await Admin.PostAsync(Maps, """{"metadata":{"name":"n"}}""")).Expect(201);
    }

    [Fact]
    public async Task Connection_ToAPod_IsAskedAboutToo()
    {
        await ConfigureAsync(
            Validating,
            "attach",
            _webhook.Answer("/attach", _ => new JsonObject { ["allowed"] = false, ["status"] = new JsonObject { ["message"] = "no attaching" } }),
            rules: """{"operations":["CONNECT"],"apiGroups":["*"],"apiVersions":["*"],"resources":["pods/attach"]}""");
        (await Admin.PostAsync($"/api/v1/namespaces/{_ns}/pods", Samples.Pod("p"))).Expect(201);
        var refused = await Admin.PostAsync($"/api/v1/namespaces/{_ns}/pods/p/attach?container=c&stdin=true", "");
        Assert.Equal("admission webhook \"attach.x.io\" denied the request: no attaching", refused.Expect(400).Message);
        var request = _webhook.Seen.Single().Request;
        Assert.Equal("""{"kind":"PodAttachOptions","apiVersion":"v1","stdin":true,"container":"c"}""", request["object"]!.ToJsonString());
        Assert.Equal(("CONNECT", "attach"), ((string?)request["operation"], (string?)request["subResource"]));
    }

    [Fact]
    public async Task Parts_WithAFormOfTheirOwn_AreAskedAboutInThatForm()
    {
        var core = $"/api/v1/namespaces/{_ns}";
        (await Admin.PostAsync($"{core}/pods", Samples.Pod("p", "\"terminationGracePeriodSeconds\":0,"))).Expect(201);
        var deployments = $"/apis/apps/v1/namespaces/{_ns}/deployments";
        (await Admin.PostAsync(deployments, Samples.Deployment("d"))).Expect(201);
        await ConfigureAsync(Validating, "parts", _webhook.Answer("/parts", _ => FakeWebhook.Allow()), """{"operations":["*"],"apiGroups":["*"],"apiVersions":["*"],"resources":["pods","pods/binding","bindings","pods/eviction","serviceaccounts/token","deployments","deployments/scale"]}""");
        await ConfigureAsync(Mutating, "scale", _webhook.Answer("/scale", request => FakeWebhook.Patch("""[{"op":"replace","path":"/spec/replicas","value":4}]""")), """{"operations":["UPDATE"],"apiGroups":["apps"],"apiVersions":["v1"],"resources":["*/scale"]}""");

        (await Admin.PostAsync($"{core}/pods/p/binding", """{"target":{"kind":"Node","name":"n"} }""")).Expect(201);
        (await Admin.PostAsync($"{core}/pods/p/eviction", """{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"p"} }""")).Expect(201);
        (await Admin.PostAsync($"{core}/serviceaccounts/default/token", "{}")).Expect(201);
        var scaled = (await Admin.PatchAsync($"{deployments}/d/scale", """{"spec":{"replicas":3} }""")).Expect(200);

        Assert.Equal(("4", "4"), (scaled.At("spec.replicas"), (await Admin.GetAsync($"{deployments}/d")).At("spec.replicas")));
        var seen = _webhook.Seen.Where(s => s.Path.StartsWith("/parts", StringComparison.Ordinal)).Select(s => s.Request).ToList();
        Assert.Equal(
            ["CREATE pods/binding /v1/Binding p n", "CREATE pods/eviction policy/v1/Eviction p ", "CREATE serviceaccounts/token authentication.k8s.io/v1/TokenRequest default ", "UPDATE deployments/scale autoscaling/v1/Scale d 4"],
            seen.Select(r => $"{r["operation"]} {r["resource"]!["resource"]}/{r["subResource"]} {r["kind"]!["group"]}/{r["kind"]!["version"]}/{r["kind"]!["kind"]} {r["name"]} {r["object"]!["target"]?["name"] ?? r["object"]!["spec"]?["replicas"]}"));
        Assert.Equal(1, (int)seen[^1]["oldObject"]!["spec"]!["replicas"]!);
    }

    [Fact]
    public async Task Objects_AreShownWithTheAccountsOfTheirFields()
    {
        await ConfigureAsync(Mutating, "owners", _webhook.Answer("/owners", _ => FakeWebhook.Patch("""[{"op":"remove","path":"/metadata/managedFields"},{"op":"add","path":"/data","value":{"k":"v"}}]""")));
        (await Admin.PatchAsync($"{Maps}/m?fieldManager=me", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"data":{"a":"b"}}""", ApiClient.ApplyPatch)).Expect(201);
        var changed = (await Admin.PatchAsync($"{Maps}/m?fieldManager=other", """{"data":{"c":"d"}}""")).Expect(200);
        var asked = _webhook.Seen.Select(s => s.Request).ToList();
        Assert.Equal("me", (string?)asked[0]["object"]!["metadata"]!["managedFields"]![0]!["manager"]);
        Assert.Equal(["me", "other"], asked[^1]["object"]!["metadata"]!["managedFields"]!.AsArray().Select(e => (string?)e!["manager"]).Order());
        Assert.Equal("me", (string?)Assert.Single(asked[^1]["oldObject"]!["metadata"]!["managedFields"]!.AsArray())!["manager"]);
        Assert.Equal(("v", "me"), (changed.At("data.k"), changed.At("metadata.managedFields.0.manager")));
    }

    [Fact]
    public async Task EquivalentResource_IsAskedAboutInTheFormOfTheRule()
    {
        var events = """{"operations":["CREATE"],"apiGroups":["events.k8s.io"],"apiVersions":["v1"],"resources":["events"]}""";
        await ConfigureAsync(Mutating, "equivalent", _webhook.Answer("/event", _ => FakeWebhook.Patch("""[{"op":"replace","path":"/note","value":"changed"}]""")), rules: events);
        await ConfigureAsync(Mutating, "exact", _webhook.Answer("/exact", _ => FakeWebhook.Allow()), rules: events, more: ",\"matchPolicy\":\"Exact\"");
        var created = await Admin.PostAsync($"/api/v1/namespaces/{_ns}/events", $$$"""{"metadata":{"name":"e"},"involvedObject":{"kind":"Pod","name":"p","namespace":"{{{_ns}}}"},"message":"said","reason":"R","type":"Normal"}""");
        Assert.Equal("changed", created.Expect(201).At("message"));
        var seen = Assert.Single(_webhook.Seen);
        Assert.Equal(("events.k8s.io", ""), ((string?)seen.Request["resource"]!["group"], (string?)seen.Request["requestResource"]!["group"]));
        Assert.Equal("said", (string?)seen.Request["object"]!["note"]);
    }

    [Theory]
    [InlineData(",\"matchConditions\":[{\"name\":\"a\",\"expression\":\"object.spec.x == 1\"}]", "webhooks[0].matchConditions[0].expression", "Forbidden: of CEL only conditions about request.userInfo.username and request.userInfo.groups are built yet; use rules and selectors")]
    [InlineData(",\"timeoutSeconds\":31", "webhooks[0].timeoutSeconds", "Invalid value: 31: the timeout value must be between 1 and 30 seconds")]
    [InlineData(",\"sideEffects\":\"Some\"", "webhooks[0].sideEffects", "Unsupported value: \"Some\": supported values: \"None\", \"NoneOnDryRun\"")]
    [InlineData(",\"admissionReviewVersions\":[\"v1beta1\"]", "webhooks[0].admissionReviewVersions", "Invalid value: []string{\"v1beta1\"}: must include at least one of v1; v1beta1 is not built")]
    [InlineData(",\"clientConfig\":{}", "webhooks[0].clientConfig", "Required value: exactly one of url or service is required")]
    [InlineData(",\"clientConfig\":{\"url\":\"http://a.b/c?d\"}", "webhooks[0].clientConfig.url", "Invalid value: \"http\": 'https' is the only allowed URL scheme; desired format: https://host[/path]")]
    [InlineData(",\"name\":\"short\"", "webhooks[0].name", "Invalid value: \"short\": should be a domain with at least three segments separated by dots")]
    [InlineData(",\"rules\":[{\"operations\":[\"MAKE\"],\"apiGroups\":[\"\"],\"apiVersions\":[\"v1\"],\"resources\":[\"pods\"]}]", "webhooks[0].rules[0].operations[0]", "Unsupported value: \"MAKE\": supported values: \"*\", \"CONNECT\", \"CREATE\", \"DELETE\", \"UPDATE\"")]
    public async Task Configuration_ThatCannotBeKept_IsRefusedByTheField(string more, string field, string why)
    {
        var webhook = JsonNode.Parse("""{"name":"a.x.io","clientConfig":{"url":"https://a.b/c"},"sideEffects":"None","admissionReviewVersions":["v1"]}""")!.AsObject();
        foreach (var (name, value) in JsonNode.Parse($"{{{more[1..]}}}")!.AsObject())
        {
            webhook[name] = value?.DeepClone();
        }

        var refused = await Admin.PostAsync(Validating, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "v" }, ["webhooks"] = new JsonArray(webhook) }.ToJsonString());
        Assert.Equal(422, refused.Code);
        Assert.Contains(refused.Json["details"]!["causes"]!.AsArray(), c => (string?)c!["field"] == field && (string?)c["message"] == why);
    }

    [Fact]
    public async Task QuotaStatus_ThatCannotBeWritten_HoldsUpNoOther()
    {
        var other = await Admin.NewNamespaceAsync();
        await ConfigureAsync(
            Validating,
            "stuck",
            _webhook.Answer("/stuck/slow", _ => FakeWebhook.Allow()),
            """{"operations":["UPDATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["resourcequotas/status"]}""",
            $$"""
            ,"timeoutSeconds":30,"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"{{_ns}}"} }
            """);
        (await Admin.PostAsync($"/api/v1/namespaces/{_ns}/resourcequotas", """{"metadata":{"name":"q"},"spec":{"hard":{"configmaps":"9"} } }""")).Expect(201);
        await Poll.UntilAsync(() => Task.FromResult(!_webhook.Seen.IsEmpty));
        (await Admin.PostAsync($"/api/v1/namespaces/{other}/resourcequotas", """{"metadata":{"name":"q"},"spec":{"hard":{"configmaps":"9"} } }""")).Expect(201);
        await Poll.UntilAsync(async () => (await Admin.GetAsync($"/api/v1/namespaces/{other}/resourcequotas/q")).At("status.used.configmaps") == "1");
    }

    [Fact]
    public async Task Configuration_IsCompleted()
    {
        var created = await ConfigureAsync(Mutating, "d", """{"service":{"namespace":"a","name":"b"}}""");
        Assert.Equal("443", created.At("webhooks.0.clientConfig.service.port"));
        Assert.Equal(("Fail", "Equivalent", "10", "Never"), (created.At("webhooks.0.failurePolicy"), created.At("webhooks.0.matchPolicy"), created.At("webhooks.0.timeoutSeconds"), created.At("webhooks.0.reinvocationPolicy")));
        Assert.Equal(("{}", "*", "1"), (created.At("webhooks.0.namespaceSelector"), created.At("webhooks.0.rules.0.scope"), created.At("metadata.generation")));
    }

    private static string RuleFor(Definition definition, string operation) =>
        $$"""{"operations":["{{operation}}"],"apiGroups":["{{definition.Group}}"],"apiVersions":["v1"],"resources":["{{definition.Plural}}"]}""";

    private async Task<ApiAnswer> ConfigureAsync(string path, string name, string client, string rules = ConfigMaps, string more = "") =>
        (await Admin.PostAsync(path, $$"""{"metadata":{"name":"{{name}}"},"webhooks":[{"name":"{{name}}.x.io","clientConfig":{{client}},"rules":[{{rules}}],"sideEffects":"None","admissionReviewVersions":["v1"]{{more}} }]}""")).Expect(201);
}
