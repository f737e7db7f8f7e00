using System.Text.Json.Nodes;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Upstream;

/// <summary>Namespaces change as other objects do, and take what they hold with them.</summary>
public sealed class NamespaceTests(CloudFixture fixture) : UpstreamStory(fixture)
{
    private string Path => $"/api/v1/namespaces/{Namespace}";

    [Fact]
    [Upstream("[sig-api-machinery] Namespaces [Serial] should patch a Namespace [Conformance]")]
    public async Task Patch_GivesItALabel()
    {
        (await Api.PatchAsync(Path, """{"metadata":{"labels":{"testLabel":"testValue"}}}""", "application/strategic-merge-patch+json")).Expect(200);
        Assert.Equal("testValue", (await Api.GetAsync(Path)).At("metadata.labels.testLabel"));
    }

    [Fact]
    [Upstream("[sig-api-machinery] Namespaces [Serial] should apply an update to a Namespace [Conformance]")]
    public async Task Update_GivesItALabel()
    {
        var read = (await Api.GetAsync(Path)).Json;
        read["metadata"]!["labels"]![Namespace] = "updated";
        Assert.Equal("updated", (await Api.PutAsync(Path, read.ToJsonString())).Expect(200).At($"metadata.labels.{Namespace}"));
    }

    [Fact]
    [Upstream("[sig-api-machinery] Namespaces [Serial] should apply changes to a namespace status [Conformance]")]
    public async Task Status_IsPatchedAndUpdated_ByItsOwnPath()
    {
        Assert.Equal("Active", (await Api.GetAsync($"{Path}/status")).At("status.phase"));
        var patched = await Api.PatchAsync($"{Path}/status", """{"metadata":{"annotations":{"by":"patch"}},"status":{"conditions":[{"type":"StatusPatch","status":"True","reason":"E2E","message":"Patched"}]}}""");
        Assert.Equal(("patch", "Patched"), (patched.Expect(200).At("metadata.annotations.by"), patched.At("status.conditions.0.message")));

        var read = (await Api.GetAsync($"{Path}/status")).Json;
        read["status"]!["conditions"]!.AsArray().Add(new JsonObject { ["type"] = "StatusUpdate", ["status"] = "True", ["reason"] = "E2E", ["message"] = "Updated" });
        read["spec"]!["finalizers"] = new JsonArray();
        var updated = (await Api.PutAsync($"{Path}/status", read.ToJsonString())).Expect(200);
        Assert.Equal(("StatusUpdate", "Updated", "kubernetes"), (updated.At("status.conditions.1.type"), updated.At("status.conditions.1.message"), updated.At("spec.finalizers.0")));
    }

    [Fact]
    [Upstream("[sig-api-machinery] Namespaces [Serial] should apply a finalizer to a Namespace [Conformance]")]
    public async Task Finalize_AddsAndTakesFinalizers_AndHoldsTheNamespaceUntilTheyAreGone()
    {
        const string Finalizer = "e2e.example.com/fakeFinalizer";
        var read = (await Api.GetAsync(Path)).Json;
        read["spec"]!["finalizers"]!.AsArray().Add(Finalizer);
        Assert.Equal(Finalizer, (await Api.PutAsync($"{Path}/finalize", read.ToJsonString())).Expect(200).At("spec.finalizers.1"));

        await Api.DeleteAsync(Path);
        await Eventually.TrueAsync("only the finalizer is left", async () => (await Api.GetAsync(Path)).At("spec.finalizers") == $"[\"{Finalizer}\"]", ct: Ct);
        Assert.Equal("Terminating", (await Api.GetAsync(Path)).At("status.phase"));

        read = (await Api.GetAsync(Path)).Json;
        read["spec"]!["finalizers"] = new JsonArray();
        (await Api.PutAsync($"{Path}/finalize", read.ToJsonString())).Expect(200);
        await GoneAsync(Path);
    }

    [Fact]
    [Upstream("[sig-api-machinery] Namespaces [Serial] should ensure that all pods are removed when a namespace is deleted [Conformance]")]
    public async Task Pods_GoWithTheirNamespace()
    {
        (await Api.PostAsync($"{Core}/pods", """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"sealos.hub/library/hello:1"}]}}""")).Expect(201);
        await PhaseAsync("p", "Running");
        (await Api.DeleteAsync(Path)).Expect(200);
        await GoneAsync(Path);
        (await Api.PostAsync("/api/v1/namespaces", $$"""{"metadata":{"name":"{{Namespace}}"} }""")).Expect(201);
        Assert.Equal("[]", (await Api.GetAsync($"{Core}/pods")).At("items"));
    }

    [Fact]
    [Upstream("[sig-api-machinery] Namespaces [Serial] should ensure that all services are removed when a namespace is deleted [Conformance]")]
    public async Task Services_GoWithTheirNamespace()
    {
        (await Api.PostAsync($"{Core}/services", """{"metadata":{"name":"s"},"spec":{"ports":[{"port":80}],"selector":{"a":"b"}}}""")).Expect(201);
        (await Api.DeleteAsync(Path)).Expect(200);
        await GoneAsync(Path);
        (await Api.PostAsync("/api/v1/namespaces", $$"""{"metadata":{"name":"{{Namespace}}"} }""")).Expect(201);
        Assert.Equal("[]", (await Api.GetAsync($"{Core}/services")).At("items"));
    }
}
