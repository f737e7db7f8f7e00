using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests;

/// <summary>A person brings an image as a file; what runs from it finds other apps by name.</summary>
[Collection(CloudCollection.Name)]
public sealed class ImageAndServiceTests(CloudFixture fixture)
{
    private readonly Cloud _cloud = fixture.Cloud;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("docker", "tools:docker", "docker.io/library/tools:docker")]
    [InlineData("oci", "registry.test/team/tools:oci", "registry.test/team/tools:oci")]
    public async Task ImageArchive_Loaded_RunsAsAnApp(string form, string name, string reference)
    {
        var file = Path.GetTempFileName();
        await (form == "docker" ? ToolsImage.WriteDockerArchiveAsync(file, name, Ct) : ToolsImage.WriteOciArchiveAsync(file, name, Ct));

        var loaded = await _cloud.SealosAsync(["image", "load", file], Ct).OutputAsync();

        File.Delete(file);
        Assert.Equal(reference, loaded.Trim());
        Assert.Contains(reference, await _cloud.SealosAsync(["image", "list"], Ct).OutputAsync(), StringComparison.Ordinal);
        await _cloud.SealosAsync(["app", "create", "from-" + form, "--image", name, "--wait"], Ct).OutputAsync();
        await fixture.DeleteAsync("from-" + form);
    }

    [Fact]
    public async Task NotAnArchive_IsRefused()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "no archive at all", Ct);

        var load = await _cloud.SealosAsync(["image", "load", file], Ct);

        File.Delete(file);
        Assert.Equal(1, load.ExitCode);
        Assert.Contains("not an image archive", load.Error, StringComparison.Ordinal);
        Assert.Equal(5, (await _cloud.SealosAsync(["image", "load", file], Ct)).ExitCode);
    }

    [Fact]
    public async Task Names_InAPod_LeadToServices()
    {
        await _cloud.KubectlAsync(["create", "deployment", "web", "--image", CloudFixture.Hello, "--replicas", "2", "-n", "default"], Ct).OutputAsync();
        await _cloud.KubectlAsync(["expose", "deployment", "web", "--port", "80", "--target-port", "8080", "-n", "default"], Ct).OutputAsync();
        await fixture.RunToolsAsync("caller", "sleep 1000000");
        await _cloud.KubectlAsync(["rollout", "status", "deployment/web", "-n", "default", "--timeout=30s"], Ct).OutputAsync();
        var address = await _cloud.KubectlAsync(["get", "service", "web", "-n", "default", "-o", "jsonpath={.spec.clusterIP}"], Ct).OutputAsync();

        Assert.Contains("10.209.0.1", await fixture.ExecAsync("caller", "nslookup", "kubernetes.default.svc.cluster.local").OutputAsync(), StringComparison.Ordinal);
        Assert.Contains(address, await fixture.ExecAsync("caller", "nslookup", "web.default.svc.cluster.local").OutputAsync(), StringComparison.Ordinal);
        foreach (var host in (string[])[address, "web", "web.default", "web.default.svc.cluster.local"])
        {
            Assert.Contains("Hello from web-", await fixture.ExecAsync("caller", "wget", "-q", "-O", "-", $"http://{host}/").OutputAsync(), StringComparison.Ordinal);
        }

        // What answers there wants TLS; that it is reached by its short name is enough.
        Assert.Contains("10.209.0.1:443", (await fixture.ExecAsync("caller", "wget", "-O", "-", "http://kubernetes.default:443/")).Error, StringComparison.Ordinal);
        await _cloud.KubectlAsync(["delete", "-n", "default", "pod/caller", "deployment/web", "service/web"], Ct).OutputAsync();
    }
}
