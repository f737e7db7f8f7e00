using Microsoft.Extensions.Logging.Abstractions;
using Sealos.ControllerKit.Caching;
using Sealos.Kinds.Core;
using Sealos.OsServices.Access;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.Users;
using Xunit;

namespace Sealos.OsServices_Tests.SignIn;

public sealed class AttemptGuardTests(SignInCloud cloud)
{
    private const string Home = "203.0.113.9";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ManyStrangers_DoNotKeepOutWhoeverHasBeenHereBefore()
    {
        var user = await cloud.MakeUserAsync(Ct);
        await cloud.SendAsync(HttpMethod.Post, "sign-in", new { user, password = SignInCloud.Password }, null, Ct, Home);
        await using var accounts = new InformerFactory(cloud.Client, NullLoggerFactory.Instance, UserDirectory.AccountsNamespace);
        var known = accounts.For<Secret>(SessionObjects.Selector).AddIndex(Sessions.ByOwner, s => SessionObjects.OwnerOf(s) is { } owner ? [owner] : []);
        accounts.Start();
        await accounts.WaitForSyncAsync(Ct);
        var guard = new AttemptGuard(new Sessions(cloud.Client, known, TimeProvider.System), TimeProvider.System);

        for (var i = 0; i < 2000; i++)
        {
            guard.Check("nobody", new ClientInfo($"198.18.{i / 250}.{i % 250}", ""));
        }

        Assert.Throws<ServiceException>(() => guard.Check(user, new ClientInfo("192.0.2.77", "")));
        guard.Check(user, new ClientInfo(Home, ""));
        guard.CheckNetwork(new ClientInfo("192.0.2.78", ""));
    }
}
