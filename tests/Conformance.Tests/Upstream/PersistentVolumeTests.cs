using System.Text.Json.Nodes;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Upstream;

/// <summary>Volumes, claims and classes of storage live as other objects do, and count against quotas.</summary>
public sealed class PersistentVolumeTests(CloudFixture fixture) : UpstreamStory(fixture)
{
    private const string Volumes = "/api/v1/persistentvolumes";
    private const string Classes = "/apis/storage.k8s.io/v1/storageclasses";

    private string Claims => $"{Core}/persistentvolumeclaims";

    private string Volume => $"{Namespace}-v";

    [Fact]
    [Upstream("[sig-storage] PersistentVolumes CSI Conformance should run through the lifecycle of a PV and a PVC [Conformance]")]
    public async Task VolumeAndClaim_AreListedPatchedUpdatedAndDeletedOneByOneAndTogether()
    {
        await CreatePairAsync();
        Assert.Equal(Volume, (await Api.GetAsync($"{Volumes}?labelSelector=e2e={Namespace}")).Expect(200).At("items.0.metadata.name"));
        Assert.Single((await Api.GetAsync(Claims)).Json["items"]!.AsArray());
        Assert.Equal("patched", (await Api.PatchAsync($"{Volumes}/{Volume}", """{"metadata":{"labels":{"is":"patched"}}}""")).Expect(200).At("metadata.labels.is"));
        Assert.Equal("patched", (await Api.PatchAsync($"{Claims}/c", """{"metadata":{"labels":{"is":"patched"}}}""")).Expect(200).At("metadata.labels.is"));
        (await Api.DeleteAsync($"{Claims}/c")).Expect(200);
        await GoneAsync($"{Claims}/c");
        (await Api.DeleteAsync($"{Volumes}/{Volume}")).Expect(200);
        await GoneAsync($"{Volumes}/{Volume}");

        await CreatePairAsync();
        await UpdateAsync($"{Volumes}/{Volume}");
        await UpdateAsync($"{Claims}/c");
        Assert.Single((await Api.GetAsync($"/api/v1/persistentvolumeclaims?labelSelector=is={Namespace}")).Json["items"]!.AsArray());
        (await Api.DeleteAsync($"{Claims}?labelSelector=is={Namespace}")).Expect(200);
        await GoneAsync($"{Claims}/c");
        (await Api.DeleteAsync($"{Volumes}?labelSelector=is={Namespace}")).Expect(200);
        await GoneAsync($"{Volumes}/{Volume}");
    }

    [Fact]
    [Upstream("[sig-storage] PersistentVolumes CSI Conformance should apply changes to a pv/pvc status [Conformance]")]
    public async Task VolumeAndClaim_TakeChangesOfTheirStatusByItsOwnPath()
    {
        await CreatePairAsync();
        Assert.Contains((await Api.GetAsync($"{Claims}/c/status")).At("status.phase"), (string[])["Pending", "Bound"]);
        Assert.Contains((await Api.GetAsync($"{Volumes}/{Volume}/status")).At("status.phase"), (string[])["Pending", "Available", "Bound"]);
        var patched = await Api.PatchAsync($"{Claims}/c/status", """{"status":{"conditions":[{"type":"StatusPatched","status":"True","reason":"E2E patchedStatus","message":"Set from e2e test"}]}}""");
        Assert.Equal("StatusPatched", patched.Expect(200).At("status.conditions.0.type"));
        Assert.Equal("E2E patchStatus", (await Api.PatchAsync($"{Volumes}/{Volume}/status", """{"status":{"message":"StatusPatched","reason":"E2E patchStatus"}}""")).Expect(200).At("status.reason"));

        await Eventually.TrueAsync("the claim's status is updated", async () =>
        {
            var claim = (await Api.GetAsync($"{Claims}/c")).Json;
            claim["status"]!["conditions"]!.AsArray().Add(new JsonObject { ["type"] = "StatusUpdated", ["status"] = "True" });
            return (await Api.PutAsync($"{Claims}/c/status", claim.ToJsonString())) is { Code: 200 } answer && answer.At("status.conditions.1.type") == "StatusUpdated";
        }, ct: Ct);
        await Eventually.TrueAsync("the volume's status is updated", async () =>
        {
            var volume = (await Api.GetAsync($"{Volumes}/{Volume}")).Json;
            volume["status"]!["reason"] = "E2E updateStatus";
            return (await Api.PutAsync($"{Volumes}/{Volume}/status", volume.ToJsonString())) is { Code: 200 } answer && answer.At("status.reason") == "E2E updateStatus";
        }, ct: Ct);
        await Api.DeleteAsync($"{Claims}/c");
        await GoneAsync($"{Claims}/c");
        await Api.DeleteAsync($"{Volumes}/{Volume}");
        await GoneAsync($"{Volumes}/{Volume}");
    }

