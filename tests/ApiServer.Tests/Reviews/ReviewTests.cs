using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Reviews;

public sealed class ReviewTests(ApiServerFixture server)
{
    private readonly ApiClient _admin = server.Admin;

    [Fact]
    public async Task SelfSubjectReview_SaysWhoAsks()
    {
        using var alice = server.ClientFor("alice", "devs");
        var answer = (await alice.PostAsync("/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}")).Expect(201);
        Assert.Equal("alice", answer.At("status.userInfo.username"));
        Assert.Equal("""["devs","system:authenticated"]""", answer.Json["status"]!["userInfo"]!["groups"]!.ToJsonString());
    }

    [Fact]
    public async Task SubjectAccessReview_Decides()
    {
        var answer = await _admin.PostAsync("/apis/authorization.k8s.io/v1/subjectaccessreviews", """{"spec":{"user":"alice","groups":["devs"],"resourceAttributes":{"verb":"get","resource":"pods","namespace":"default"}}}""");
        Assert.Equal("false", answer.Expect(201).At("status.allowed"));
        var masters = await _admin.PostAsync("/apis/authorization.k8s.io/v1/subjectaccessreviews", """{"spec":{"user":"root","groups":["system:masters"],"nonResourceAttributes":{"verb":"get","path":"/x"}}}""");
        Assert.Equal("true", masters.Expect(201).At("status.allowed"));
        Assert.Equal(422, (await _admin.PostAsync("/apis/authorization.k8s.io/v1/subjectaccessreviews", """{"spec":{"resourceAttributes":{"verb":"get"}}}""")).Code);
    }

    [Fact]
    public async Task LocalReview_MustBeOfItsNamespace() =>
        Assert.Equal(422, (await _admin.PostAsync("/apis/authorization.k8s.io/v1/namespaces/default/localsubjectaccessreviews", """{"spec":{"user":"alice","resourceAttributes":{"namespace":"other","verb":"get","resource":"pods"}}}""")).Code);

    [Fact]
    public async Task SelfRules_ListWhatIsHeld()
    {
        using var alice = server.ClientFor("alice");
        var answer = (await alice.PostAsync("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", """{"spec":{"namespace":"default"}}""")).Expect(201);
        Assert.Contains("selfsubjectaccessreviews", answer.Json["status"]!["resourceRules"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("false", answer.At("status.incomplete"));
    }

    [Fact]
    public async Task Review_CannotBeListed() =>
        Assert.Equal(405, (await _admin.GetAsync("/apis/authorization.k8s.io/v1/subjectaccessreviews")).Code);

    [Fact]
    public async Task Token_IsIssuedReviewedAndUsed()
    {
        var ns = await _admin.NewNamespaceAsync();
        var issued = (await _admin.PostAsync($"/api/v1/namespaces/{ns}/serviceaccounts/default/token", """{"spec":{"expirationSeconds":600}}""")).Expect(201);
        var token = issued.At("status.token")!;
        Assert.Equal("default", issued.At("metadata.name"));

        var review = (await _admin.PostAsync("/apis/authentication.k8s.io/v1/tokenreviews", $$$"""{"spec":{"token":"{{{token}}}"}}""")).Expect(201);
        Assert.Equal($"system:serviceaccount:{ns}:default", review.At("status.user.username"));
        Assert.Equal("true", review.At("status.authenticated"));

        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/namespaces/{ns}/secrets");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        using var anonymous = server.Anonymous();
        var answer = await anonymous.SendAsync(request);
        Assert.Equal($$$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"secrets is forbidden: User \"system:serviceaccount:{{{ns}}}:default\" cannot list resource \"secrets\" in API group \"\" in the namespace \"{{{ns}}}\"","reason":"Forbidden","details":{"kind":"secrets"},"code":403}""", answer.Text);
    }

    [Fact]
    public async Task WrongToken_IsSaidToBeWrong()
    {
        var review = await _admin.PostAsync("/apis/authentication.k8s.io/v1/tokenreviews", """{"spec":{"token":"zz"}}""");
        Assert.Equal("""{"user":{},"error":"invalid bearer token"}""", review.Expect(201).Json["status"]!.ToJsonString());
    }

    [Fact]
    public async Task ShortToken_IsInvalid()
    {
        var answer = await _admin.PostAsync("/api/v1/namespaces/default/serviceaccounts/default/token", """{"spec":{"expirationSeconds":60}}""");
        Assert.Equal("""TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes""", answer.Message);
    }

    [Fact]
    public async Task TokenOfAPod_EndsWithThePod()
    {
        var ns = await _admin.NewNamespaceAsync();
        var pod = (await _admin.PostAsync($"/api/v1/namespaces/{ns}/pods", Samples.Pod("p"))).Expect(201);
        var body = """{"spec":{"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"p","uid":"UID"}}}""";
        Assert.Equal(409, (await _admin.PostAsync($"/api/v1/namespaces/{ns}/serviceaccounts/default/token", body)).Code);
        var issued = await _admin.PostAsync($"/api/v1/namespaces/{ns}/serviceaccounts/default/token", body.Replace("UID", pod.At("metadata.uid"), StringComparison.Ordinal));
        Assert.NotNull(issued.Expect(201).At("status.token"));
    }
}
