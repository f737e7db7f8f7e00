using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Http;

/// <summary>Refusals, word for word as Kubernetes gives them.</summary>
public sealed class ErrorTests(ApiServerFixture server)
{
    private readonly ApiClient _admin = server.Admin;

    [Fact]
    public async Task UnknownPath_IsNotFound()
    {
        var answer = await _admin.GetAsync("/nope");
        Assert.Equal(404, answer.Code);
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"the server could not find the requested resource","reason":"NotFound","details":{},"code":404}""", answer.Text);
        Assert.NotEmpty(answer.Headers.GetValues("Audit-Id"));
        Assert.Equal("no-cache, private", answer.Headers.CacheControl!.ToString());
    }

    [Fact]
    public async Task KindThatIsNotServed_IsNotFound()
    {
        Assert.Equal(404, (await _admin.GetAsync("/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas")).Code);
        Assert.Equal(404, (await _admin.GetAsync("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies")).Code);
    }

    [Fact]
    public async Task MissingObject_IsNotFound()
    {
        var answer = await _admin.GetAsync("/api/v1/namespaces/default/pods/x");
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods \"x\" not found","reason":"NotFound","details":{"name":"x","kind":"pods"},"code":404}""", answer.Text);
    }

    [Fact]
    public async Task MissingObjectOfGroup_NamesTheGroup()
    {
        var answer = await _admin.GetAsync("/apis/apps/v1/namespaces/default/deployments/x");
        Assert.Equal("""deployments.apps "x" not found""", answer.Message);
        Assert.Equal("apps", answer.At("details.group"));
    }

    [Fact]
    public async Task SameName_AlreadyExists()
    {
        var answer = await _admin.PostAsync("/api/v1/namespaces", """{"metadata":{"name":"default"}}""");
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"namespaces \"default\" already exists","reason":"AlreadyExists","details":{"name":"default","kind":"namespaces"},"code":409}""", answer.Text);
    }

    [Fact]
    public async Task MissingNamespace_IsNotFound()
    {
        var answer = await _admin.PostAsync("/api/v1/namespaces/missing/configmaps", """{"metadata":{"name":"a"}}""");
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"namespaces \"missing\" not found","reason":"NotFound","details":{"name":"missing","kind":"namespaces"},"code":404}""", answer.Text);
    }

    [Fact]
    public async Task BadName_IsInvalid()
    {
        var answer = await CreateAsync("""{"metadata":{"name":"A_B"}}""");
        Assert.Equal(422, answer.Code);
        Assert.StartsWith("""ConfigMap "A_B" is invalid: metadata.name: Invalid value: "A_B": a lowercase RFC 1123 subdomain must consist of""", answer.Message, StringComparison.Ordinal);
        Assert.Equal("FieldValueInvalid", answer.At("details.causes.0.reason"));
        Assert.Equal("metadata.name", answer.At("details.causes.0.field"));
    }

    [Fact]
    public async Task NoName_IsRequired()
    {
        var answer = await CreateAsync("{}");
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"ConfigMap \"\" is invalid: metadata.name: Required value: name or generateName is required","reason":"Invalid","details":{"kind":"ConfigMap","causes":[{"reason":"FieldValueRequired","message":"Required value: name or generateName is required","field":"metadata.name"}]},"code":422}""", answer.Text);
    }

    [Fact]
    public async Task CutJson_IsBadRequest()
    {
        var answer = await CreateAsync("""{"metadata":""");
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: unexpected end of JSON input ({\"metadata\":)","reason":"BadRequest","code":400}""", answer.Text);
    }

    [Fact]
    public async Task WrongType_NamesTheField()
    {
        var answer = await CreateAsync("""{"metadata":{"name":"a"},"data":{"a":1}}""");
        Assert.Equal(400, answer.Code);
        Assert.StartsWith("""ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data""", answer.Message, StringComparison.Ordinal);
        Assert.EndsWith("of type string", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OtherKind_IsBadRequest()
    {
        var answer = await CreateAsync("""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"}}""");
        Assert.Equal("""Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion""", answer.Message);
    }

    [Fact]
    public async Task OtherNamespace_IsBadRequest()
    {
        var answer = await CreateAsync("""{"metadata":{"name":"a","namespace":"other"}}""");
        Assert.Equal("the namespace of the provided object does not match the namespace sent on the request", answer.Message);
        Assert.Equal(400, answer.Code);
    }

    [Fact]
    public async Task ResourceVersionOnCreate_IsRefused()
    {
        var answer = await CreateAsync("""{"metadata":{"name":"a","resourceVersion":"1"}}""");
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"resourceVersion should not be set on objects to be created","code":500}""", answer.Text);
    }

    [Fact]
    public async Task StrictUnknownField_IsRefused()
    {
        var answer = await _admin.PostAsync("/api/v1/namespaces/default/configmaps?fieldValidation=Strict", """{"metadata":{"name":"a"},"foo":1,"data":{"a":"1","a":"2"}}""");
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: unknown field \"foo\", duplicate field \"data.a\"","reason":"BadRequest","code":400}""", answer.Text);
    }

    [Fact]
    public async Task UnknownField_IsWarnedOfByDefault()
    {
        var ns = await _admin.NewNamespaceAsync();
        var answer = await _admin.PostAsync($"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"warn"},"foo":1,"data":{"a":"1","a":"2"}}""");
        Assert.Equal(["""299 - "unknown field \"foo\"" """.Trim(), """299 - "duplicate field \"data.a\"" """.Trim()], answer.Expect(201).Warnings);
        Assert.Equal("2", answer.At("data.a"));
        Assert.Null(answer.At("foo"));
    }

    [Fact]
    public async Task UnknownFieldIgnored_IsSilent()
    {
        var ns = await _admin.NewNamespaceAsync();
        var answer = await _admin.PostAsync($"/api/v1/namespaces/{ns}/configmaps?fieldValidation=Ignore", """{"metadata":{"name":"warn"},"foo":1}""");
        Assert.Empty(answer.Expect(201).Warnings);
    }

    [Fact]
    public async Task BadDryRun_IsInvalid()
    {
        var answer = await _admin.PostAsync("/api/v1/namespaces/default/configmaps?dryRun=foo", """{"metadata":{"name":"a"}}""");
        Assert.Equal("""CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: []string{"foo"}: supported values: "All" """.Trim(), answer.Message);
        Assert.Equal(422, answer.Code);
    }

    [Fact]
    public async Task WrongMethod_IsNotAllowed()
    {
        var answer = await _admin.PostAsync("/api/v1/namespaces/default/configmaps/a", "{}");
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"the server does not allow this method on the requested resource","reason":"MethodNotAllowed","details":{},"code":405}""", answer.Text);
        Assert.Equal(405, (await _admin.DeleteAsync("/api/v1/namespaces")).Code);
        Assert.Equal(405, (await _admin.PostAsync("/api/v1/configmaps", "{}")).Code);
    }

    [Theory]
    [InlineData("labelSelector=%3D%3Dx", "found '==', expected: !, identifier, or 'end of string'")]
    [InlineData("fieldSelector=spec.foo%3Dx", "field label not supported: spec.foo")]
    [InlineData("continue=zzz", "invalid continue token")]
    public async Task BadSelector_IsBadRequest(string query, string message)
    {
        var answer = await _admin.GetAsync("/api/v1/namespaces/default/pods?" + query);
        Assert.Equal(400, answer.Code);
        Assert.Equal("BadRequest", answer.Reason);
        Assert.StartsWith(message, answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BadResourceVersion_IsRefused()
    {
        var answer = await _admin.GetAsync("/api/v1/pods?resourceVersion=abc");
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"resourceVersion: Invalid value: \"abc\": strconv.ParseUint: parsing \"abc\": invalid syntax","code":500}""", answer.Text);
    }

    [Fact]
    public async Task FutureResourceVersion_TimesOut()
    {
        var answer = await _admin.GetAsync("/api/v1/pods?resourceVersion=99999999");
        Assert.Equal(504, answer.Code);
        Assert.StartsWith("Timeout: Too large resource version: 99999999, current: ", answer.Message, StringComparison.Ordinal);
        Assert.Equal("""{"causes":[{"reason":"ResourceVersionTooLarge","message":"Too large resource version"}],"retryAfterSeconds":1}""", answer.Json["details"]!.ToJsonString());
    }

    [Theory]
    [InlineData("resourceVersionMatch=Exact", "resourceVersionMatch is forbidden unless resourceVersion is provided")]
    [InlineData("resourceVersionMatch=Exact&resourceVersion=0", "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"")]
    [InlineData("watch=1&sendInitialEvents=true", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")]
    public async Task ContradictingListOptions_AreInvalid(string query, string detail)
    {
        var answer = await _admin.GetAsync("/api/v1/pods?" + query);
        Assert.Equal(422, answer.Code);
        Assert.Equal($"ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: {detail}", answer.Message);
    }

    [Fact]
    public async Task ProtobufOnly_IsNotAcceptable()
    {
        var answer = await _admin.GetAsync("/api/v1/namespaces/default", "application/vnd.kubernetes.protobuf");
        Assert.Equal(406, answer.Code);
        Assert.Equal("NotAcceptable", answer.Reason);
    }

    [Fact]
    public async Task TableOfAReview_IsNotAcceptable()
    {
        const string Review = """{"kind":"SelfSubjectAccessReview","apiVersion":"authorization.k8s.io/v1","spec":{"nonResourceAttributes":{"path":"/","verb":"get"}}}""";
        const string Path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
        Assert.Equal(406, (await _admin.SendAsync(HttpMethod.Post, Path, Review, accept: "application/json;as=Table;v=v1;g=meta.k8s.io")).Code);
        Assert.Equal(201, (await _admin.SendAsync(HttpMethod.Post, Path, Review, accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json")).Code);
    }

    [Fact]
    public async Task UnknownBodyType_IsUnsupported()
    {
        var answer = await _admin.PostAsync("/api/v1/namespaces/default/configmaps", "<a/>", "text/xml");
        Assert.Equal(415, answer.Code);
        Assert.StartsWith("the body of the request was in an unknown format - accepted media types include: application/json", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BodyOverTheLimit_IsTooLarge()
    {
        var answer = await CreateAsync("""{"metadata":{"name":"big"},"data":{"a":""" + "\"" + new string('x', 3 * 1024 * 1024) + "\"}}");
        Assert.Equal(413, answer.Code);
        Assert.Equal("RequestEntityTooLarge", answer.Reason);
    }

    [Theory]
    [InlineData("1.1", false)]
    [InlineData("1.1", true)]
    [InlineData("2.0", true)]
    public async Task BodyUnderTheLimit_IsReadWhole(string version, bool unknownLength)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/namespaces/default/configmaps") { Version = Version.Parse(version), VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Content = new StringContent("""{"metadata":{"name":"big"},"data":{"a":""" + "\"" + new string('x', (3 * 1024 * 1024) - 100) + "\"}}");
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.TransferEncodingChunked = unknownLength && version == "1.1" ? true : null;
        if (unknownLength)
        {
            request.Content.Headers.ContentLength = null;
        }

        var answer = await _admin.SendAsync(request);
        Assert.Equal(422, answer.Code);
        Assert.Contains("Too long", answer.Message, StringComparison.Ordinal);
    }

    private Task<ApiAnswer> CreateAsync(string body) => _admin.PostAsync("/api/v1/namespaces/default/configmaps", body);
}
