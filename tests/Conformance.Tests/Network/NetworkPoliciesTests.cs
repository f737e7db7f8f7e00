using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Network;

/// <summary>Policies on pods that run; every form of them is tried in the tests of the network's own room.</summary>
public sealed class NetworkPoliciesTests(CloudFixture fixture) : NetworkStory(fixture)
{
    private string Policies => $"/apis/networking.k8s.io/v1/namespaces/{Namespace}/networkpolicies";

    [Fact]
    public async Task Policy_IsInForceForPods_ByServiceAndAddress_AndNotForTheNode()
    {
        await ServiceAsync("web", """{"selector":{"app":"web"},"ports":[{"port":80,"targetPort":8080}]}""");
        await ServeAsync("one");
        await UntilAnswersAsync("http://web/name", "one");
        (await Api.PostAsync(Policies, """{"metadata":{"name":"deny"},"spec":{"podSelector":{}}}""")).Expect(201);
        await UntilAnswersAsync("http://web/name", "");
        var pod = (await PodAsync("one")).At("status.podIP")!;
        Assert.Equal("", await AskAsync($"http://{pod}:{ServerPort}/name"));
        Assert.Equal("one", await AskFromNodeAsync(pod, ServerPort));

        (await Api.PostAsync(Policies, """{"metadata":{"name":"allow"},"spec":{"podSelector":{"matchLabels":{"app":"web"}},"ingress":[{"from":[{"podSelector":{"matchLabels":{"app":"client"}}}],"ports":[{"port":"web"}]}]}}""")).Expect(201);
        await UntilAnswersAsync("http://web/name", "one");
        Assert.Equal("", await AskAsync($"http://{pod}:8081/name"));
        Assert.Contains("app=web", await Cloud.KubectlAsync(["get", "networkpolicies", "-n", Namespace], Ct).OutputAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pod_ThatIsSelected_NeverRunsUnprotected()
    {
        const string Script = "nc -w 2 10.209.0.1 443 </dev/null 2>/dev/null && echo reached || echo stopped";
        (await Api.PostAsync(Policies, """{"metadata":{"name":"deny"},"spec":{"podSelector":{"matchLabels":{"kept":"in"}},"policyTypes":["Egress"]}}""")).Expect(201);
        await StartAsync(new Node.ShellPod("kept", Script) { Metadata = ""","labels":{"kept":"in"}""" }, new Node.ShellPod("free", Script));
        Assert.Equal("stopped", (await OutputAsync("kept")).Trim());
        Assert.Equal("reached", (await OutputAsync("free")).Trim());
    }
}
