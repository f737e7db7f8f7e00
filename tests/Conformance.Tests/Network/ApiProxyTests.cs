using System.Net;
using Sealos.ControllerKit.Client;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Network;

/// <summary>Pods and services through the API server, and how soon services have endpoints.</summary>
public sealed class ApiProxyTests(CloudFixture fixture) : NetworkStory(fixture)
{
    [Fact]
    [Upstream("[sig-network] Proxy version v1 A set of valid responses are returned for both pod and service Proxy [Conformance]")]
    [Upstream("[sig-network] Proxy version v1 A set of valid responses are returned for both pod and service ProxyWithPath [Conformance]")]
    public async Task EveryMethod_ReachesPodAndService_WithAndWithoutAPath()
    {
        await CreateAsync($$$"""{"metadata":{"name":"hello","labels":{"app":"hello"}},"spec":{"terminationGracePeriodSeconds":1,"containers":[{"name":"main","image":"{{{CloudFixture.Hello}}}","ports":[{"containerPort":8080}]}]}}""");
        await ServiceAsync("hello", """{"selector":{"app":"hello"},"ports":[{"port":80,"targetPort":8080}]}""");
        await UntilAsync("hello", "is ready", p => IsTrue(p, "Ready"));
        string[] targets = [$"{Core}/pods/hello:8080/proxy", $"{Core}/services/hello/proxy"];
        await Eventually.TrueAsync("the service is reached", async () => (await Api.GetAsync(targets[1] + "/")).Code == 200, Patience, Ct);
        var config = await KubeConfig.LoadAsync(Cloud.KubeConfigPath, Ct);
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, SslOptions = config.CreateTlsOptions() };
        using var http = new HttpClient(handler) { BaseAddress = config.Server };
        var (asked, i) = (new List<string>(), 0);
        foreach (var target in targets)
        {
            foreach (var method in (string[])["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"])
            {
                var isRead = method is "GET" or "HEAD";
                await AskAsync(http, method, $"{target}/some/path/with/{method}?n={++i}", HttpStatusCode.OK);
                asked.Add($"{method} /some/path/with/{method}?n={i}");

                // Without the slash relative links would lead nowhere, so whoever only reads is sent there.
                await AskAsync(http, method, $"{target}?n={++i}", isRead ? HttpStatusCode.MovedPermanently : HttpStatusCode.OK);
                asked.AddRange(isRead ? [] : [$"{method} /?n={i}"]);
            }
        }

        // What a container says is in its log a moment later.
        List<string> said = [];
        await Eventually.TrueAsync("all is in the log", async () => (said = [.. (await LogAsync("hello")).Split('\n').Where(l => l.Contains("n=", StringComparison.Ordinal))]).Count >= asked.Count, ct: Ct);
        Assert.Equal(asked, said);
    }

    [Fact]
    [Upstream("[sig-network] Proxy version v1 should proxy through a service and a pod [Conformance]")]
    public async Task Ports_OfPodAndService_AreReachedByNameAndNumber_AndOverTls()
    {
        await ServiceAsync("web", """{"selector":{"app":"web"},"ports":[{"name":"first","port":80,"targetPort":"web"},{"name":"second","port":81,"targetPort":8081}]}""");
        await ServeAsync("one");
        await Eventually.TrueAsync("the service is reached", async () => (await Api.GetAsync($"{Core}/services/web:first/proxy/name")).Code == 200, Patience, Ct);
        foreach (var target in (string[])["services/web:first", "services/http:web:first", "services/web:second", "services/http:web:second", "services/web:80", "services/web:81", "pods/one:8080", "pods/http:one:8080", "pods/one:8081", "pods/http:one:8081"])
        {
            Assert.Equal("one", (await Api.GetAsync($"{Core}/{target}/proxy/name")).Expect(200).Text.Trim());
        }

        Assert.Contains("v1.32", (await Api.GetAsync("/api/v1/namespaces/default/services/https:kubernetes:https/proxy/version")).Expect(200).Text, StringComparison.Ordinal);
        Assert.Equal(503, (await Api.GetAsync($"{Core}/services/web:third/proxy/")).Code);
        Assert.Equal(404, (await Api.GetAsync($"{Core}/pods/nobody/proxy/")).Code);
    }

    [Fact]
    [Upstream("[sig-network] Service endpoints latency should not be very high [Conformance]")]
    public async Task Endpoints_OfNewServices_AreThereSoon()
    {
        await ServeAsync("one");
        var ip = (await PodAsync("one")).At("status.podIP")!;
        for (var i = 0; i < 20; i++)
        {
            await ServiceAsync($"s{i}", """{"selector":{"app":"web"},"ports":[{"port":80,"targetPort":8080}]}""");
        }

        // Kubernetes lets one in a hundred take fifty seconds.
        await Eventually.TrueAsync(
            "each service has its endpoint",
            async () => (await Api.GetAsync($"{Core}/endpoints")).Json["items"]!.AsArray().Count(e => (string?)e!["subsets"]?[0]?["addresses"]?[0]?["ip"] == ip) == 20,
            TimeSpan.FromSeconds(20),
            Ct);
    }

    private static async Task AskAsync(HttpClient http, string method, string path, HttpStatusCode code)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var answer = await http.SendAsync(request, Ct);
        Assert.True(answer.StatusCode == code, $"{method} {path}: {answer.StatusCode}");
        if (code == HttpStatusCode.OK && method != "HEAD")
        {
            Assert.StartsWith("Hello from hello", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        }
    }
}
