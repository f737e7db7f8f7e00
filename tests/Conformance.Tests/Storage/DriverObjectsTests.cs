using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.Support;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Storage;

/// <summary>The objects by which storage drivers and those who attach and schedule for them speak with each other.</summary>
public sealed class DriverObjectsTests(CloudFixture fixture) : UpstreamStory(fixture)
{
    private const string Group = "/apis/storage.k8s.io/v1";

    [Theory]
    [InlineData("csidrivers", """{"volumeLifecycleModes":["Ephemeral"],"fsGroupPolicy":"ReadWriteOnceWithFSType"}""", "Ephemeral")]
    [InlineData("csinodes", """{"drivers":[]}""", null)]
    [InlineData("volumeattachments", """{"attacher":"e2e-test.example.com","nodeName":"nowhere","source":{"persistentVolumeName":"none"}}""", null)]
    [Upstream("[sig-storage] CSIInlineVolumes should run through the lifecycle of a CSIDriver [Conformance]")]
    [Upstream("[sig-storage] CSINodes CSI Conformance should run through the lifecycle of a csinode [Conformance]")]
    [Upstream("[sig-storage] VolumeAttachment Conformance should run through the lifecycle of a VolumeAttachment [Conformance]")]
    public async Task Object_IsReadPatchedUpdatedAndDeletedAloneAndTogether(string plural, string spec, string? mode)
    {
        var path = $"{Group}/{plural}";
        foreach (var name in (string[])["a", "b", "c"])
        {
            DeleteAfterwards($"{path}/{Namespace}-{name}");
            (await Api.PostAsync(path, $$$"""{"metadata":{"name":"{{{Namespace}}}-{{{name}}}","labels":{"e2e":"{{{Namespace}}}"}},"spec":{{{spec}}}}""")).Expect(201);
        }

        Assert.Equal(409, (await Api.PostAsync(path, $$$"""{"metadata":{"name":"{{{Namespace}}}-a"},"spec":{{{spec}}}}""")).Code);
        var read = (await Api.GetAsync($"{path}/{Namespace}-a")).Expect(200);
        Assert.Equal(($"{Namespace}-a", mode), (read.At("metadata.name"), plural == "csidrivers" ? read.At("spec.volumeLifecycleModes.0") : null));
        Assert.Equal("patched", (await Api.PatchAsync($"{path}/{Namespace}-a", $$$"""{"metadata":{"labels":{"is":"patched-{{{Namespace}}}"} } }""")).Expect(200).At("metadata.labels.is")![..7]);
        Assert.Equal([$"{Namespace}-a"], await NamesAsync($"{path}?labelSelector=is=patched-{Namespace}"));

        await UpdateLabelAsync($"{path}/{Namespace}-b");
        Assert.Equal([$"{Namespace}-b"], await NamesAsync($"{path}?labelSelector=is=updated-{Namespace}"));
        (await Api.DeleteAsync($"{path}/{Namespace}-a")).Expect(200);
        await GoneAsync($"{path}/{Namespace}-a");
        await UpdateLabelAsync($"{path}/{Namespace}-c");
        (await Api.DeleteAsync($"{path}?labelSelector=is=updated-{Namespace}")).Expect(200);
        Assert.Empty(await NamesAsync($"{path}?labelSelector=e2e={Namespace}"));
    }

    [Fact]
    [Upstream("[sig-storage] VolumeAttachment Conformance should apply changes to a volumeattachment status [Conformance]")]
    public async Task Attachment_SaysWhetherItIsAttached_ByThePathOfItsStatus()
    {
        var path = $"{Group}/volumeattachments/{Namespace}";
        DeleteAfterwards(path);
        (await Api.PostAsync($"{Group}/volumeattachments", $$$"""{"metadata":{"name":"{{{Namespace}}}"},"spec":{"attacher":"e2e-test.example.com","nodeName":"nowhere","source":{"persistentVolumeName":"none"}},"status":{"attached":false}}""")).Expect(201);
        Assert.Equal("false", (await Api.GetAsync($"{path}/status")).Expect(200).At("status.attached"));

        Assert.Equal("true", (await Api.PatchAsync($"{path}/status", """{"status":{"attached":true}}""")).Expect(200).At("status.attached"));
        var read = (await Api.GetAsync(path)).Json;
        Assert.True((bool)read["status"]!["attached"]!);
        read["status"]!["attached"] = false;
        Assert.Equal("false", (await Api.PutAsync($"{path}/status", read.ToJsonString())).Expect(200).At("status.attached"));
        (await Api.DeleteAsync(path)).Expect(200);
        await GoneAsync(path);
    }

