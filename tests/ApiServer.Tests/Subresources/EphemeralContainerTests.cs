using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Subresources;

public sealed class EphemeralContainerTests(ApiServerFixture server)
{
    private readonly ApiClient _admin = server.Admin;

    [Fact]
    public async Task Container_Added_StaysAsItIs()
    {
        var pod = await PodAsync();

        var added = (await _admin.PatchAsync(pod + "/ephemeralcontainers", """{"metadata":{"labels":{"x":"y"}},"spec":{"hostname":"other","ephemeralContainers":[{"name":"debug","image":"tools","targetContainerName":"c"}]}}""", ApiClient.StrategicPatch)).Expect(200);

        Assert.Equal(("debug", "Always", "File"), (added.At("spec.ephemeralContainers.0.name"), added.At("spec.ephemeralContainers.0.imagePullPolicy"), added.At("spec.ephemeralContainers.0.terminationMessagePolicy")));
        Assert.Equal((null, null), (added.At("spec.hostname"), added.At("metadata.labels.x")));
        var changed = (await _admin.PatchAsync(pod + "/ephemeralcontainers", """{"spec":{"ephemeralContainers":[{"name":"debug","image":"other"}]}}""", ApiClient.StrategicPatch)).Expect(422);
        Assert.Contains("existing ephemeral containers \"debug\" may not be changed", changed.Message, StringComparison.Ordinal);
        var removed = (await _admin.PatchAsync(pod + "/ephemeralcontainers", """{"spec":{"ephemeralContainers":null}}""")).Expect(422);
        Assert.Contains("may not be removed", removed.Message, StringComparison.Ordinal);
        Assert.Equal("debug", (await _admin.GetAsync(pod + "/ephemeralcontainers")).Expect(200).At("spec.ephemeralContainers.0.name"));
    }

    [Fact]
    public async Task Container_OnTheMainResource_IsRefused()
    {
        var pod = await PodAsync();

        Assert.Equal(422, (await _admin.PatchAsync(pod, """{"spec":{"ephemeralContainers":[{"name":"debug","image":"tools"}]}}""", ApiClient.StrategicPatch)).Code);
    }

    private async Task<string> PodAsync()
    {
        var pods = $"/api/v1/namespaces/{await _admin.NewNamespaceAsync()}/pods";
        (await _admin.PostAsync(pods, Samples.Pod("p"))).Expect(201);
        return pods + "/p";
    }
}
