using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Strategies;

/// <summary>Kinds that volume drivers speak of themselves with: stored, defaulted and judged.</summary>
public sealed class StorageKindTests(ApiServerFixture server)
{
    private const string Storage = "/apis/storage.k8s.io/v1";
    private readonly ApiClient _admin = server.Admin;

    [Fact]
    public async Task Driver_IsDefaultedCountedAndPartlyFixed()
    {
        var created = (await _admin.PostAsync(Storage + "/csidrivers", """{"metadata":{"name":"d.example.com"},"spec":{}}""")).Expect(201);
        Assert.Equal("""{"attachRequired":true,"podInfoOnMount":false,"volumeLifecycleModes":["Persistent"],"storageCapacity":false,"fsGroupPolicy":"ReadWriteOnceWithFSType","requiresRepublish":false,"seLinuxMount":false}""", created.Json["spec"]!.ToJsonString());

        var refused = (await _admin.PatchAsync(Storage + "/csidrivers/d.example.com", """{"spec":{"attachRequired":false}}""")).Expect(422);
        Assert.Contains("spec.attachedRequired: Invalid value: false: field is immutable", refused.Message, StringComparison.Ordinal);
        Assert.Equal("d.example.com", (await _admin.DeleteAsync(Storage + "/csidrivers/d.example.com")).Expect(200).At("metadata.name"));
    }

    [Theory]
    [InlineData("csidrivers", """{"metadata":{"name":"e.example.com"},"spec":{"fsGroupPolicy":"Maybe"}}""", "spec.fsGroupPolicy: Unsupported value: \"Maybe\"")]
    [InlineData("csinodes", """{"metadata":{"name":"n"},"spec":{"drivers":[{"name":"d","nodeID":"","topologyKeys":null}]}}""", "spec.drivers[0].nodeID: Required value")]
    [InlineData("volumeattachments", """{"metadata":{"name":"v"},"spec":{"attacher":"d","nodeName":"n","source":{}}}""", "spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName")]
    [InlineData("namespaces/default/csistoragecapacities", """{"metadata":{"name":"c"},"storageClassName":"Not_Valid"}""", "storageClassName: Invalid value: \"Not_Valid\"")]
    public async Task Object_AgainstTheRules_IsRefused(string plural, string body, string message) =>
        Assert.Contains(message, (await _admin.PostAsync($"{Storage}/{plural}", body)).Expect(422).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Attachment_KeepsItsSpecAndHasAStatus()
    {
        (await _admin.PostAsync(Storage + "/volumeattachments", """{"metadata":{"name":"a"},"spec":{"attacher":"d.example.com","nodeName":"n","source":{"persistentVolumeName":"pv"}},"status":{"attached":true}}""")).Expect(201);

        Assert.Equal("false", (await _admin.GetAsync(Storage + "/volumeattachments/a")).Expect(200).At("status.attached") ?? "false");
        Assert.Equal("true", (await _admin.PatchAsync(Storage + "/volumeattachments/a/status", """{"status":{"attached":true}}""")).Expect(200).At("status.attached"));
        Assert.Contains("spec: Invalid value", (await _admin.PatchAsync(Storage + "/volumeattachments/a", """{"spec":{"nodeName":"other"}}""")).Expect(422).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Template_IsStoredAndPrinted()
    {
        var ns = await _admin.NewNamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/podtemplates";
        (await _admin.PostAsync(path, """{"metadata":{"name":"t"},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"x"}]}}}""")).Expect(201);

        var table = (await _admin.GetAsync(path, "application/json;as=Table;v=v1;g=meta.k8s.io")).Expect(200);
        Assert.Equal("""["t","c","x","a=b"]""", table.Json["rows"]![0]!["cells"]!.ToJsonString());
    }

    [Fact]
    public async Task Object_LargerThanKubernetesKeeps_IsRefused()
    {
        var text = new string('x', 700 * 1024);
        var body = $$$"""{"metadata":{"name":"big","annotations":{}},"revision":1,"data":{"a":"{{{text}}}","b":"{{{text}}}","c":"{{{text}}}"}}""";

        var refusal = (await _admin.PostAsync($"/apis/apps/v1/namespaces/{await _admin.NewNamespaceAsync()}/controllerrevisions", body)).Expect(500);

        Assert.Equal("etcdserver: request is too large", refusal.Message);
    }
}
