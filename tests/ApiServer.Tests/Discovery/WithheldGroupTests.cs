using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Discovery;

public sealed class WithheldGroupTests
{
    private const string Group = "metrics.k8s.io";

    [Fact]
    public async Task Serve_Withheld_IsUnknownEverywhereUntilItIsServedAgain()
    {
        await using var server = new ApiServerFixture();
        await server.InitializeAsync();
        Assert.True(await IsKnownAsync(server.Admin));

        server.Server.Serve(Group, isServed: false);
        Assert.False(await IsKnownAsync(server.Admin));
        var refusal = await server.Admin.GetAsync($"/apis/{Group}/v1beta1/nodes");
        Assert.Equal(404, refusal.Code);

        server.Server.Serve(Group, isServed: true);
        Assert.True(await IsKnownAsync(server.Admin));
        (await server.Admin.GetAsync($"/apis/{Group}/v1beta1/nodes")).Expect(200);
    }

    [Fact]
    public async Task Serve_GroupWithStoredObjects_IsRefused()
    {
        await using var server = new ApiServerFixture();
        await server.InitializeAsync();

        Assert.Throws<InvalidOperationException>(() => server.Server.Serve("apps", isServed: false));
    }

    private static async Task<bool> IsKnownAsync(ApiClient client)
    {
        var isKnown = (await client.GetAsync("/apis")).Expect(200).Json.ToJsonString().Contains(Group, StringComparison.Ordinal);
        Assert.Equal(isKnown, (await client.GetAsync("/apis/apiregistration.k8s.io/v1/apiservices")).Expect(200).Json.ToJsonString().Contains(Group, StringComparison.Ordinal));
        Assert.Equal(isKnown, (await client.GetAsync($"/apis/{Group}/v1beta1")).Code == 200);
        Assert.Equal(isKnown, (await client.GetAsync("/openapi/v3")).Expect(200).Json.ToJsonString().Contains(Group, StringComparison.Ordinal));
        return isKnown;
    }
}
