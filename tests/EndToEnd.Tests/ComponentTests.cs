using System.Net.Sockets;
using System.Text.Json.Nodes;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests;

/// <summary>Each part of the cloud comes and goes while the others serve; without all of them Kubernetes remains.</summary>
[Collection(RoughCollection.Name)]
public sealed class ComponentTests(CloudFixture fixture) : IAsyncLifetime
{
    private const string Pod = "resident";
    private const string App = "served";

    private static readonly string[] All = ["storage", "metrics", "admission", "users", "dns", "gateway", "desktop", "launchpad"];

    private readonly Cloud _cloud = fixture.Cloud;
    private string _address = "";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>What people have who do not care for components: an app with an address, and a pod with a volume.</summary>
    public async ValueTask InitializeAsync()
    {
        // Whatever the story before has left, which may have ended in its middle.
        foreach (var component in (string[])["launchpad", "dns", "storage", "metrics"])
        {
            if ((await StateAsync(component)).State != "running")
            {
                await SealosAsync("component", "add", component);
            }
        }

        await KubectlAsync(null, "delete", "pod/bare", "service/bare", "--ignore-not-found", "--grace-period=0", "--force");
        if (await KubectlAsync(null, "get", "pod/" + Pod, "--ignore-not-found", "-o", "jsonpath={.status.conditions[?(@.type==\"Ready\")].status}") != "True")
        {
            await KubectlAsync(null, "delete", "pod/" + Pod, "pvc/data", "--ignore-not-found");
            await KubectlAsync(Claim("data"), "apply", "-f", "-");
            await fixture.RunToolsAsync(Pod, "echo precious > /data/file; sleep 100000", ("/data", """{"persistentVolumeClaim":{"claimName":"data"}}"""));
        }

        if ((await _cloud.SealosAsync(["app", "get", App], Ct)).ExitCode != 0)
        {
            await fixture.LaunchAsync(App);
        }

        _address = (string)JsonNode.Parse(await SealosAsync("app", "get", App, "-o", "json"))!["address"]!;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("metrics")]
    [InlineData("storage")]
    [InlineData("dns")]
    [InlineData("users", "desktop", "launchpad")]
    [InlineData("gateway", "desktop", "launchpad")]
    public async Task Removed_OnlyWhatNeedsItStops_AndAddedAgainItWorks(string removed, params string[] withIt)
    {
        var before = await IdentitiesAsync();
        string[] gone = [removed, .. withIt];

        var said = await _cloud.SealosAsync(["component", "remove", removed, "--cascade", "--yes"], Ct);
        Assert.True(said.ExitCode == 0, said.ToString());
        Assert.All(gone, c => Assert.Contains($"Without {c}: ", said.Error, StringComparison.Ordinal));

        await Task.WhenAll(All.Select(c => gone.Contains(c) ? IsGoneAsync(c) : WorksAsync(c)));
        Assert.Equal(before, await IdentitiesAsync());
        Assert.Equal("precious", (await fixture.ExecAsync(Pod, "cat", "/data/file")).Output.Trim());

        await SealosAsync("component", "add", withIt.LastOrDefault() ?? removed);
        await Task.WhenAll(All.Select(WorksAsync));
        Assert.Equal(before, await IdentitiesAsync());
        Assert.Equal(0, (await _cloud.SealosAsync(["status"], Ct)).ExitCode);
    }

