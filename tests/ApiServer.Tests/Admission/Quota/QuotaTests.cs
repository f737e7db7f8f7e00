using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.CustomKinds;
using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Admission.Quota;

public sealed class QuotaTests(ApiServerFixture server)
{
    private readonly ApiClient _admin = server.Admin;
    private string _root = "";

    [Fact]
    public async Task Pod_OverTheQuota_IsRefusedInKubernetesWords()
    {
        await MakeQuotaAsync("""{"hard":{"pods":"1","requests.cpu":"1"}}""");
        var silent = await PostAsync("pods", Samples.Pod("a"));
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods \"a\" is forbidden: failed quota: q: must specify requests.cpu for: c","reason":"Forbidden","details":{"name":"a","kind":"pods"},"code":403}""", silent.Text);
        (await PostAsync("pods", Pod("a", "500m"))).Expect(201);
        var over = await PostAsync("pods", Pod("b", "600m"));
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods \"b\" is forbidden: exceeded quota: q, requested: pods=1,requests.cpu=600m, used: pods=1,requests.cpu=500m, limited: pods=1,requests.cpu=1","reason":"Forbidden","details":{"name":"b","kind":"pods"},"code":403}""", over.Text);
        await UsedAsync("""{"pods":"1","requests.cpu":"500m"}""");

        // A dry run is judged, and takes nothing.
        Assert.Equal(403, (await PostAsync("pods?dryRun=All", Pod("c", "1m"))).Code);
        (await _admin.DeleteAsync($"{_root}/pods/a")).Expect(200);
        (await PostAsync("pods?dryRun=All", Pod("c", "1"))).Expect(201);
        (await PostAsync("pods", Pod("c", "1"))).Expect(201);
        await UsedAsync("""{"pods":"1","requests.cpu":"1"}""");
    }

    [Theory]
    [InlineData("configmaps", "count/configmaps", "{\"metadata\":{\"generateName\":\"x-\"}}", "11")]
    [InlineData("pods", "requests.memory", "{\"metadata\":{\"generateName\":\"x-\"},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\",\"resources\":{\"requests\":{\"memory\":\"1Gi\"}}}]}}", "10Gi")]
    public async Task ManyAtOnce_OfWhatFitsTenTimes_SucceedExactlyTenTimes(string plural, string limited, string body, string hard)
    {
        // Every namespace has one config map of its own.
        await MakeQuotaAsync($$$"""{"hard":{"{{{limited}}}":"{{{hard}}}"}}""");
        var answers = await Task.WhenAll(Enumerable.Range(0, 120).Select(_ => PostAsync(plural, body)));
        var created = answers.Where(a => a.Code == 201).ToList();
        Assert.Equal(10, created.Count);
        Assert.All(answers.Where(a => a.Code != 201), a => Assert.Contains("exceeded quota: q, requested: " + limited, a.Message!, StringComparison.Ordinal));
        await UsedAsync($$$"""{"{{{limited}}}":"{{{hard}}}"}""");

        // What goes makes room for exactly as much.
        await Task.WhenAll(created.Take(4).Select(a => _admin.DeleteAsync($"{_root}/{plural}/{a.At("metadata.name")}")));
        var again = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => PostAsync(plural, body)));
        Assert.Equal(4, again.Count(a => a.Code == 201));
    }

    [Fact]
    public async Task Failure_OfTheWriteItself_GivesBackWhatWasTaken()
    {
        await MakeQuotaAsync("""{"hard":{"configmaps":"3"}}""");
        (await PostAsync("configmaps", """{"metadata":{"name":"a"}}""")).Expect(201);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => PostAsync("configmaps", """{"metadata":{"name":"a"}}""")));
        Assert.DoesNotContain(answers, a => a.Code == 201);
        (await PostAsync("configmaps", """{"metadata":{"name":"b"}}""")).Expect(201);
        await UsedAsync("""{"configmaps":"3"}""");
    }

    [Fact]
    public async Task Services_AreCountedByWhatTheyTake_AlsoWhenTheyChange()
    {
        await MakeQuotaAsync("""{"hard":{"services":"5","services.nodeports":"2","services.loadbalancers":"1","count/services":"5"}}""");
        (await PostAsync("services", """{"metadata":{"name":"s"},"spec":{"ports":[{"port":80}]}}""")).Expect(201);
        await UsedAsync("""{"count/services":"1","services":"1","services.loadbalancers":"0","services.nodeports":"0"}""");
        (await _admin.PatchAsync($"{_root}/services/s", """{"spec":{"type":"LoadBalancer"}}""")).Expect(200);
        await UsedAsync("""{"count/services":"1","services":"1","services.loadbalancers":"1","services.nodeports":"1"}""");
        var refused = await PostAsync("services", """{"metadata":{"name":"t"},"spec":{"type":"NodePort","ports":[{"name":"a","port":80},{"name":"b","port":81}]}}""");
        Assert.Equal("services \"t\" is forbidden: exceeded quota: q, requested: services.nodeports=2, used: services.nodeports=1, limited: services.nodeports=2", refused.Message);
        (await _admin.PatchAsync($"{_root}/services/s", """{"spec":{"type":"ClusterIP"}}""")).Expect(200);
        (await PostAsync("services", """{"metadata":{"name":"t"},"spec":{"type":"NodePort","ports":[{"name":"a","port":80},{"name":"b","port":81}]}}""")).Expect(201);
    }

    [Theory]
    [InlineData("""{"scopes":["BestEffort"],"hard":{"pods":"1"}}""", "", "\"containers\":[{\"name\":\"c\",\"image\":\"i\",\"resources\":{\"requests\":{\"cpu\":\"1m\"}}}],")]
    [InlineData("""{"scopes":["NotBestEffort"],"hard":{"pods":"1"}}""", "\"containers\":[{\"name\":\"c\",\"image\":\"i\",\"resources\":{\"requests\":{\"cpu\":\"1m\"}}}],", "")]
    [InlineData("""{"scopes":["Terminating"],"hard":{"pods":"1"}}""", "\"activeDeadlineSeconds\":9,", "")]
    [InlineData("""{"scopes":["NotTerminating"],"hard":{"pods":"1"}}""", "", "\"activeDeadlineSeconds\":9,")]
    [InlineData("""{"scopes":["PriorityClass"],"hard":{"pods":"1"}}""", "\"priorityClassName\":\"system-node-critical\",", "")]
    [InlineData("""{"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"In","values":["system-node-critical"]}]},"hard":{"pods":"1"}}""", "\"priorityClassName\":\"system-node-critical\",", "\"priorityClassName\":\"system-cluster-critical\",")]
    [InlineData("""{"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"NotIn","values":["system-node-critical"]}]},"hard":{"pods":"1"}}""", "", "\"priorityClassName\":\"system-node-critical\",")]
    [InlineData("""{"scopeSelector":{"matchExpressions":[{"scopeName":"CrossNamespacePodAffinity","operator":"Exists"}]},"hard":{"pods":"1"}}""", "\"affinity\":{\"podAffinity\":{\"requiredDuringSchedulingIgnoredDuringExecution\":[{\"topologyKey\":\"k\",\"namespaces\":[\"other\"],\"labelSelector\":{\"matchLabels\":{\"a\":\"b\"}}}]}},", "")]
    public async Task Scope_CountsOnlyThePodsThatAreInIt(string spec, string inside, string outside)
    {
        await MakeQuotaAsync(spec);
        (await PostAsync("pods", Scoped("a", inside))).Expect(201);
        Assert.Contains("exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1", (await PostAsync("pods", Scoped("b", inside))).Expect(403).Message!, StringComparison.Ordinal);
        (await PostAsync("pods", Scoped("c", outside))).Expect(201);
        await UsedAsync("""{"pods":"1"}""");
    }

    [Fact]
    public async Task EndedPod_TakesNothing_ButCountsAsAnObject()
    {
        await MakeQuotaAsync("""{"hard":{"pods":"1","count/pods":"3","limits.memory":"1Gi"}}""");
        var body = """{"metadata":{"name":"NAME"},"spec":{"containers":[{"name":"c","image":"i","resources":{"limits":{"memory":"512Mi"}}}],"initContainers":[{"name":"i","image":"i","resources":{"limits":{"memory":"1Gi"}}}]}}""";
        (await PostAsync("pods", body.Replace("NAME", "a", StringComparison.Ordinal))).Expect(201);
        await UsedAsync("""{"count/pods":"1","limits.memory":"1Gi","pods":"1"}""");
        (await _admin.PatchAsync($"{_root}/pods/a/status", """{"status":{"phase":"Succeeded"}}""")).Expect(200);
        await UsedAsync("""{"count/pods":"1","limits.memory":"0","pods":"0"}""");
        (await PostAsync("pods", body.Replace("NAME", "b", StringComparison.Ordinal))).Expect(201);
    }

    [Fact]
    public async Task Status_FollowsTheSpec_AndIsPutRightWhenSomebodyElseWritesIt()
    {
        await MakeQuotaAsync("""{"hard":{"configmaps":"5","count/deployments.apps":"1"}}""");
        await UsedAsync("""{"configmaps":"1","count/deployments.apps":"0"}""");
        (await _admin.PostAsync(_root.Replace("/api/v1", "/apis/apps/v1", StringComparison.Ordinal) + "/deployments", Samples.Deployment("d"))).Expect(201);
        (await _admin.PatchAsync($"{_root}/resourcequotas/q/status", """{"status":{"hard":{"configmaps":"9"}}}""")).Expect(200);
        await UsedAsync("""{"configmaps":"1","count/deployments.apps":"1"}""");
        (await _admin.PatchAsync($"{_root}/resourcequotas/q", """{"spec":{"hard":{"configmaps":"1","secrets":"2"}}}""")).Expect(200);
        await UsedAsync("""{"configmaps":"1","count/deployments.apps":"1","secrets":"0"}""");
        Assert.Equal("1", (await _admin.GetAsync($"{_root}/resourcequotas/q")).At("status.hard.configmaps"));
        (await PostAsync("configmaps", """{"metadata":{"name":"no"}}""")).Expect(403);
        (await _admin.DeleteAsync($"{_root}/resourcequotas/q")).Expect(200);
        (await PostAsync("configmaps", """{"metadata":{"name":"yes"}}""")).Expect(201);
    }

    [Theory]
    [InlineData("""{"hard":{"things":"1"}}""", "spec.hard[things]", "Invalid value: \"things\": must be a standard resource for quota")]
    [InlineData("""{"hard":{"pods":"-1"}}""", "spec.hard[pods]", "Invalid value: \"-1\": must be greater than or equal to 0")]
    [InlineData("""{"hard":{"pods":"1500m"}}""", "spec.hard[pods]", "Invalid value: \"1500m\": must be an integer")]
    [InlineData("""{"scopes":["BestEffort","NotBestEffort"],"hard":{"pods":"1"}}""", "spec.scopes", "Invalid value: []core.ResourceQuotaScope{\"BestEffort\", \"NotBestEffort\"}: conflicting scopes")]
    [InlineData("""{"scopes":["BestEffort"],"hard":{"cpu":"1"}}""", "spec.scopes", "Invalid value: []core.ResourceQuotaScope{\"BestEffort\"}: unsupported scope applied to resource")]
    [InlineData("""{"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"In"}]},"hard":{"pods":"1"}}""", "spec.scopeSelector.matchExpressions.values", "Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector")]
    public async Task Quota_ThatMeansNothing_IsRefusedByTheField(string spec, string field, string why)
    {
        var refused = await _admin.PostAsync($"/api/v1/namespaces/{await _admin.NewNamespaceAsync()}/resourcequotas", $$"""{"metadata":{"name":"q"},"spec":{{spec}} }""");
        Assert.Equal(422, refused.Code);
        Assert.Contains(refused.Json["details"]!["causes"]!.AsArray(), c => (string?)c!["field"] == field && (string?)c["message"] == why);
    }

    [Fact]
    public async Task CustomKind_IsCountedOn_WhenItsDefinitionChangesAndGoes()
    {
        var widget = await Definition.Widget("""{"type":"object","properties":{"a":{"type":"string"}}}""").CreateAsync(_admin);
        var counted = $"count/widgets.{widget.Group}";
        await MakeQuotaAsync($$$"""{"hard":{"{{{counted}}}":"1"}}""");
        var path = widget.In(_root.Split('/')[^1]);
        (await _admin.PostAsync(path, widget.Object("a", "{}"))).Expect(201);
        (await _admin.PostAsync(path, widget.Object("b", "{}"))).Expect(403);
        (await _admin.PatchAsync(widget.OwnPath, """[{"op":"add","path":"/spec/versions/0/selectableFields","value":[{"jsonPath":".spec.a"}]}]""", ApiClient.JsonPatch)).Expect(200);
        (await _admin.DeleteAsync(path + "/a")).Expect(200);
        (await _admin.PostAsync(path, widget.Object("b", "{}"))).Expect(201);
        (await _admin.PostAsync(path, widget.Object("c", "{}"))).Expect(403);
        await UsedAsync($$"""{"{{counted}}":"1"}""");
        (await _admin.DeleteAsync(widget.OwnPath)).Expect(200);
        await UsedAsync($$"""{"{{counted}}":"0"}""");
        await Poll.UntilAsync(async () => (await _admin.GetAsync(widget.OwnPath)).Code == 404);
        await widget.CreateAsync(_admin);
        (await _admin.PostAsync(path, widget.Object("d", "{}"))).Expect(201);
        (await _admin.PostAsync(path, widget.Object("e", "{}"))).Expect(403);
    }

    private static string Pod(string name, string cpu) =>
        """{"metadata":{"name":"NAME"},"spec":{"containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"CPU"}}}]}}""".Replace("NAME", name, StringComparison.Ordinal).Replace("CPU", cpu, StringComparison.Ordinal);

    private static string Scoped(string name, string spec) => spec.Contains("containers", StringComparison.Ordinal)
        ? """{"metadata":{"name":"NAME"},"spec":{SPEC}}""".Replace("NAME", name, StringComparison.Ordinal).Replace("SPEC", spec.TrimEnd(','), StringComparison.Ordinal)
        : Samples.Pod(name, spec);

    private Task<ApiAnswer> PostAsync(string plural, string body) => _admin.PostAsync($"{_root}/{plural}", body);

    private async Task MakeQuotaAsync(string spec)
    {
        _root = $"/api/v1/namespaces/{await _admin.NewNamespaceAsync()}";
        (await PostAsync("resourcequotas", $$"""{"metadata":{"name":"q"},"spec":{{spec}}}""")).Expect(201);
    }

    private Task UsedAsync(string used) => Poll.UntilAsync(async () =>
    {
        var status = (await _admin.GetAsync($"{_root}/resourcequotas/q")).Json["status"];
        return JsonNode.DeepEquals(status?["used"], JsonNode.Parse(used)) && JsonNode.DeepEquals(status?["hard"], (await _admin.GetAsync($"{_root}/resourcequotas/q")).Json["spec"]!["hard"]);
    });
}
