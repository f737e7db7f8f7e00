using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.Support;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Upstream;

/// <summary>Who pods are, and what they can prove.</summary>
public sealed class ServiceAccountTests(CloudFixture fixture) : UpstreamStory(fixture)
{
    private const string Mount = "/var/run/secrets/kubernetes.io/serviceaccount";

    private string Accounts => $"{Core}/serviceaccounts";

    [Fact]
    [Upstream("[sig-auth] ServiceAccounts should mount an API token into pods [Conformance]")]
    public async Task Pod_HoldsATokenThatProvesItsAccount_TheCertificate_AndItsNamespace()
    {
        await CreateAsync("mount");
        var said = await SucceedAsync("p", $"cat {Mount}/token; echo; cat {Mount}/namespace; echo; cat {Mount}/ca.crt", ",\"serviceAccountName\":\"mount\"");
        var lines = said.Split('\n', 3);
        Assert.Equal(Namespace, lines[1]);
        Assert.Equal((await Api.GetAsync($"{Core}/configmaps/kube-root-ca.crt")).Json["data"]!["ca.crt"]!.GetValue<string>(), lines[2]);

        var review = await ReviewAsync(lines[0]);
        Assert.Equal(("true", $"system:serviceaccount:{Namespace}:mount"), (review.At("status.authenticated"), review.At("status.user.username")));
        Assert.Equal(
            ["system:authenticated", "system:serviceaccounts", $"system:serviceaccounts:{Namespace}"],
            review.Json["status"]!["user"]!["groups"]!.AsArray().Select(g => (string)g!).Order(StringComparer.Ordinal));
    }

    [Fact]
    [Upstream("[sig-auth] ServiceAccounts should allow opting out of API token automount [Conformance]")]
    public async Task Token_IsMounted_AsPodOrElseAccountSays()
    {
        await CreateAsync("yes", ",\"automountServiceAccountToken\":true");
        await CreateAsync("no", ",\"automountServiceAccountToken\":false");
        foreach (var (account, inPod, mounted) in new (string, bool?, bool)[]
                 {
                     ("default", null, true), ("yes", null, true), ("no", null, false),
                     ("default", true, true), ("yes", true, true), ("no", true, true),
                     ("default", false, false), ("yes", false, false), ("no", false, false),
                 })
        {
            var automount = inPod is { } value ? $",\"automountServiceAccountToken\":{(value ? "true" : "false")}" : "";
            var pod = await Api.PostAsync(
                $"{Core}/pods?dryRun=All",
                $$"""{"metadata":{"name":"p"},"spec":{"serviceAccountName":"{{account}}"{{automount}},"containers":[{"name":"c","image":"i"}]} }""");
            Assert.Equal(mounted ? Mount : null, pod.Expect(201).At("spec.containers.0.volumeMounts.0.mountPath"));
        }
    }

    [Fact]
    [Upstream("[sig-auth] ServiceAccounts should mount projected service account token [Conformance]")]
    public async Task ProjectedToken_IsMountedWhereThePodSays()
    {
        await Fixture.LoadToolsAsync();
        (await Api.PostAsync($"{Core}/pods", $$"""
            {"metadata":{"name":"p"},"spec":{"restartPolicy":"Never","containers":[{"name":"tools","image":"{{CloudFixture.Tools}}","command":["cat","/here/token"],
             "volumeMounts":[{"name":"t","mountPath":"/here"}]}],
             "volumes":[{"name":"t","projected":{"sources":[{"serviceAccountToken":{"path":"token","expirationSeconds":600,"audience":"somebody"} }]} }]} }
            """)).Expect(201);
        await PhaseAsync("p", "Succeeded");
        var token = (await Api.GetAsync($"{Core}/pods/p/log")).Text;
        Assert.Null((await ReviewAsync(token)).At("status.authenticated"));
        Assert.Equal("true", (await ReviewAsync(token, "somebody")).At("status.authenticated"));
    }

