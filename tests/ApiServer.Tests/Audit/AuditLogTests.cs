using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Audit;

public sealed class AuditLogTests : IAsyncLifetime
{
    private readonly ApiServerFixture _server = new()
    {
        AuditPolicy =
            """
            apiVersion: audit.k8s.io/v1
            kind: Policy
            rules:
            - level: Metadata
              verbs: [watch]
            - level: RequestResponse
              omitManagedFields: true
            """,
    };

    public ValueTask InitializeAsync() => _server.InitializeAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Create_AtRequestResponse_IsWrittenWithBothBodies()
    {
        var answer = (await _server.Admin.PostAsync("/api/v1/namespaces/default/configmaps", """{"metadata":{"name":"a"},"data":{"k":"v"}}""")).Expect(201);
        var id = answer.Headers.GetValues("Audit-Id").Single();

        var events = await EventsAsync(id, "ResponseComplete");

        Assert.Equal(["RequestReceived", "ResponseComplete"], events.Select(e => (string)e["stage"]!));
        var complete = events[^1];
        Assert.Equal(("audit.k8s.io/v1", "RequestResponse", "create", "/api/v1/namespaces/default/configmaps"), ((string)complete["apiVersion"]!, (string)complete["level"]!, (string)complete["verb"]!, (string)complete["requestURI"]!));
        Assert.Equal("""{"resource":"configmaps","namespace":"default","name":"a","apiVersion":"v1"}""", complete["objectRef"]!.ToJsonString());
        Assert.Equal("admin", (string)complete["user"]!["username"]!);
        Assert.Equal(201, (int)complete["responseStatus"]!["code"]!);
        Assert.Equal("v", (string)complete["requestObject"]!["data"]!["k"]!);
        Assert.Equal("v", (string)complete["responseObject"]!["data"]!["k"]!);
        Assert.Null(complete["responseObject"]!["metadata"]!["managedFields"]);
        Assert.Equal("allow", (string)complete["annotations"]!["authorization.k8s.io/decision"]!);
    }