    [Fact]
    [Upstream("[sig-storage] CSIStorageCapacity should support CSIStorageCapacities API operations [Conformance]")]
    public async Task Capacity_IsDiscovered_Watched_ListedInItsNamespaceAndBeyond_AndDeletedAloneAndTogether()
    {
        Assert.Contains((await Api.GetAsync("/apis")).Json["groups"]!.AsArray(), g => (string?)g!["name"] == "storage.k8s.io");
        Assert.Contains((await Api.GetAsync("/apis/storage.k8s.io")).Json["versions"]!.AsArray(), v => (string?)v!["version"] == "v1");
        Assert.Contains((await Api.GetAsync(Group)).Json["resources"]!.AsArray(), r => (string?)r!["name"] == "csistoragecapacities");

        var path = $"{Group}/namespaces/{Namespace}/csistoragecapacities";
        var first = await CreateCapacityAsync(path, "a");
        Assert.Equal(409, (await Api.PostAsync(path, CapacityBody("a"))).Code);
        await CreateCapacityAsync(path, "b");
        await CreateCapacityAsync(path, "c");
        Assert.Equal(first.At("metadata.uid"), (await Api.GetAsync($"{path}/a")).At("metadata.uid"));
        Assert.Equal(["a", "b", "c"], await NamesAsync($"{path}?labelSelector=e2e={Namespace}"));
        Assert.Equal(["a", "b", "c"], await NamesAsync($"{Group}/csistoragecapacities?labelSelector=e2e={Namespace}"));

        var patched = (await Api.PatchAsync($"{path}/a", """{"metadata":{"annotations":{"patched":"true"}}}""")).Expect(200).Json;
        patched["metadata"]!["annotations"]!["updated"] = "true";
        Assert.Equal("true", (await Api.PutAsync($"{path}/a", patched.ToJsonString())).Expect(200).At("metadata.annotations.updated"));
        (await Api.DeleteAsync($"{path}/a")).Expect(200);
        Assert.Equal(["b", "c"], await NamesAsync(path));
        (await Api.DeleteAsync($"{path}?labelSelector=e2e={Namespace}")).Expect(200);
        Assert.Empty(await NamesAsync(path));

        var version = first.At("metadata.resourceVersion");
        string[] seen = ["ADDED b", "ADDED c", "MODIFIED a", "MODIFIED a", "DELETED a"];
        foreach (var watched in (string[])[path, $"{Group}/csistoragecapacities"])
        {
            Assert.Equal(seen, await Api.CollectAsync($"{watched}?watch=true&labelSelector=e2e={Namespace}&resourceVersion={version}", seen.Length));
        }
    }

    private async Task<ApiAnswer> CreateCapacityAsync(string path, string name) => (await Api.PostAsync(path, CapacityBody(name))).Expect(201);

    private string CapacityBody(string name) => $$$"""{"metadata":{"name":"{{{name}}}","labels":{"e2e":"{{{Namespace}}}"}},"storageClassName":"none","capacity":"1Gi"}""";

    private async Task UpdateLabelAsync(string path)
    {
        var read = (await Api.GetAsync(path)).Json;
        (read["metadata"]!["labels"] ??= new JsonObject())["is"] = $"updated-{Namespace}";
        Assert.Equal($"updated-{Namespace}", (await Api.PutAsync(path, read.ToJsonString())).Expect(200).At("metadata.labels.is"));
    }

    private async Task<IEnumerable<string>> NamesAsync(string path) =>
        (await Api.GetAsync(path)).Expect(200).Json["items"]!.AsArray().Select(i => (string)i!["metadata"]!["name"]!).Order(StringComparer.Ordinal);
}
