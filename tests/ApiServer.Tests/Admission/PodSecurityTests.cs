using System.Text.Json.Nodes;
using Sealos.ApiServer.Admission.PodSecurity;
using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Admission;

public sealed class PodSecurityTests(ApiServerFixture server)
{
    private const string Prefix = "pod-security.kubernetes.io/";
    private readonly ApiClient _admin = server.Admin;

    [Fact]
    public async Task Restricted_RefusesInKubernetesWords()
    {
        var ns = await NamespaceAsync("\"pod-security.kubernetes.io/enforce\":\"restricted\"");
        var refused = await _admin.PostAsync($"/api/v1/namespaces/{ns}/pods", """{"metadata":{"name":"a"},"spec":{"hostNetwork":true,"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"h","hostPath":{"path":"/"}}]}}""");
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods \"a\" is forbidden: violates PodSecurity \"restricted:latest\": host namespaces (hostNetwork=true), allowPrivilegeEscalation != false (container \"c\" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container \"c\" must set securityContext.capabilities.drop=[\"ALL\"]), restricted volume types (volume \"h\" uses restricted volume type \"hostPath\"), runAsNonRoot != true (pod or container \"c\" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container \"c\" must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")","reason":"Forbidden","details":{"name":"a","kind":"pods"},"code":403}""", refused.Text);
        var good = """{"metadata":{"name":"b"},"spec":{"securityContext":{"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}},"containers":[{"name":"c","image":"i","securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}}]}}""";
        (await _admin.PostAsync($"/api/v1/namespaces/{ns}/pods", good)).Expect(201);
    }

    [Fact]
    public async Task Workload_IsStoredWithAWarning()
    {
        var ns = await NamespaceAsync("\"pod-security.kubernetes.io/enforce\":\"restricted\"");
        var deployment = (await _admin.PostAsync($"/apis/apps/v1/namespaces/{ns}/deployments", Samples.Deployment("d"))).Expect(201);
        Assert.Equal("299 - \"would violate PodSecurity \\\"restricted:latest\\\": allowPrivilegeEscalation != false (container \\\"c\\\" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container \\\"c\\\" must set securityContext.capabilities.drop=[\\\"ALL\\\"]), runAsNonRoot != true (pod or container \\\"c\\\" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container \\\"c\\\" must set securityContext.seccompProfile.type to \\\"RuntimeDefault\\\" or \\\"Localhost\\\")\"", Assert.Single(deployment.Warnings));
    }

    [Fact]
    public async Task WarnAlone_WarnsAboutPods_AndRefusesNone()
    {
        var ns = await NamespaceAsync("\"pod-security.kubernetes.io/warn\":\"baseline\",\"pod-security.kubernetes.io/warn-version\":\"v1.30\"");
        var pod = (await _admin.PostAsync($"/api/v1/namespaces/{ns}/pods", Samples.Pod("a", "\"hostPID\":true,"))).Expect(201);
        Assert.Equal("299 - \"would violate PodSecurity \\\"baseline:v1.30\\\": host namespaces (hostPID=true)\"", Assert.Single(pod.Warnings));
    }

    [Fact]
    public async Task Namespace_WhoseLevelRises_WarnsAboutThePodsInIt()
    {
        var ns = await NamespaceAsync("");
        foreach (var name in new[] { "a", "b", "c" })
        {
            (await _admin.PostAsync($"/api/v1/namespaces/{ns}/pods", Samples.Pod(name, name == "c" ? "" : "\"hostPID\":true,"))).Expect(201);
        }

        var raised = (await _admin.PatchAsync($"/api/v1/namespaces/{ns}", """{"metadata":{"labels":{"pod-security.kubernetes.io/enforce":"baseline"}}}""")).Expect(200);
        Assert.Equal(
            [$"299 - \"existing pods in namespace \\\"{ns}\\\" violate the new PodSecurity enforce level \\\"baseline:latest\\\"\"", "299 - \"a (and 1 other pod): host namespaces\""],
            raised.Warnings);
        Assert.Empty((await _admin.PatchAsync($"/api/v1/namespaces/{ns}", """{"metadata":{"labels":{"x":"y"}}}""")).Expect(200).Warnings);
    }

    [Theory]
    [InlineData("enforce", "tight", "must be one of privileged, baseline, restricted")]
    [InlineData("audit-version", "v2.0", "must be \"latest\" or \"v1.x\"")]
    public async Task Label_ThatMeansNothing_IsRefused(string label, string value, string why)
    {
        var refused = await _admin.PostAsync("/api/v1/namespaces", $$$"""{"metadata":{"name":"ps-bad","labels":{"{{{Prefix}}}{{{label}}}":"{{{value}}}"} } }""");
        Assert.Equal($"Namespace \"ps-bad\" is invalid: metadata.labels[{Prefix}{label}]: Invalid value: \"{value}\": {why}", refused.Expect(422).Message);
    }

    [Theory]
    [InlineData("""{"hostIPC":true,"hostPID":true}""", "host namespaces (hostPID=true, hostIPC=true)")]
    [InlineData("""{"volumes":[{"name":"a","hostPath":{}},{"name":"b","hostPath":{}}]}""", "hostPath volumes (volumes \"a\", \"b\")")]
    [InlineData("""{"containers":[{"name":"c","securityContext":{"privileged":true}}]}""", "privileged (container \"c\" must not set securityContext.privileged=true)")]
    [InlineData("""{"containers":[{"name":"c","ports":[{"hostPort":80},{"hostPort":81}]},{"name":"d"}]}""", "hostPort (container \"c\" uses hostPorts 80, 81)")]
    [InlineData("""{"containers":[{"name":"c","securityContext":{"capabilities":{"add":["SYS_ADMIN","CHOWN"]}}}]}""", "non-default capabilities (container \"c\" must not include \"SYS_ADMIN\" in securityContext.capabilities.add)")]
    [InlineData("""{"containers":[{"name":"c","securityContext":{"procMount":"Unmasked"}}]}""", "procMount (container \"c\" must not set securityContext.procMount to \"Unmasked\")")]
    [InlineData("""{"securityContext":{"seccompProfile":{"type":"Unconfined"}},"containers":[{"name":"c","securityContext":{"seccompProfile":{"type":"Unconfined"}}}]}""", "seccompProfile (pod and container \"c\" must not set securityContext.seccompProfile.type to \"Unconfined\")")]
    [InlineData("""{"securityContext":{"seLinuxOptions":{"type":"bad","user":"u"}}}""", "seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type \"bad\"; user may not be set)")]
    [InlineData("""{"securityContext":{"sysctls":[{"name":"kernel.msgmax"},{"name":"net.ipv4.tcp_rmem"}]}}""", "forbidden sysctls (kernel.msgmax)")]
    [InlineData("""{"securityContext":{"appArmorProfile":{"type":"Unconfined"}}}""", "forbidden AppArmor profile (pod must not set AppArmor profile type to \"Unconfined\")")]
    [InlineData("""{"securityContext":{"windowsOptions":{"hostProcess":true}}}""", "hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)")]
    public void Baseline_FindsWhatReachesBeyondThePod(string spec, string finding) =>
        Assert.Equal(finding, SecurityEvaluator.Describe(SecurityEvaluator.Evaluate(new SecuritySubject(null, JsonNode.Parse(spec)!.AsObject()), new LevelVersion(SecurityLevel.Baseline, null))));

    [Theory]
    [InlineData(26, "forbidden sysctls (net.ipv4.ip_local_reserved_ports, net.ipv4.tcp_rmem)")]
    [InlineData(27, "forbidden sysctls (net.ipv4.tcp_rmem)")]
    [InlineData(32, "")]
    public void Version_HoldsPodsToWhatTheLevelMeantThen(int minor, string finding)
    {
        var spec = JsonNode.Parse("""{"securityContext":{"sysctls":[{"name":"net.ipv4.ip_local_reserved_ports"},{"name":"net.ipv4.tcp_rmem"}]}}""")!.AsObject();
        Assert.Equal(finding, SecurityEvaluator.Describe(SecurityEvaluator.Evaluate(new SecuritySubject(null, spec), new LevelVersion(SecurityLevel.Baseline, minor))));
    }

    private async Task<string> NamespaceAsync(string labels)
    {
        var created = await _admin.PostAsync("/api/v1/namespaces", $$$"""{"metadata":{"generateName":"ps-","labels":{{{{labels}}}} } }""");
        return created.Expect(201).At("metadata.name")!;
    }
}
