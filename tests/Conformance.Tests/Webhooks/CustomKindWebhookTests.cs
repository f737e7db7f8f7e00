using System.Text;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.Support;
using Sealos.Conformance_Tests.CustomKinds;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Webhooks;

/// <summary>Webhooks that judge custom kinds and their definitions, and webhooks that are slow.</summary>
public sealed class CustomKindWebhookTests(CloudFixture fixture) : CustomKindStory(fixture)
{
    private const string Registrations = "/apis/admissionregistration.k8s.io/v1";
    private static readonly string Allowed = """{"allowed":true}""";

    [Fact]
    [Upstream("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should be able to deny custom resource creation, update and deletion [Conformance]")]
    public async Task Object_IsDeniedCreationUpdateAndDeletion_UntilItIsGood()
    {
        await using var server = await ServeAsync(Judge);
        await DefineAsync("tests", Anything);
        await RegisterAsync(server, "validating", Rule("tests", "CREATE", "UPDATE", "DELETE"));
        var objects = ObjectsOf("tests");
        var denied = await Api.PostAsync(objects, ObjectOf("tests", "one", ""","data":{"is":"bad"}"""));
        Assert.Contains("denied the request: that data is bad", denied.Expect(400).Message, StringComparison.Ordinal);

        (await Api.PostAsync(objects, ObjectOf("tests", "two", ""","data":{"is":"kept"}"""))).Expect(201);
        Assert.Contains("that data is bad", (await BecomeAsync("bad")).Expect(400).Message, StringComparison.Ordinal);
        Assert.Contains("denied the request: that data is kept", (await Api.DeleteAsync($"{objects}/two")).Expect(400).Message, StringComparison.Ordinal);
        (await BecomeAsync("good")).Expect(200);
        (await Api.DeleteAsync($"{objects}/two")).Expect(200);

        async Task<ApiAnswer> BecomeAsync(string what)
        {
            var read = (await Api.GetAsync($"{objects}/two")).Expect(200).Json;
            read["data"]!["is"] = what;
            return await Api.PutAsync($"{objects}/two", read.ToJsonString());
        }

        static JsonObject Judge(JsonObject request) => ((string?)(request["object"] ?? request["oldObject"])!["data"]!["is"], (string?)request["operation"]) switch
        {
            ("bad", _) => Refusal("that data is bad"),
            ("kept", "DELETE") => Refusal("that data is kept"),
            _ => Parse(Allowed),
        };
    }