    [Fact]
    public async Task AllRemoved_BareKubernetesRemainsWithoutTheirMemory_AlsoAfterACrash()
    {
        var containers = await ContainersAsync();
        var memory = await MemoryAsync("server");
        foreach (var component in (string[])["admission", "gateway", "dns", "storage"])
        {
            await SealosAsync("component", "remove", component, "--cascade", "--yes");
        }

        // The last one is asked for as any client may, and the server dies before or while it is done.
        await KubectlAsync(null, "patch", "component", "metrics", "--type=merge", "-p", """{"spec":{"enabled":false}}""");
        Assert.InRange(await MemoryAsync("server"), 1, memory + (8 << 20));
        await LinuxProcess.KillAsync(await _cloud.PidAsync("server", Ct), Ct);
        await _cloud.UpAsync(Ct).OutputAsync();

        await Task.WhenAll(All.Select(IsGoneAsync));
        var status = JsonNode.Parse(await SealosAsync("status", "-o", "json"))!;
        Assert.Null(status["processes"]!.AsArray().Single(p => (string?)p!["name"] == "edge")!["pid"]);
        Assert.Empty(await KubectlAsync(null, "get", "sc,csidriver,ingressclass,svc", "-n", "kube-system", "-o", "name"));
        Assert.Equal("precious", (await fixture.ExecAsync(Pod, "cat", "/data/file")).Output.Trim());
        Assert.Equal(containers, await ContainersAsync());
        await PodsAndServicesWorkAsync();

        foreach (var component in (string[])["launchpad", "dns", "storage", "metrics"])
        {
            await SealosAsync("component", "add", component);
        }

        await Task.WhenAll(All.Select(WorksAsync));
        Assert.Equal(containers, await ContainersAsync());
    }

    [Fact]
    public async Task WhatOthersNeed_IsNotRemovedAlone_AndOnlyByTheOperator()
    {
        var refused = await _cloud.SealosAsync(["component", "remove", "gateway", "--yes"], Ct);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("gateway is needed by desktop and launchpad", refused.Error, StringComparison.Ordinal);
        Assert.Equal(5, (await _cloud.SealosAsync(["component", "add", "gatway"], Ct)).ExitCode);
        Assert.Equal(2, (await _cloud.SealosAsync(["component", "remove", "metrics"], Ct)).ExitCode);

        // Whoever takes it away by other means finds it running still, and why.
        await KubectlAsync(null, "patch", "component", "gateway", "--type=merge", "-p", """{"spec":{"enabled":false}}""");
        await Eventually.TrueAsync("the reason in the status", async () => (await StateAsync("gateway")).Message.Contains("needed by desktop, launchpad", StringComparison.Ordinal), ct: Ct);
        Assert.Equal("running", (await StateAsync("gateway")).State);
        await SealosAsync("component", "add", "gateway");

        foreach (var verb in (string[])["list", "patch", "delete"])
        {
            var may = await _cloud.KubectlAsync(["auth", "can-i", verb, "components.system.sealos.io", "--as=system:serviceaccount:ns-admin:default"], Ct);
            Assert.Equal("no", may.Output.Trim());
        }
    }

    [Fact]
    public async Task ObjectDeleted_ComesBackAsItWas_AndObjectsStayWhenAsked()
    {
        await SealosAsync("component", "remove", "storage", "--keep-objects", "--yes");
        Assert.Contains("standard", await KubectlAsync(null, "get", "sc", "-o", "name"), StringComparison.Ordinal);

        await KubectlAsync(null, "delete", "component", "storage", "dns");
        await Eventually.TrueAsync("both are there again", async () => (await StateAsync("storage")).State == "removed" && (await StateAsync("dns")).State == "running", ct: Ct);

        await SealosAsync("component", "add", "storage");
        await WorksAsync("storage");
    }

    private async Task WorksAsync(string component)
    {
        await Eventually.TrueAsync($"{component} runs", async () => (await StateAsync(component)).State == "running", ct: Ct);
        await Eventually.TrueAsync($"{component} works", async () => await TryAsync(component) is null, ct: Ct);
    }

    private async Task IsGoneAsync(string component)
    {
        await Eventually.TrueAsync($"{component} is removed", async () => (await StateAsync(component)).State == "removed", ct: Ct);
        var why = await TryAsync(component);
        var expected = component switch
        {
            "metrics" => "Metrics API not available",
            "storage" => "no persistent volumes available for this claim and no storage class is set",
            "dns" => "exit code 1",
            "users" or "gateway" => "refused",
            _ => "",
        };
        Assert.NotNull(why);
        Assert.Contains(expected, why, StringComparison.Ordinal);
    }

    /// <summary>Uses a component as people do; what went wrong, or null.</summary>
    private async Task<string?> TryAsync(string component) => component switch
    {
        "metrics" => Why(await _cloud.KubectlAsync(["top", "nodes"], Ct)),
        "storage" => await TryClaimAsync(),
        "dns" => Why(await fixture.ExecAsync(Pod, "nslookup", "kubernetes.default.svc.cluster.local")),
        "users" => await TrySocketAsync(),
        "gateway" => await TryAddressAsync(_address),
        "desktop" or "launchpad" when await TryAddressAsync($"https://{_cloud.Domain}:{_cloud.HttpsPort}/sign-in") is { } why => why,
        _ => (await StateAsync(component)).State is "running" ? null : "it does not run",
    };

