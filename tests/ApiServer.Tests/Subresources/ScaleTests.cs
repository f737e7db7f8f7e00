using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Subresources;

public sealed class ScaleTests(ApiServerFixture server)
{
    private readonly ApiClient _admin = server.Admin;

    [Fact]
    public async Task Get_ShowsReplicasAndSelector()
    {
        var path = await NewDeploymentAsync();
        var scale = (await _admin.GetAsync(path + "/scale")).Expect(200);
        Assert.Equal("autoscaling/v1", scale.At("apiVersion"));
        Assert.Equal("1", scale.At("spec.replicas"));
        Assert.Equal("app=x", scale.At("status.selector"));
        Assert.Equal((await _admin.GetAsync(path)).At("metadata.resourceVersion"), scale.At("metadata.resourceVersion"));
    }

    [Fact]
    public async Task MergePatch_ChangesTheMainObject()
    {
        var path = await NewDeploymentAsync();
        Assert.Equal("4", (await _admin.PatchAsync(path + "/scale", """{"spec":{"replicas":4}}""")).Expect(200).At("spec.replicas"));
        var main = await _admin.GetAsync(path);
        Assert.Equal("4", main.At("spec.replicas"));
        Assert.Equal("2", main.At("metadata.generation"));
    }

    [Fact]
    public async Task Put_WithOldRevision_Conflicts()
    {
        var path = await NewDeploymentAsync();
        var answer = await _admin.PutAsync(path + "/scale", """{"metadata":{"name":"web","resourceVersion":"1"},"spec":{"replicas":2}}""");
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Operation cannot be fulfilled on deployments.apps \"web\": the object has been modified; please apply your changes to the latest version and try again","reason":"Conflict","details":{"name":"web","group":"apps","kind":"deployments"},"code":409}""", answer.Text);
    }

    [Fact]
    public async Task Negative_IsInvalid() =>
        Assert.Equal(422, (await _admin.PatchAsync(await NewDeploymentAsync() + "/scale", """{"spec":{"replicas":-1}}""")).Code);

    [Fact]
    public async Task StatefulSet_IsScaledLikeADeployment()
    {
        var path = $"/apis/apps/v1/namespaces/{await _admin.NewNamespaceAsync()}/statefulsets";
        (await _admin.PostAsync(path, """{"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"db"},"spec":{"serviceName":"db","selector":{"matchLabels":{"app":"db"}},"template":{"metadata":{"labels":{"app":"db"}},"spec":{"containers":[{"name":"main","image":"db"}]}}}}""")).Expect(201);
        Assert.Equal("3", (await _admin.PatchAsync(path + "/db/scale", """{"spec":{"replicas":3}}""")).Expect(200).At("spec.replicas"));
        var main = (await _admin.GetAsync(path + "/db")).Expect(200);
        Assert.Equal("3", main.At("spec.replicas"));
        Assert.Equal("2", main.At("metadata.generation"));
        Assert.Equal("OrderedReady", main.At("spec.podManagementPolicy"));
    }

    [Fact]
    public async Task Apply_ChangesTheMainObjectAndItsGeneration()
    {
        var path = await NewDeploymentAsync();
        (await _admin.PatchAsync(path + "/scale?fieldManager=scaler&force=true", "{apiVersion: autoscaling/v1, kind: Scale, metadata: {name: web}, spec: {replicas: 4}}", ApiClient.ApplyPatch)).Expect(200);
        var main = await _admin.GetAsync(path);
        Assert.Equal("4", main.At("spec.replicas"));
        Assert.Equal("2", main.At("metadata.generation"));
    }

    private async Task<string> NewDeploymentAsync()
    {
        var ns = await _admin.NewNamespaceAsync();
        (await _admin.PostAsync($"/apis/apps/v1/namespaces/{ns}/deployments", Samples.Deployment("web"))).Expect(201);
        return $"/apis/apps/v1/namespaces/{ns}/deployments/web";
    }
}