    [Fact]
    public async Task Secret_AtWhateverLevel_IsWrittenWithoutItsBody()
    {
        const string Value = "c2VjcmV0LXZhbHVl";
        var answer = (await _server.Admin.PostAsync("/api/v1/namespaces/default/secrets", $$$"""{"metadata":{"name":"s"},"data":{"k":"{{{Value}}}"}}""")).Expect(201);

        var events = await EventsAsync(answer.Headers.GetValues("Audit-Id").Single(), "ResponseComplete");

        Assert.All(events, e => Assert.Equal("Metadata", (string)e["level"]!));
        Assert.DoesNotContain(Value, await ReadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusals_AreWrittenWithTheirReason()
    {
        using var alice = _server.ClientFor("alice");
        using var nobody = new HttpRequestMessage(HttpMethod.Get, "/api/v1/pods");
        nobody.Headers.TryAddWithoutValidation("Authorization", "Bearer wrong");
        using var anonymous = _server.Anonymous();

        var forbidden = (await alice.GetAsync("/api/v1/namespaces/default/secrets")).Expect(403);
        var unknown = (await anonymous.SendAsync(nobody)).Expect(401);

        var first = (await EventsAsync(forbidden.Headers.GetValues("Audit-Id").Single(), "ResponseComplete"))[^1];
        Assert.Equal(("alice", "Forbidden", "forbid"), ((string)first["user"]!["username"]!, (string)first["responseStatus"]!["reason"]!, (string)first["annotations"]!["authorization.k8s.io/decision"]!));
        var second = (await EventsAsync(unknown.Headers.GetValues("Audit-Id").Single(), "ResponseComplete"))[^1];
        Assert.Equal(("{}", 401), (second["user"]!.ToJsonString(), (int)second["responseStatus"]!["code"]!));
    }

    [Fact]
    public async Task Impersonation_IsWrittenWithBothUsers()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/namespaces/default");
        request.Headers.TryAddWithoutValidation("Impersonate-User", "bob");
        var answer = await _server.Admin.SendAsync(request);

        var written = (await EventsAsync(answer.Headers.GetValues("Audit-Id").Single(), "ResponseComplete"))[^1];

        Assert.Equal(("admin", "bob"), ((string)written["user"]!["username"]!, (string)written["impersonatedUser"]!["username"]!));
    }

    [Fact]
    public async Task Watch_IsWrittenWhenItStarts()
    {
        using var http = new HttpRequestMessage(HttpMethod.Get, "/api/v1/namespaces/default/configmaps?watch=1&timeoutSeconds=1") { Version = new Version(2, 0) };
        using var response = await _server.Admin.Http.SendAsync(http, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

        var events = await EventsAsync(response.Headers.GetValues("Audit-Id").Single(), "ResponseStarted");

        Assert.Equal("watch", (string)events[^1]["verb"]!);
    }

    [Fact]
    public async Task Pods_ThatAreNotedOnly_AreNoted()
    {
        var ns = await _server.Admin.NewNamespaceAsync();
        (await _server.Admin.PatchAsync($"/api/v1/namespaces/{ns}", """{"metadata":{"labels":{"pod-security.kubernetes.io/audit":"baseline","pod-security.kubernetes.io/audit-version":"v1.32"} } }""")).Expect(200);
        var pod = (await _server.Admin.PostAsync($"/api/v1/namespaces/{ns}/pods", Samples.Pod("p", "\"hostNetwork\":true,"))).Expect(201);
        var deployment = (await _server.Admin.PostAsync($"/apis/apps/v1/namespaces/{ns}/deployments", Samples.Deployment("d").Replace("\"containers\"", "\"hostPID\":true,\"containers\"", StringComparison.Ordinal))).Expect(201);

        var annotations = (await EventsAsync(pod.Headers.GetValues("Audit-Id").Single(), "ResponseComplete"))[^1]["annotations"]!;
        Assert.Equal("would violate PodSecurity \"baseline:v1.32\": host namespaces (hostNetwork=true)", (string)annotations["pod-security.kubernetes.io/audit-violations"]!);
        Assert.Equal("privileged:latest", (string)annotations["pod-security.kubernetes.io/enforce-policy"]!);
        annotations = (await EventsAsync(deployment.Headers.GetValues("Audit-Id").Single(), "ResponseComplete"))[^1]["annotations"]!;
        Assert.Equal("would violate PodSecurity \"baseline:v1.32\": host namespaces (hostPID=true)", (string)annotations["pod-security.kubernetes.io/audit-violations"]!);
        Assert.Empty(deployment.Warnings);
    }

    [Fact]
    public async Task Webhooks_HaveTheirSay()
    {
        await using var webhook = await FakeWebhook.StartAsync(_server.Certificates);
        var client = webhook.Answer("/note", _ => new JsonObject { ["allowed"] = true, ["auditAnnotations"] = new JsonObject { ["seen"] = "yes" } });
        (await _server.Admin.PostAsync("/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations", $$"""
            {"metadata":{"name":"note"},"webhooks":[{"name":"note.x.io","clientConfig":{{client}},"sideEffects":"None","admissionReviewVersions":["v1"],
             "rules":[{"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["configmaps"]}]}]}
            """)).Expect(201);
        var made = (await _server.Admin.PostAsync("/api/v1/namespaces/default/configmaps", """{"metadata":{"name":"noted"} }""")).Expect(201);

        var annotations = (await EventsAsync(made.Headers.GetValues("Audit-Id").Single(), "ResponseComplete"))[^1]["annotations"]!;
        Assert.Equal("yes", (string)annotations["note.x.io/seen"]!);
        Assert.Equal("""{"configuration":"note","webhook":"note.x.io","mutated":false}""", (string)annotations["mutation.webhook.admission.k8s.io/round_0_index_0"]!);
    }

    [Fact]
    public async Task Webhooks_ThatChange_OrAreNotThere_AreNoted()
    {
        await using var webhook = await FakeWebhook.StartAsync(_server.Certificates);
        var client = webhook.Answer("/change", _ => new JsonObject { ["allowed"] = true, ["patchType"] = "JSONPatch", ["patch"] = Convert.ToBase64String("""[{"op":"add","path":"/metadata/labels","value":{"a":"b"}}]"""u8) });
        var rules = """ "sideEffects":"None","admissionReviewVersions":["v1"],"rules":[{"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["LIST"]}]""";
        var absent = """ "clientConfig":{"url":"https://127.0.0.1:1/"},"failurePolicy":"Ignore",""";
        (await _server.Admin.PostAsync("/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations", $$"""
            {"metadata":{"name":"zz-change"},"webhooks":[{"name":"change.x.io","clientConfig":{{client}},{{rules.Replace("LIST", "limitranges", StringComparison.Ordinal)}} },{"name":"gone.x.io",{{absent}}{{rules.Replace("LIST", "limitranges", StringComparison.Ordinal)}} }]}
            """)).Expect(201);
        (await _server.Admin.PostAsync("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", $$"""
            {"metadata":{"name":"zz-gone"},"webhooks":[{"name":"gone.x.io",{{absent}}{{rules.Replace("LIST", "limitranges", StringComparison.Ordinal)}} }]}
            """)).Expect(201);
        var made = (await _server.Admin.PostAsync("/api/v1/namespaces/default/limitranges", """{"metadata":{"name":"changed"},"spec":{"limits":[]} }""")).Expect(201);

        var annotations = (JsonObject)(await EventsAsync(made.Headers.GetValues("Audit-Id").Single(), "ResponseComplete"))[^1]["annotations"]!;
        Assert.Contains(annotations, a => a.Key.StartsWith("patch.webhook.admission.k8s.io/round_0_index_", StringComparison.Ordinal)
            && (string)a.Value! == """{"configuration":"zz-change","webhook":"change.x.io","patch":[{"op":"add","path":"/metadata/labels","value":{"a":"b"}}],"patchType":"JSONPatch"}""");
        Assert.Equal("gone.x.io", (string)annotations.Single(a => a.Key.StartsWith("failed-open.mutation.webhook.admission.k8s.io/round_0_index_", StringComparison.Ordinal)).Value!);
        Assert.Equal("gone.x.io", (string)annotations.Single(a => a.Key.StartsWith("failed-open.validating.webhook.admission.k8s.io/round_0_index_", StringComparison.Ordinal)).Value!);
    }

    private Task<string> ReadAsync()
    {
        using var stream = new FileStream(_server.AuditFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return Task.FromResult(reader.ReadToEnd());
    }

    /// <summary>The events of a request once it has come to a stage: they are written a moment after its answer.</summary>
    private async Task<List<JsonNode>> EventsAsync(string id, string stage)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (true)
        {
            var events = File.Exists(_server.AuditFile)
                ? (await ReadAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(TryParse).OfType<JsonNode>().Where(e => (string)e["auditID"]! == id).ToList()
                : [];
            if (events.Exists(e => (string)e["stage"]! == stage))
            {
                return events;
            }

            await Task.Delay(10, patience.Token);
        }

        static JsonNode? TryParse(string line)
        {
            try
            {
                return JsonNode.Parse(line);
            }
            catch (System.Text.Json.JsonException)
            {
                // The last line may still be on its way.
                return null;
            }
        }
    }
}
