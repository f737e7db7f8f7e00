using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests.Tenancy;

/// <summary>A user who is locked is out at once, and one who is deleted leaves nothing behind.</summary>
[Collection(CloudCollection.Name)]
public sealed class EndOfUsersTests(CloudFixture fixture)
{
    private readonly Cloud _cloud = fixture.Cloud;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task User_LockedUnlockedAndDeleted_IsOutAtOnce_InAgain_AndGoneWhole()
    {
        using var @operator = await _cloud.ConnectAsync(Ct);
        await using var person = await Person.CreateAsync(_cloud, "zoe");
        var pods = $"/api/v1/namespaces/{person.Namespace}/pods";
        Assert.Null(await person.TryAsync(HttpMethod.Get, pods));

        await _cloud.SealosAsync(["user", "lock", person.Name], Ct).OutputAsync();
        await Eventually.TrueAsync("the token has ended", async () => (await person.TryAsync(HttpMethod.Get, pods))?.Code == 401, ct: Ct);

        using var old = new KubeClient(person.Client.Config, "old");
        await _cloud.SealosAsync(["user", "unlock", person.Name], Ct).OutputAsync();
        await person.TakeKubeConfigAsync();
        await Eventually.TrueAsync("the new kubeconfig holds", async () => await person.TryAsync(HttpMethod.Get, pods) is null, ct: Ct);
        Assert.Equal(401, (await Person.TryAsync(old, HttpMethod.Get, pods))?.Code);

        var host = $"{person.Name}.{_cloud.Domain}";
        await person.KubectlAsync(["create", "ingress", "web", $"--rule={host}/*=web:80"]).OutputAsync();
        Assert.NotNull(await FindAsync("/apis/network.sealos.io/v1/hostclaims/" + host));
        await _cloud.SealosAsync(["user", "delete", person.Name, "--yes"], Ct).OutputAsync();
        await Eventually.TrueAsync("nobody can act as them", async () => (await person.TryAsync(HttpMethod.Get, pods))?.Code == 401, ct: Ct);
        IReadOnlyList<string> left = [];
        try
        {
            await Eventually.TrueAsync("the user's end", async () => (left = await LeftAsync()).Count == 0, ct: Ct);
        }
        catch (TimeoutException)
        {
            Assert.Empty(left);
        }

        Assert.Null(await FindAsync("/apis/user.sealos.io/v1/users/" + person.Name));

        async Task<JsonObject?> FindAsync(string path)
        {
            try
            {
                return await Person.SendAsync(@operator, HttpMethod.Get, path);
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                return null;
            }
        }

        async Task<IReadOnlyList<string>> LeftAsync()
        {
            string[] lists =
            [
                "/api/v1/namespaces", "/api/v1/namespaces/user-system/secrets", "/api/v1/namespaces/user-system/serviceaccounts", "/apis/rbac.authorization.k8s.io/v1/rolebindings",
                "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", "/apis/network.sealos.io/v1/hostclaims", "/apis/user.sealos.io/v1/users",
            ];
            var all = await Task.WhenAll(lists.Select(async l => (await Person.SendAsync(@operator, HttpMethod.Get, l))["items"]!.AsArray()));
            return [.. all.SelectMany(l => l).Select(o => o!.ToJsonString()).Where(o => o.Contains(person.Name, StringComparison.Ordinal))];
        }
    }
}
