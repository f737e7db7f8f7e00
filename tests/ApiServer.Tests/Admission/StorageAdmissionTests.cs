using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Admission;

/// <summary>Rules about claims, volumes and their classes, on a server of their own: a default class is everybody's.</summary>
public sealed class StorageAdmissionTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    private const string Classes = "/apis/storage.k8s.io/v1/storageclasses";
    private readonly ApiClient _admin = server.Admin;

    [Fact]
    public async Task Claim_WithoutAClass_GetsTheNewestDefault()
    {
        await ClassAsync("fast", "\"annotations\":{\"storageclass.kubernetes.io/is-default-class\":\"true\"}", "true");
        var path = await PathAsync();

        Assert.Equal("fast", (await _admin.PostAsync(path, Claim("a"))).Expect(201).At("spec.storageClassName"));
        Assert.Equal("", (await _admin.PostAsync(path, Claim("b", "\"storageClassName\":\"\","))).Expect(201).At("spec.storageClassName"));
        Assert.Equal("slow", (await _admin.PostAsync(path, Claim("c", "\"storageClassName\":\"slow\","))).Expect(201).At("spec.storageClassName"));
        (await _admin.DeleteAsync($"{Classes}/fast")).Expect(200);
        Assert.Null((await _admin.PostAsync(path, Claim("d"))).Expect(201).At("spec.storageClassName"));
    }

    [Fact]
    public async Task ClaimsAndVolumes_AreBornPendingAndProtected()
    {
        var claim = (await _admin.PostAsync(await PathAsync(), Claim("a", "\"dataSource\":{\"kind\":\"PersistentVolumeClaim\",\"name\":\"b\"},"))).Expect(201);
        Assert.Equal(("kubernetes.io/pvc-protection", "Pending", "b", "Filesystem"), (claim.At("metadata.finalizers.0"), claim.At("status.phase"), claim.At("spec.dataSourceRef.name"), claim.At("spec.volumeMode")));

        var volume = (await _admin.PostAsync("/api/v1/persistentvolumes", """{"metadata":{"name":"born"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/tmp/v"}}}""")).Expect(201);
        Assert.Equal(("kubernetes.io/pv-protection", "Pending", "Retain"), (volume.At("metadata.finalizers.0"), volume.At("status.phase"), volume.At("spec.persistentVolumeReclaimPolicy")));
        Assert.NotNull(volume.At("status.lastPhaseTransitionTime"));

        // A claim that is deleted is answered with, and stays until it is let go.
        var deleted = (await _admin.DeleteAsync("/api/v1/persistentvolumes/born")).Expect(200);
        Assert.NotNull(deleted.At("metadata.deletionTimestamp"));
    }

    [Fact]
    public async Task Claim_ThatGrows_NeedsToBeBoundToAClassThatAllowsIt()
    {
        await ClassAsync("growing", "\"labels\":{}", "true");
        await ClassAsync("fixed", "\"labels\":{}", "false");
        var path = await PathAsync();
        (await _admin.PostAsync(path, Claim("a", "\"storageClassName\":\"growing\","))).Expect(201);
        (await _admin.PostAsync(path, Claim("b", "\"storageClassName\":\"fixed\","))).Expect(201);
        const string More = """{"spec":{"resources":{"requests":{"storage":"2Gi"}}}}""";
        Assert.Equal(422, (await _admin.PatchAsync(path + "/a", More)).Code);

        foreach (var name in (string[])["a", "b"])
        {
            (await _admin.PatchAsync($"{path}/{name}/status", """{"status":{"phase":"Bound"}}""")).Expect(200);
        }

        Assert.Equal("2Gi", (await _admin.PatchAsync(path + "/a", More)).Expect(200).At("spec.resources.requests.storage"));
        var refused = await _admin.PatchAsync(path + "/b", More);
        Assert.Equal(403, refused.Code);
        Assert.Equal("persistentvolumeclaims \"b\" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize", refused.Message);
        Assert.Equal(422, (await _admin.PatchAsync(path + "/a", """{"spec":{"resources":{"requests":{"storage":"1Gi"}}}}""")).Code);
    }

    [Fact]
    public async Task Claims_BeyondTheQuotaOfTheirClass_AreRefused()
    {
        var path = await PathAsync();
        var quotas = path.Replace("persistentvolumeclaims", "resourcequotas", StringComparison.Ordinal);
        (await _admin.PostAsync(quotas, """{"metadata":{"name":"q"},"spec":{"hard":{"gold.storageclass.storage.k8s.io/requests.storage":"1Gi","persistentvolumeclaims":"3"}}}""")).Expect(201);
        (await _admin.PostAsync(path, Claim("a", "\"storageClassName\":\"gold\","))).Expect(201);

        var refused = await _admin.PostAsync(path, Claim("b", "\"storageClassName\":\"gold\","));
        Assert.Equal(403, refused.Code);
        Assert.Contains("exceeded quota: q, requested: gold.storageclass.storage.k8s.io/requests.storage=1Gi, used: gold.storageclass.storage.k8s.io/requests.storage=1Gi, limited: gold.storageclass.storage.k8s.io/requests.storage=1Gi", refused.Message, StringComparison.Ordinal);
        (await _admin.PostAsync(path, Claim("c", "\"storageClassName\":\"iron\","))).Expect(201);
    }

    private static string Claim(string name, string more = "") =>
        $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{{{{more}}}"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"} } } }""";

    private async Task ClassAsync(string name, string metadata, string grows) =>
        (await _admin.PostAsync(Classes, $$$"""{"metadata":{"name":"{{{name}}}",{{{metadata}}}},"provisioner":"test.sealos.io","allowVolumeExpansion":{{{grows}}}}""")).Expect(201);

    private async Task<string> PathAsync() => $"/api/v1/namespaces/{await _admin.NewNamespaceAsync()}/persistentvolumeclaims";
}
