using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Verbs;

/// <summary>Lists in pieces once the state they began with is forgotten.</summary>
public sealed class HistoryTests
{
    [Fact]
    public async Task Continue_OfAForgottenState_IsExpiredWithATokenForTheRest()
    {
        await using var server = new ApiServerFixture { HistoryKept = TimeSpan.FromMilliseconds(200) };
        await server.InitializeAsync();
        var admin = server.Admin;
        var maps = $"/api/v1/namespaces/{await admin.NewNamespaceAsync()}/configmaps";
        foreach (var name in (string[])["a", "b", "c", "d", "e"])
        {
            (await admin.PostAsync(maps, $$$"""{"metadata":{"name":"{{{name}}}"}}""")).Expect(201);
        }

        var first = (await admin.GetAsync(maps + "?limit=2")).Expect(200);
        (await admin.DeleteAsync(maps + "/c")).Expect(200);
        await Poll.UntilAsync(async () => (await admin.GetAsync($"{maps}?limit=2&continue={first.At("metadata.continue")}")).Code == 410);

        var expired = await admin.GetAsync($"{maps}?limit=2&continue={first.At("metadata.continue")}");
        Assert.Equal(("Failure", "Expired", "410"), (expired.At("status"), expired.At("reason"), expired.At("code")));
        Assert.StartsWith("The provided continue parameter is too old to display a consistent list result.", expired.Message, StringComparison.Ordinal);

        var second = (await admin.GetAsync($"{maps}?limit=2&continue={expired.At("metadata.continue")}")).Expect(200);
        Assert.Equal(("d", "e", "1"), (second.At("items.0.metadata.name"), second.At("items.1.metadata.name"), second.At("metadata.remainingItemCount")));
        Assert.NotEqual(first.At("metadata.resourceVersion"), second.At("metadata.resourceVersion"));
        var third = (await admin.GetAsync($"{maps}?limit=2&continue={second.At("metadata.continue")}")).Expect(200);
        Assert.Equal(second.At("metadata.resourceVersion"), third.At("metadata.resourceVersion"));

        var old = await admin.GetAsync($"{maps}?resourceVersion={first.At("metadata.resourceVersion")}&resourceVersionMatch=Exact");
        Assert.Equal((410, "The resourceVersion for the provided list is too old."), (old.Code, old.Message));
    }
}
