using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Registry;

/// <summary>Events are one set of objects under two groups.</summary>
public sealed class ViewConversionTests(ApiServerFixture server)
{
    private readonly ApiClient _admin = server.Admin;

    [Fact]
    public async Task Event_IsTheSameUnderBothGroups()
    {
        var ns = await _admin.NewNamespaceAsync();
        var core = $"/api/v1/namespaces/{ns}/events";
        var newer = $"/apis/events.k8s.io/v1/namespaces/{ns}/events";
        var body = """{"metadata":{"name":"e"},"eventTime":"2026-11-22T02:52:07.979832Z","reportingController":"x","reportingInstance":"y","action":"A","reason":"R","type":"Normal","regarding":{"kind":"Pod","name":"p","namespace":"NS"},"note":"hello"}""".Replace("NS", ns, StringComparison.Ordinal);
        var created = (await _admin.PostAsync(newer, body)).Expect(201);
        Assert.Equal("hello", created.At("note"));
        Assert.Equal("events.k8s.io/v1", created.At("apiVersion"));

        var seen = (await _admin.GetAsync(core + "/e")).Expect(200);
        Assert.Equal("hello", seen.At("message"));
        Assert.Equal("p", seen.At("involvedObject.name"));
        Assert.Equal("x", seen.At("reportingComponent"));

        Assert.Equal("Warning", (await _admin.PatchAsync(newer + "/e", """{"type":"Warning"}""")).Expect(200).At("type"));
        Assert.Equal("Warning", (await _admin.GetAsync(core + "/e")).At("type"));
        Assert.Single((await _admin.GetAsync(newer + "?fieldSelector=regarding.name%3Dp")).Expect(200).Json["items"]!.AsArray());
        Assert.Single((await _admin.GetAsync(core + "?fieldSelector=involvedObject.name%3Dp,source%3Dx")).Expect(200).Json["items"]!.AsArray());
        Assert.Equal(["ADDED hello"], await _admin.CollectAsync(newer + "?watch=1&timeoutSeconds=1", 1, "note"));
        Assert.Equal("Success", (await _admin.DeleteAsync(newer + "/e")).Expect(200).At("status"));
        Assert.Equal(404, (await _admin.GetAsync(core + "/e")).Code);
    }
}
