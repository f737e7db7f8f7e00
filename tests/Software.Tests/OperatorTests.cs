using Sealos.Testing;
using Sealos.Testing.Software;
using Xunit;

namespace Sealos.Software_Tests;

/// <summary>An operator written with the official JavaScript client: its kind, its two instances, and what it keeps for each Website.</summary>
public sealed class OperatorTests(SoftwareFixture fixture) : SoftwareStory(fixture, "sites", SoftwareImages.Operator, SoftwareImages.Nginx)
{
    [Fact]
    public async Task Operator_WhoseLeaderDies_KeepsWhatWebsitesAskForAndCleansUp()
    {
        await KubectlAsync("apply", "-k", Sample("operator"));
        await RolledOutAsync("deployment/website-operator");
        await ApplyAsync("operator/website.yaml");
        await WaitAsync("website/hello", "jsonpath={.status.readyReplicas}=2");
        Assert.Matches(@"hello +Hello +Ready +2\n", await KubectlAsync("get", "web"));
        Assert.Contains("<title>Hello</title>", await PageAsync(), StringComparison.Ordinal);
        Assert.Equal("Hello", await GetAsync("configmap/directory", ".data.hello"));

        // What somebody takes away comes back.
        await KubectlAsync("delete", "deployment/hello");
        await Eventually.TrueAsync("the deployment is back", async () => (await KubectlAsync("get", "deployment", "hello", "--ignore-not-found", "-o", "name")).Length > 0, Long, Ct);
        await RolledOutAsync("deployment/hello");

        // A killed leader comes back under its name and leads on; when its pod is gone the other takes over.
        var leader = await LeaderAsync("");
        await KillMainProcessAsync(leader, "operator");
        await KubectlAsync("delete", "pod/" + leader, "--grace-period=0", "--force");
        await LeaderAsync(leader);
        await KubectlAsync("scale", "website/hello", "--replicas=1");
        await WaitAsync("website/hello", "jsonpath={.status.readyReplicas}=1");
        await RestartWhileTheServerDiesAsync("deployment/website-operator");
        await KubectlAsync("patch", "website/hello", "--type=merge", "-p", """{"spec":{"title":"Changed"}}""");
        await Eventually.TrueAsync("the page has changed", async () => (await PageAsync()).Contains("<title>Changed</title>", StringComparison.Ordinal), Long, Ct);
        var refused = await Cloud.KubectlAsync(["patch", "website/hello", "-n", "sites", "--type=merge", "-p", """{"spec":{"title":"<script>"}}"""], Ct);
        Assert.Contains("spec.title: Invalid value", refused.Error, StringComparison.Ordinal);

        await KubectlAsync("delete", "website/hello");
        Assert.Equal("", await GetAsync("configmap/directory", ".data.hello"));
        await WaitAsync("deployment/hello", "delete");
        await Eventually.TrueAsync("what it owned is gone", async () => (await KubectlAsync("get", "all,configmap", "-l", "example.com/website=hello", "-o", "name")).Length == 0, Long, Ct);
    }

    private Task<string> PageAsync() => Cloud.KubectlAsync(["get", "--raw", "/api/v1/namespaces/sites/services/hello:http/proxy/"], Ct).OutputAsync();

    private Task<string> LeaderAsync(string notThis) => Eventually.GetAsync("a leader", async () =>
        await GetAsync("lease/website-operator", ".spec.holderIdentity") is { Length: > 0 } holder && holder != notThis ? holder : null, Long, Ct);
}