    [Fact]
    [Upstream("[sig-storage] StorageClasses CSI Conformance should run through the lifecycle of a StorageClass [Conformance]")]
    public async Task Class_IsReadPatchedUpdatedAndDeletedAloneAndTogether()
    {
        var body = $$"""{"metadata":{"name":"{{Namespace}}","labels":{"e2e":"{{Namespace}}"} },"provisioner":"e2e-fake-provisioner","reclaimPolicy":"Delete","volumeBindingMode":"Immediate"}""";
        var created = (await Api.PostAsync(Classes, body)).Expect(201);
        Assert.Equal(("Delete", "Immediate"), (created.At("reclaimPolicy"), created.At("volumeBindingMode")));
        Assert.Equal("patched", (await Api.PatchAsync($"{Classes}/{Namespace}", """{"metadata":{"labels":{"is":"patched"}}}""")).Expect(200).At("metadata.labels.is"));
        Assert.Equal("patched", (await Api.GetAsync($"{Classes}/{Namespace}")).Expect(200).At("metadata.labels.is"));
        await UpdateAsync($"{Classes}/{Namespace}");
        Assert.Single((await Api.GetAsync($"{Classes}?labelSelector=is={Namespace}")).Json["items"]!.AsArray());
        (await Api.DeleteAsync($"{Classes}/{Namespace}")).Expect(200);
        Assert.Equal(404, (await Api.GetAsync($"{Classes}/{Namespace}")).Code);

        (await Api.PostAsync(Classes, body)).Expect(201);
        (await Api.DeleteAsync($"{Classes}?labelSelector=e2e={Namespace}")).Expect(200);
        Assert.Equal(404, (await Api.GetAsync($"{Classes}/{Namespace}")).Code);
    }

    [Fact]
    [Upstream("[sig-storage] CSIInlineVolumes should support CSIVolumeSource in Pod API [Conformance]")]
    public async Task Pod_WithAnInlineVolumeOfADriver_IsKeptAndSaysWhichDriverIsMissing()
    {
        (await Api.PostAsync($"{Core}/pods", """{"metadata":{"name":"p","labels":{"is":"inline"}},"spec":{"terminationGracePeriodSeconds":0,"containers":[{"name":"c","image":"sealos.hub/library/pause:1","volumeMounts":[{"name":"v","mountPath":"/v"}]}],"volumes":[{"name":"v","csi":{"driver":"e2e.example.com"}}]}}""")).Expect(201);
        Assert.Equal("e2e.example.com", (await Api.GetAsync($"{Core}/pods?labelSelector=is=inline")).At("items.0.spec.volumes.0.csi.driver"));
        Assert.Equal("patched", (await Api.PatchAsync($"{Core}/pods/p", """{"metadata":{"labels":{"is":"patched"}}}""")).Expect(200).At("metadata.labels.is"));
        await Eventually.TrueAsync("the node says what is missing", async () =>
            (await Api.GetAsync($"{Core}/events")).Text.Contains("driver name e2e.example.com not found in the list of registered CSI drivers", StringComparison.Ordinal), ct: Ct);
        (await Api.DeleteAsync($"{Core}/pods/p")).Expect(200);
        await GoneAsync($"{Core}/pods/p");
    }

    [Theory]
    [InlineData("")]
    [InlineData("gold")]
    public async Task Quota_FollowsClaims(string storageClass)
    {
        var (count, size) = storageClass.Length == 0 ? ("persistentvolumeclaims", "requests.storage") : ($"{storageClass}.storageclass.storage.k8s.io/persistentvolumeclaims", $"{storageClass}.storageclass.storage.k8s.io/requests.storage");
        (await Api.PostAsync($"{Core}/resourcequotas", $$"""{"metadata":{"name":"q"},"spec":{"hard":{"{{count}}":"1","{{size}}":"1Gi"} } }""")).Expect(201);
        await UsedAsync(count, "0");

        (await Api.PostAsync(Claims, Claim("c", storageClass))).Expect(201);
        await UsedAsync(count, "1");
        await UsedAsync(size, "1Gi");
        Assert.Equal(403, (await Api.PostAsync(Claims, Claim("d", storageClass))).Code);

        await Api.DeleteAsync($"{Claims}/c");
        await UsedAsync(count, "0");
        await UsedAsync(size, "0");
    }

    private static string Claim(string name, string storageClass) =>
        $$"""{"metadata":{"name":"{{name}}"},"spec":{"storageClassName":"{{storageClass}}","accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"} } } }""";

    private Task UsedAsync(string name, string amount) =>
        Eventually.TrueAsync($"{amount} of {name} is used", async () => (string?)(await Api.GetAsync($"{Core}/resourcequotas/q")).Json["status"]?["used"]?[name] == amount, ct: Ct);

    private async Task CreatePairAsync()
    {
        (await Api.PostAsync(Volumes, $$$"""
            {"metadata":{"name":"{{{Volume}}}","labels":{"e2e":"{{{Namespace}}}"} },"spec":{"capacity":{"storage":"2Gi"},"accessModes":["ReadWriteOnce"],"persistentVolumeReclaimPolicy":"Retain","storageClassName":"{{{Namespace}}}",
             "csi":{"driver":"e2e.example.com","volumeHandle":"{{{Namespace}}}"} } }
            """)).Expect(201);
        (await Api.PostAsync(Claims, Claim("c", Namespace))).Expect(201);
    }

    private Task UpdateAsync(string path) => Eventually.TrueAsync($"{path} is updated", async () =>
    {
        var read = (await Api.GetAsync(path)).Json;
        (read["metadata"]!["labels"] ??= new JsonObject())["is"] = Namespace;
        return (await Api.PutAsync(path, read.ToJsonString())).Code == 200;
    }, ct: Ct);
}