    private static string? Why(CommandResult result) => result.ExitCode == 0 ? null : result.ToString();

    private async Task<string?> TryClaimAsync()
    {
        var name = "try-" + Guid.NewGuid().ToString("N")[..8];
        await KubectlAsync(Claim(name), "apply", "-f", "-");
        try
        {
            return await Eventually.GetAsync("a claim is bound, or told why not", async () =>
                await KubectlAsync(null, "get", "pvc", name, "-o", "jsonpath={.status.phase}") == "Bound" ? "bound"
                : await KubectlAsync(null, "get", "events", "--field-selector", $"involvedObject.name={name},reason=FailedBinding", "-o", "jsonpath={.items[*].message}") is { Length: > 0 } told ? told : null, ct: Ct) is "bound" ? null
                : await KubectlAsync(null, "get", "events", "--field-selector", $"involvedObject.name={name}", "-o", "jsonpath={.items[*].message}");
        }
        finally
        {
            await KubectlAsync(null, "delete", "pvc", name, "--wait=false");
        }
    }

    private async Task<string?> TrySocketAsync()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(_cloud.RunFolder, "services", "api.sock")), Ct);
            return null;
        }
        catch (SocketException e)
        {
            return $"refused: {e.Message}";
        }
    }

    private async Task<string?> TryAddressAsync(string address)
    {
        using var browser = _cloud.OpenBrowser();
        try
        {
            using var answer = await browser.GetAsync(new Uri(address), Ct);
            return answer.IsSuccessStatusCode ? null : answer.StatusCode.ToString();
        }
        catch (HttpRequestException e)
        {
            return $"{e.Message} {e.InnerException?.Message} refused: {(e.InnerException as SocketException)?.SocketErrorCode}";
        }
    }

    private async Task PodsAndServicesWorkAsync()
    {
        await KubectlAsync(null, "run", "bare", "--image", CloudFixture.Hello, "--port", "8080", "--expose", "--grace-period=0");
        await KubectlAsync(null, "wait", "--for=condition=Ready", "pod/bare", "--timeout=30s");
        var address = await KubectlAsync(null, "get", "service", "bare", "-o", "jsonpath={.spec.clusterIP}");
        await Eventually.TrueAsync("the service answers", async () => (await fixture.ExecAsync(Pod, "wget", "-qO-", $"http://{address}:8080/")).ExitCode == 0, ct: Ct);
        await KubectlAsync(null, "delete", "pod/bare", "service/bare", "--grace-period=0", "--force");
    }

    private async Task<(string State, string Message)> StateAsync(string component)
    {
        var found = JsonNode.Parse(await KubectlAsync(null, "get", "component", component, "-o", "json"))!;
        return ((string?)found["status"]?["state"] ?? "", (string?)found["status"]?["message"] ?? "");
    }

    /// <summary>What must not change when a component comes or goes: the server's process and every container.</summary>
    private async Task<string> IdentitiesAsync() => $"{await _cloud.PidAsync("server", Ct)} {await ContainersAsync()}";

    private Task<string> ContainersAsync() =>
        KubectlAsync(null, "get", "pods", "-A", "-o", "jsonpath={range .items[*]}{.metadata.name} {.status.containerStatuses[*].containerID} {end}");

    private async Task<long> MemoryAsync(string process)
    {
        var status = JsonNode.Parse(await SealosAsync("status", "-o", "json"))!;
        return (long)status["processes"]!.AsArray().Single(p => (string?)p!["name"] == process)!["anonymousBytes"]!;
    }

    private static string Claim(string name) =>
        $$$"""{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"{{{name}}}"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"16Mi"} } } }""";

    private Task<string> SealosAsync(params string[] arguments) => _cloud.SealosAsync(arguments, Ct).OutputAsync();

    private Task<string> KubectlAsync(string? input, params string[] arguments) => _cloud.KubectlAsync(["-n", "default", .. arguments], Ct, input).OutputAsync();
}