    [Fact]
    [Upstream("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should deny crd creation [Conformance]")]
    public async Task Definition_IsDeniedCreation()
    {
        await using var server = await ServeAsync(_ => Refusal("that label is bad"));
        await RegisterAsync(server, "validating", """{"operations":["CREATE"],"apiGroups":["apiextensions.k8s.io"],"apiVersions":["*"],"resources":["customresourcedefinitions"]}""");
        var definition = Definition("denied", Anything, "Namespaced", Group);
        definition["metadata"]!["labels"] = new JsonObject { ["story"] = Namespace };
        Assert.Contains("denied the request: that label is bad", (await Api.PostAsync(Definitions, definition.ToJsonString())).Expect(400).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Upstream("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should mutate custom resource [Conformance]")]
    [Upstream("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should mutate custom resource with pruning [Conformance]")]
    public async Task Object_IsChangedByOneWebhookAfterTheOther_AndLosesWhatItsSchemaLacks(bool pruned)
    {
        await using var server = await ServeAsync(NextStage);
        await DefineAsync("tests", pruned ? """{"type":"object","properties":{"data":{"type":"object","properties":{"start":{"type":"string"},"first":{"type":"string"} } } } }""" : Anything);
        await RegisterAsync(server, "mutating", Rule("tests", "CREATE"), Rule("tests", "CREATE"));
        var created = (await Api.PostAsync(ObjectsOf("tests"), ObjectOf("tests", "mine", ""","data":{"start":"yes"}"""))).Expect(201);
        Assert.Equal(pruned ? """{"first":"yes","start":"yes"}""" : """{"first":"yes","second":"yes","start":"yes"}""", Sorted(created));
    }

    [Fact]
    [Upstream("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should mutate custom resource with different stored version [Conformance]")]
    public async Task Object_IsChanged_WhenItIsStoredInAnotherVersionThanBefore()
    {
        await using var server = await ServeAsync(NextStage);
        await DefineAsync("tests", Anything, versions: ["v1", "v2"]);
        await RegisterAsync(server, "mutating", Rule("tests", "CREATE", "UPDATE"), Rule("tests", "CREATE", "UPDATE"));
        (await Api.PostAsync(ObjectsOf("tests"), ObjectOf("tests", "mine", ""","data":{"start":"yes"}"""))).Expect(201);
        (await Api.PatchAsync($"{Definitions}/tests.{Group}", """
            [{"op":"replace","path":"/spec/versions/0/storage","value":false},{"op":"replace","path":"/spec/versions/1/storage","value":true}]
            """, ApiClient.JsonPatch)).Expect(200);
        var patched = (await Api.PatchAsync($"{ObjectsOf("tests", "v2")}/mine", """[{"op":"add","path":"/dummy","value":"test"}]""", ApiClient.JsonPatch)).Expect(200);
        Assert.Equal(("test", """{"first":"yes","second":"yes","start":"yes"}"""), (patched.At("dummy"), Sorted(patched)));
    }

    [Fact]
    [Upstream("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should honor timeout [Conformance]")]
    public async Task SlowWebhook_FailsOrIsIgnored_OnceItsTimeIsOver()
    {
        const string Maps = """{"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["configmaps"]}""";
        await using var server = await ServeAsync(_ => Parse(Allowed), TimeSpan.FromSeconds(1.2));
        foreach (var (timeout, policy, code) in new (int?, string, int)[] { (1, "Fail", 500), (1, "Ignore", 201), (2, "Fail", 201), (null, "Fail", 201) })
        {
            await RegisterAsync(server, "validating", Maps, policy: policy, timeout: timeout);
            var made = (await Api.PostAsync($"{Core}/configmaps", """{"metadata":{"generateName":"slow-"} }""")).Expect(code);
            if (code == 500)
            {
                Assert.Contains("/judge?timeout=1s\": context deadline exceeded", made.Message, StringComparison.Ordinal);
            }
        }
    }

    private static JsonObject NextStage(JsonObject request)
    {
        var data = request["object"]!["data"]!.AsObject();
        var next = data.ContainsKey("first") ? "second" : "first";
        return Parse($$"""{"allowed":true,"patchType":"JSONPatch","patch":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes($$"""[{"op":"add","path":"/data/{{next}}","value":"yes"}]"""))}}"}""");
    }

    private static JsonObject Parse(string json) => (JsonObject)JsonNode.Parse(json)!;

    private static JsonObject Refusal(string why) => new() { ["allowed"] = false, ["status"] = new JsonObject { ["message"] = why } };

    private static string Sorted(ApiAnswer answer) => new JsonObject(answer.Json["data"]!.AsObject().OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone()))).ToJsonString();

    private string Rule(string plural, params string[] operations) =>
        $$"""{"operations":[{{string.Join(',', operations.Select(o => $"\"{o}\""))}}],"apiGroups":["{{Group}}"],"apiVersions":["*"],"resources":["{{plural}}"]}""";

    /// <summary>Starts a webhook that the cloud reaches as service judge of the story's namespace.</summary>
    private async Task<WebhookServer> ServeAsync(Func<JsonObject, JsonObject> judge, TimeSpan delay = default)
    {
        var server = await WebhookServer.StartAsync($"judge.{Namespace}.svc", judge, Ct, delay);
        var addresses = (await Api.GetAsync("/api/v1/nodes")).Json["items"]![0]!["status"]!["addresses"]!.AsArray();
        var node = addresses.First(a => (string?)a!["type"] == "InternalIP")!["address"];
        (await Api.PostAsync($"{Core}/services", $$$"""{"metadata":{"name":"judge"},"spec":{"ports":[{"port":443,"targetPort":{{{server.Port}}} }]} }""")).Expect(201);
        (await Api.PostAsync($"/apis/discovery.k8s.io/v1/namespaces/{Namespace}/endpointslices", $$$"""
            {"metadata":{"name":"judge","labels":{"kubernetes.io/service-name":"judge"} },"addressType":"IPv4","endpoints":[{"addresses":["{{{node}}}"]}],"ports":[{"port":{{{server.Port}}} }]}
            """)).Expect(201);
        return server;
    }

    /// <summary>Registers a webhook for each rule, for what carries the story's namespace or, when it is in none, its label.</summary>
    private async Task RegisterAsync(WebhookServer server, string kind, string rule, string? second = null, string policy = "Fail", int? timeout = 5)
    {
        var path = $"{Registrations}/{kind}webhookconfigurations/{Namespace}";
        DeleteAfterwards(path);
        await Api.DeleteAsync(path);
        var webhooks = new[] { rule, second }.OfType<string>().Select((r, i) => $$"""
            {"name":"{{(char)('a' + i)}}.judge.test","sideEffects":"None","admissionReviewVersions":["v1"],"failurePolicy":"{{policy}}"{{(timeout is { } seconds ? $",\"timeoutSeconds\":{seconds}" : "")}},
             "clientConfig":{"service":{"namespace":"{{Namespace}}","name":"judge","path":"/judge"},"caBundle":"{{server.CaBundle}}"},
             {{(r.Contains("customresourcedefinitions", StringComparison.Ordinal) ? $$"""
             "objectSelector":{"matchLabels":{"story":"{{Namespace}}"} }
             """ : $$"""
             "namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"{{Namespace}}"} }
             """)}},"rules":[{{r}}]}
            """);
        (await Api.PostAsync($"{Registrations}/{kind}webhookconfigurations", $$"""{"metadata":{"name":"{{Namespace}}"},"webhooks":[{{string.Join(',', webhooks)}}]}""")).Expect(201);
    }
}
