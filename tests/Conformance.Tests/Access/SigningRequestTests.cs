using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.Support;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Access;

/// <summary>Requests for certificates as objects.</summary>
public sealed class SigningRequestTests(CloudFixture fixture) : UpstreamStory(fixture)
{
    private const string Requests = "/apis/certificates.k8s.io/v1/certificatesigningrequests";

    [Fact]
    [Upstream("[sig-auth] Certificates API [Privileged:ClusterAdmin] should support CSR API operations [Conformance]")]
    public async Task Request_IsListedWatchedChangedApprovedAndDeleted()
    {
        await DiscoverAsync();
        var signer = $"example.com/{Namespace}";
        var (created, certificate) = await AskAsync(signer);
        var path = $"{Requests}/{created.At("metadata.name")}";
        var read = (await Api.GetAsync(path)).Expect(200);
        Assert.Equal((created.At("metadata.uid"), "3600"), (read.At("metadata.uid"), read.At("spec.expirationSeconds")));
        var listed = (await Api.GetAsync($"{Requests}?fieldSelector=spec.signerName%3D{signer}")).Expect(200);
        Assert.Equal(3, listed.Json["items"]!.AsArray().Count);

        Assert.Equal("true", (await Api.PatchAsync(path, """{"metadata":{"annotations":{"patched":"true"} } }""")).Expect(200).At("metadata.annotations.patched"));
        await UpdateAsync(path, o => o["metadata"]!["annotations"]!["updated"] = "true");
        var seen = await Api.CollectAsync($"{Requests}?watch=1&fieldSelector=metadata.name%3D{created.At("metadata.name")}&resourceVersion={listed.At("metadata.resourceVersion")}", 2, "metadata.annotations.updated");
        Assert.Equal(["MODIFIED ", "MODIFIED true"], seen);

        Assert.Equal(created.At("metadata.uid"), (await Api.GetAsync(path + "/approval")).Expect(200).At("metadata.uid"));
        var patched = (await Api.PatchAsync(path + "/approval", """{"metadata":{"annotations":{"patchedapproval":"true"} },"status":{"conditions":[{"type":"ApprovalPatch","status":"True","reason":"e2e"}]} }""")).Expect(200);
        Assert.Equal(("ApprovalPatch", "true"), (patched.At("status.conditions.0.type"), patched.At("metadata.annotations.patchedapproval")));
        var approved = await UpdateAsync(path, o => o["status"]!["conditions"]!.AsArray().Add(Condition("Approved")), "/approval");
        Assert.Equal(["ApprovalPatch", "Approved"], Conditions(approved));

        Assert.Equal(created.At("metadata.uid"), (await Api.GetAsync(path + "/status")).Expect(200).At("metadata.uid"));
        var signed = (await Api.PatchAsync(path + "/status", $$"""{"metadata":{"annotations":{"patchedstatus":"true"} },"status":{"certificate":"{{certificate}}"} }""")).Expect(200);
        Assert.Equal((certificate, "true"), ((string)signed.Json["status"]!["certificate"]!, signed.At("metadata.annotations.patchedstatus")));
        Assert.Equal(["ApprovalPatch", "Approved", "StatusUpdate"], Conditions(await UpdateAsync(path, o => o["status"]!["conditions"]!.AsArray().Add(Condition("StatusUpdate")), "/status")));

        (await Api.DeleteAsync(path)).Expect(200);
        (await Api.GetAsync(path)).Expect(404);
        (await Api.DeleteAsync($"{Requests}?fieldSelector=spec.signerName%3D{signer}")).Expect(200);
        Assert.Empty((await Api.GetAsync($"{Requests}?fieldSelector=spec.signerName%3D{signer}")).Json["items"]!.AsArray());
    }

    private async Task DiscoverAsync()
    {
        Assert.Contains("certificates.k8s.io", (await Api.GetAsync("/apis")).Json["groups"]!.AsArray().Select(g => (string?)g!["name"]));
        Assert.Equal("v1", (await Api.GetAsync("/apis/certificates.k8s.io")).At("versions.0.version"));
        var kinds = (await Api.GetAsync("/apis/certificates.k8s.io/v1")).Json["resources"]!.AsArray().Select(r => (string?)r!["name"]).ToList();
        Assert.Superset(new HashSet<string?> { "certificatesigningrequests", "certificatesigningrequests/approval", "certificatesigningrequests/status" }, kinds.ToHashSet());
    }

    /// <summary>Asks three times; answers the last, and a certificate as its signer would issue it, in base64.</summary>
    private async Task<(ApiAnswer Created, string Certificate)> AskAsync(string signer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=story.example.com", key, HashAlgorithmName.SHA256);
        var body = $$"""
            {"metadata":{"generateName":"story-"},"spec":{"request":"{{Encode(request.CreateSigningRequestPem())}}","signerName":"{{signer}}",
             "expirationSeconds":3600,"usages":["digital signature","key encipherment","server auth"]} }
            """;
        ApiAnswer created = null!;
        for (var i = 0; i < 3; i++)
        {
            created = (await Api.PostAsync(Requests, body)).Expect(201);
        }

        using var issued = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return (created, Encode(issued.ExportCertificatePem() + "\n"));
    }

    private async Task<ApiAnswer> UpdateAsync(string path, Action<JsonObject> change, string part = "")
    {
        var read = (await Api.GetAsync(path)).Expect(200).Json;
        change(read);
        return (await Api.PutAsync(path + part, read.ToJsonString())).Expect(200);
    }

    private static JsonObject Condition(string type) => new() { ["type"] = type, ["status"] = "True", ["reason"] = "E2E", ["message"] = "from a story" };

    private static IEnumerable<string?> Conditions(ApiAnswer answer) => answer.Json["status"]!["conditions"]!.AsArray().Select(c => (string?)c!["type"]);

    private static string Encode(string text) => Convert.ToBase64String(Encoding.ASCII.GetBytes(text));
}
