using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Certificates;

/// <summary>What Kubernetes' own test of the API of certificate requests does, and what its rules refuse.</summary>
public sealed class SigningRequestTests(ApiServerFixture server)
{
    private const string Path = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
    private readonly ApiClient _admin = server.Admin;

    [Fact]
    public async Task Request_ThroughItsLife_IsListedWatchedDecidedAndAnswered()
    {
        const string Signer = "example.com/e2e-life";
        for (var i = 0; i < 2; i++)
        {
            (await _admin.PostAsync(Path, Body(Signer))).Expect(201);
        }

        var created = (await _admin.PostAsync(Path, Body(Signer))).Expect(201);
        Assert.Equal(("admin", """["system:masters","system:authenticated"]""", "{}"), (created.At("spec.username"), created.At("spec.groups"), created.At("status")));
        var name = created.At("metadata.name");
        Assert.Equal(3, (await _admin.GetAsync($"{Path}?fieldSelector=spec.signerName={Signer}")).Expect(200).Json["items"]!.AsArray().Count);

        var patched = (await _admin.PatchAsync($"{Path}/{name}", """{"metadata":{"annotations":{"patched":"true"}},"spec":{"username":"evil"},"status":{"conditions":[{"type":"Approved","status":"True"}]}}""")).Expect(200);
        Assert.Equal(("true", "admin", "{}"), (patched.At("metadata.annotations.patched"), patched.At("spec.username"), patched.At("status")));

        var approval = (await _admin.PatchAsync($"{Path}/{name}/approval", """{"metadata":{"annotations":{"patchedapproval":"true"}},"status":{"conditions":[{"type":"ApprovalPatch","status":"True","reason":"e2e"}],"certificate":"eA=="}}""")).Expect(200);
        Assert.Equal(("true", "ApprovalPatch", null), (approval.At("metadata.annotations.patchedapproval"), approval.At("status.conditions.0.type"), approval.At("status.certificate")));
        Assert.NotNull(approval.At("status.conditions.0.lastUpdateTime"));
        var body = approval.Json;
        body["status"]!["conditions"]!.AsArray().Add(new System.Text.Json.Nodes.JsonObject { ["type"] = "Approved", ["status"] = "True", ["reason"] = "E2E" });
        Assert.Equal("Approved", (await _admin.PutAsync($"{Path}/{name}/approval", body.ToJsonString())).Expect(200).At("status.conditions.1.type"));

        var certificate = Convert.ToBase64String(Encoding.ASCII.GetBytes(server.Certificates.Pem));
        var status = (await _admin.PatchAsync($"{Path}/{name}/status", $$$"""{"metadata":{"annotations":{"patchedstatus":"true"}},"status":{"certificate":"{{{certificate}}}"}}""")).Expect(200);
        Assert.Equal((certificate, "true"), (status.At("status.certificate"), status.At("metadata.annotations.patchedstatus")));
        Assert.Equal(name, (await _admin.GetAsync($"{Path}/{name}/approval")).Expect(200).At("metadata.name"));
        (await _admin.DeleteAsync($"{Path}/{name}")).Expect(200);
        (await _admin.DeleteAsync($"{Path}?fieldSelector=spec.signerName={Signer}")).Expect(200);
    }

