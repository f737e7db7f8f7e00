using System.Text;
using System.Text.Json.Nodes;
using Sealos.Kinds.Authentication;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers_Tests.Harness;
using Xunit;
using static Sealos.KubeControllers_Tests.Harness.TestCloud;

namespace Sealos.KubeControllers_Tests.ServiceAccounts;

public sealed class TokenSecretReconcilerTests(TestCloud cloud) : IClassFixture<TestCloud>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Secret_OfAServiceAccount_IsFilledAndItsTokenSignsIn()
    {
        var (ns, token) = await FilledAsync();
        var secret = await cloud.Client.GetAsync<Secret>(ns, "robot-token", Ct);

        var review = await ReviewAsync(token);

        Assert.True(review.Authenticated);
        Assert.Equal($"system:serviceaccount:{ns}:robot", review.User?.Username);
        Assert.Equal(cloud.Server.RootPem, Encoding.ASCII.GetString(secret.Data!["ca.crt"]));
        Assert.Equal(ns, Encoding.ASCII.GetString(secret.Data["namespace"]));
        Assert.True(secret.Metadata.Annotations!.ContainsKey("kubernetes.io/service-account.uid"));
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task Token_TakenOutOfItsSecret_EndsAndIsReplaced()
    {
        var (ns, token) = await FilledAsync();

        await cloud.Client.PatchAsync<Secret>(ns, "robot-token", new JsonObject { ["data"] = new JsonObject { ["token"] = null } }, null, Ct);

        Assert.NotEqual(true, (await ReviewAsync(token)).Authenticated);
        await EventuallyAsync(async () => Assert.True((await cloud.Client.GetAsync<Secret>(ns, "robot-token", Ct)).Data!.ContainsKey("token")));
        var next = Encoding.ASCII.GetString((await cloud.Client.GetAsync<Secret>(ns, "robot-token", Ct)).Data!["token"]);
        Assert.True((await ReviewAsync(next)).Authenticated);
        Assert.NotEqual(true, (await ReviewAsync(token)).Authenticated);
    }

    [Fact]
    public async Task ServiceAccount_Deleted_TakesItsSecretAndTokenAlong()
    {
        var (ns, token) = await FilledAsync();

        await cloud.Client.DeleteAsync<ServiceAccount>(ns, "robot", null, Ct);

        Assert.NotEqual(true, (await ReviewAsync(token)).Authenticated);
        await EventuallyAsync(async () => Assert.Null(await cloud.Client.FindAsync<Secret>(ns, "robot-token", Ct)));
    }

    private async Task<(string Namespace, string Token)> FilledAsync()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(new ServiceAccount { Metadata = new ObjectMeta { Name = "robot", Namespace = ns } }, Ct);
        await cloud.Client.CreateAsync(
            new Secret
            {
                Metadata = new ObjectMeta { Name = "robot-token", Namespace = ns, Annotations = new() { ["kubernetes.io/service-account.name"] = "robot" } },
                Type = "kubernetes.io/service-account-token",
            },
            Ct);
        byte[]? token = null;
        await EventuallyAsync(async () => Assert.NotNull(token = (await cloud.Client.GetAsync<Secret>(ns, "robot-token", Ct)).Data?.GetValueOrDefault("token")));
        return (ns, Encoding.ASCII.GetString(token!));
    }

    private async Task<TokenReviewStatus> ReviewAsync(string token) =>
        (await cloud.Client.CreateAsync(new TokenReview { Spec = new TokenReviewSpec { Token = token } }, Ct)).Status!;
}