    [Fact]
    [Upstream("[sig-auth] ServiceAccounts ServiceAccountIssuerDiscovery should support OIDC discovery of service account issuer [Conformance]")]
    public async Task Issuer_PublishesTheKeyItsTokensAreSignedWith()
    {
        var token = (await Api.PostAsync($"{Accounts}/default/token", """{"spec":{"audiences":["oidc"],"expirationSeconds":600}}""")).Expect(201).At("status.token")!;
        var parts = token.Split('.');
        var claims = JsonNode.Parse(Decode(parts[1]))!;
        var issuer = await Api.GetAsync("/.well-known/openid-configuration");
        Assert.Equal((string?)claims["iss"], issuer.At("issuer"));
        Assert.Equal("oidc", (string?)claims["aud"]![0]);

        var keys = (await Api.GetAsync("/openid/v1/jwks")).Expect(200).Json["keys"]!.AsArray();
        var key = keys.Single(k => (string?)k!["kid"] == (string?)JsonNode.Parse(Decode(parts[0]))!["kid"])!;
        using var ec = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Decode((string)key["x"]!), Y = Decode((string)key["y"]!) } });
        Assert.True(ec.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Decode(parts[2]), HashAlgorithmName.SHA256));
    }

    [Fact]
    [Upstream("[sig-auth] ServiceAccounts should run through the lifecycle of a ServiceAccount [Conformance]")]
    public async Task Account_IsCreatedPatchedListedAndDeleted_AndTheWatchSeesIt()
    {
        var start = (await Api.GetAsync(Accounts)).At("metadata.resourceVersion");
        (await Api.PostAsync(Accounts, $$"""{"metadata":{"name":"life","labels":{"story":"{{Namespace}}"} } }""")).Expect(201);
        (await Api.PatchAsync($"{Accounts}/life", """{"automountServiceAccountToken":false}""", "application/strategic-merge-patch+json")).Expect(200);
        var listed = await Api.GetAsync($"/api/v1/serviceaccounts?labelSelector=story%3D{Namespace}");
        Assert.Equal(("life", "false"), (listed.At("items.0.metadata.name"), listed.At("items.0.automountServiceAccountToken")));
        (await Api.DeleteAsync(Accounts + "?labelSelector=story")).Expect(200);
        Assert.Equal(["ADDED life", "MODIFIED life", "DELETED life"], await Api.CollectAsync($"{Accounts}?watch=1&labelSelector=story&resourceVersion={start}", 3));
    }

    [Fact]
    [Upstream("[sig-auth] ServiceAccounts should guarantee kube-root-ca.crt exist in any namespace [Conformance]")]
    public async Task RootCertificate_IsInEveryNamespace_AndComesBack()
    {
        var path = $"{Core}/configmaps/kube-root-ca.crt";
        var first = (await Api.GetAsync(path)).Expect(200);
        (await Api.DeleteAsync(path)).Expect(200);
        await Eventually.TrueAsync("it is made again", async () => (await Api.GetAsync(path)) is { Code: 200 } again && again.At("metadata.uid") != first.At("metadata.uid"), ct: Ct);
        (await Api.PatchAsync(path, """{"data":{"ca.crt":"nonsense"}}""")).Expect(200);
        await Eventually.TrueAsync("it is mended", async () => (await Api.GetAsync(path)).At("data") == first.At("data"), ct: Ct);
    }

    [Fact]
    [Upstream("[sig-auth] ServiceAccounts should update a ServiceAccount [Conformance]")]
    public async Task Update_Holds()
    {
        await CreateAsync("changed");
        var read = (await Api.GetAsync($"{Accounts}/changed")).Json;
        read["automountServiceAccountToken"] = true;
        Assert.Equal("true", (await Api.PutAsync($"{Accounts}/changed", read.ToJsonString())).Expect(200).At("automountServiceAccountToken"));
    }

    [Fact]
    [Upstream("[sig-auth] ServiceAccounts should create a serviceAccountToken and ensure a successful TokenReview [Conformance]")]
    public async Task RequestedToken_ProvesItsAccount_UntilThatGoes()
    {
        await CreateAsync("asked");
        var token = (await Api.PostAsync($"{Accounts}/asked/token", "{}")).Expect(201).At("status.token")!;
        var review = await ReviewAsync(token);
        Assert.Equal(("true", $"system:serviceaccount:{Namespace}:asked"), (review.At("status.authenticated"), review.At("status.user.username")));
        (await Api.DeleteAsync($"{Accounts}/asked")).Expect(200);
        await Eventually.TrueAsync("the token proves nothing", async () => (await ReviewAsync(token)).At("status.authenticated") is null, ct: Ct);
    }

    [Fact]
    [Upstream("[sig-auth] SubjectReview should support SubjectReview API operations [Conformance]")]
    public async Task Reviews_SayWhatTheServerDoes()
    {
        await CreateAsync("e2e");
        var spec = $$"""
            {"spec":{"user":"system:serviceaccount:{{Namespace}}:e2e","groups":["system:authenticated","system:serviceaccounts","system:serviceaccounts:{{Namespace}}"],
             "resourceAttributes":{"verb":"list","resource":"configmaps","namespace":"{{Namespace}}","version":"v1"} } }
            """;
        await AgreeAsync(false);
        (await Api.PostAsync($"/apis/rbac.authorization.k8s.io/v1/namespaces/{Namespace}/rolebindings", $$"""
            {"metadata":{"name":"v"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"view"},"subjects":[{"kind":"ServiceAccount","name":"e2e","namespace":"{{Namespace}}"}]}
            """)).Expect(201);
        await AgreeAsync(true);

        async Task AgreeAsync(bool allowed)
        {
            var reviews = "/apis/authorization.k8s.io/v1";
            Assert.Equal(allowed, (bool)(await Api.PostAsync($"{reviews}/subjectaccessreviews", spec)).Expect(201).Json["status"]!["allowed"]!);
            Assert.Equal(allowed, (bool)(await Api.PostAsync($"{reviews}/namespaces/{Namespace}/localsubjectaccessreviews", spec)).Expect(201).Json["status"]!["allowed"]!);
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{Core}/configmaps");
            request.Headers.Add("Impersonate-User", $"system:serviceaccount:{Namespace}:e2e");
            Assert.Equal(allowed ? 200 : 403, (await Api.SendAsync(request)).Code);
        }
    }

    private async Task CreateAsync(string name, string more = "") => (await Api.PostAsync(Accounts, $$"""{"metadata":{"name":"{{name}}"}{{more}} }""")).Expect(201);

    private async Task<ApiAnswer> ReviewAsync(string token, string? audience = null) => (await Api.PostAsync(
        "/apis/authentication.k8s.io/v1/tokenreviews",
        new JsonObject { ["spec"] = new JsonObject { ["token"] = token, ["audiences"] = audience is null ? null : new JsonArray(audience) } }.ToJsonString())).Expect(201);

    private static byte[] Decode(string text) => System.Buffers.Text.Base64Url.DecodeFromChars(text);
}