    [Theory]
    [InlineData("status", """{"status":{"conditions":[{"type":"Approved","status":"True"}]}}""", "updates may not add a condition of type \"Approved\"")]
    [InlineData("status", """{"status":{"certificate":"eA=="}}""", "must contain at least one CERTIFICATE PEM block")]
    [InlineData("approval", """{"status":{"conditions":[{"type":"Approved","status":"False"}]}}""", "status.conditions[0].status: Unsupported value: \"False\": supported values: \"True\"")]
    [InlineData("approval", """{"status":{"conditions":[{"type":"Approved","status":"True"},{"type":"Denied","status":"True"}]}}""", "Approved and Denied conditions are mutually exclusive")]
    public async Task Part_AgainstTheRules_IsRefused(string part, string patch, string message)
    {
        var name = (await _admin.PostAsync(Path, Body("example.com/rules"))).Expect(201).At("metadata.name");

        var refusal = (await _admin.PatchAsync($"{Path}/{name}/{part}", patch)).Expect(422);

        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Decision_OnceMade_CannotBeTakenBack()
    {
        var name = (await _admin.PostAsync(Path, Body("example.com/rules"))).Expect(201).At("metadata.name");
        (await _admin.PatchAsync($"{Path}/{name}/approval", """{"status":{"conditions":[{"type":"Denied","status":"True"}]}}""")).Expect(200);

        var refusal = (await _admin.PatchAsync($"{Path}/{name}/approval", """{"status":{"conditions":[]}}""")).Expect(422);

        Assert.Contains("status.conditions: Forbidden: updates may not remove a condition of type \"Denied\"", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kubernetes.io/legacy-unknown", "spec.signerName: Invalid value: \"kubernetes.io/legacy-unknown\": the legacy signerName is not allowed via this API version")]
    [InlineData("nodomain", "spec.signerName: Invalid value: \"nodomain\": must be a fully qualified domain and path of the form 'example.com/signer-name'")]
    [InlineData("single/x", "should be a domain with at least two segments separated by dots")]
    public async Task Signer_OfNoRightName_IsRefused(string signer, string message) =>
        Assert.Contains(message, (await _admin.PostAsync(Path, Body(signer))).Expect(422).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Request_ThatIsNone_IsRefused()
    {
        var refusal = (await _admin.PostAsync(Path, """{"metadata":{"name":"x"},"spec":{"request":"eA==","signerName":"example.com/a","usages":["client auth","client auth","nonsense"],"expirationSeconds":60}}""")).Expect(422);

        Assert.Contains("spec.request: Invalid value: []byte{0x78}: PEM block type must be CERTIFICATE REQUEST", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("spec.usages[1]: Duplicate value: \"client auth\"", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("spec.usages[2]: Unsupported value: \"nonsense\"", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("may not specify a duration less than 600 seconds (10 minutes)", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("system:masters")]
    [InlineData("certificate-readers")]
    public async Task ClientSigner_ForGroupsBeyondRoles_IsForbidden(string group)
    {
        var refusal = (await _admin.PostAsync(Path, Body("kubernetes.io/kube-apiserver-client", $"CN=x,O={group}"))).Expect(403);

        Assert.EndsWith($"use of kubernetes.io/kube-apiserver-client signer with {group} group is not allowed", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deciding_TakesTheRightOverTheSigner()
    {
        var name = (await _admin.PostAsync(Path, Body("example.com/owned"))).Expect(201).At("metadata.name");
        (await _admin.PostAsync("/apis/rbac.authorization.k8s.io/v1/clusterroles", """{"metadata":{"name":"decides"},"rules":[{"apiGroups":["certificates.k8s.io"],"resources":["certificatesigningrequests/approval"],"verbs":["patch"]}]}""")).Expect(201);
        (await _admin.PostAsync("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", """{"metadata":{"name":"decides"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"decides"},"subjects":[{"kind":"User","name":"decider"}]}""")).Expect(201);
        using var decider = server.ClientFor("decider");
        const string Approve = """{"status":{"conditions":[{"type":"Approved","status":"True"}]}}""";

        var refusal = (await decider.PatchAsync($"{Path}/{name}/approval", Approve)).Expect(403);
        (await _admin.PatchAsync("/apis/rbac.authorization.k8s.io/v1/clusterroles/decides", """[{"op":"add","path":"/rules/-","value":{"apiGroups":["certificates.k8s.io"],"resources":["signers"],"resourceNames":["example.com/*"],"verbs":["approve"]}}]""", ApiClient.JsonPatch)).Expect(200);

        Assert.EndsWith("user not permitted to approve requests with signerName \"example.com/owned\"", refusal.Message, StringComparison.Ordinal);
        (await decider.PatchAsync($"{Path}/{name}/approval", Approve)).Expect(200);
    }

    private static string Body(string signer, string subject = "CN=e2e.example.com")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = new CertificateRequest(new X500DistinguishedName(subject), key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
        return $$$"""{"metadata":{"generateName":"e2e-"},"spec":{"request":"{{{Convert.ToBase64String(Encoding.ASCII.GetBytes(pem))}}}","signerName":"{{{signer}}}","usages":["digital signature","server auth"],"expirationSeconds":3600,"username":"evil"}}""";
    }
}
