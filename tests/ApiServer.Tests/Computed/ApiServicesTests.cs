using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Computed;

public sealed class ApiServicesTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    private const string Path = "/apis/apiregistration.k8s.io/v1/apiservices";

    private readonly ApiClient _admin = server.Admin;

    [Fact]
    public async Task EveryGroupVersion_IsServedHere()
    {
        var names = (await _admin.GetAsync(Path)).Expect(200).Json["items"]!.AsArray().Select(i => (string?)i!["metadata"]!["name"]).ToList();
        Assert.Equal(["v1.", "v1.apps"], names.Where(n => n is "v1." or "v1.apps"));
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        var apps = (await _admin.GetAsync(Path + "/v1.apps")).Expect(200);
        Assert.Equal(("apps", "Local", "True"), (apps.At("spec.group"), apps.At("status.conditions.0.reason"), apps.At("status.conditions.0.status")));
    }

    [Fact]
    public async Task AnotherServer_CannotBeRegistered() =>
        Assert.Equal(405, (await _admin.PostAsync(Path, """{"metadata":{"name":"v1.x.io"},"spec":{"group":"x.io","version":"v1"}}""")).Code);
}
