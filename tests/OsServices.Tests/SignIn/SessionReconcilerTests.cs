using Microsoft.Extensions.Logging.Abstractions;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.Kinds.Core;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.Users;
using Xunit;

namespace Sealos.OsServices_Tests.SignIn;

public sealed class SessionReconcilerTests(SignInCloud cloud)
{
    [Fact]
    public async Task Session_GoesWhenItsTimeIsOver_AndWaitsUntilThen()
    {
        var ct = TestContext.Current.CancellationToken;
        var user = await cloud.MakeUserAsync(ct);
        var credential = await cloud.Client.GetAsync<Secret>(UserDirectory.AccountsNamespace, $"sealos-password-{user}", ct);
        await using var informers = new InformerFactory(cloud.Client, NullLoggerFactory.Instance, UserDirectory.AccountsNamespace);
        var now = TimeProvider.System.GetUtcNow();
        var over = await cloud.Client.CreateAsync(SessionObjects.Build(user, credential, "password", ClientInfo.Unknown, (now.AddHours(-13), now.AddSeconds(-1))), ct);
        var live = await cloud.Client.CreateAsync(SessionObjects.Build(user, credential, "password", ClientInfo.Unknown, (now, now.AddDays(300))), ct);
        var known = informers.For<Secret>(SessionObjects.Selector);
        informers.Start();
        await informers.WaitForSyncAsync(ct);
        var reconciler = new SessionReconciler(cloud.Client, known, TimeProvider.System);

        await reconciler.ReconcileAsync(ObjectKey.Of(over), ct);
        var again = (await reconciler.ReconcileAsync(ObjectKey.Of(live), ct)).Again;

        Assert.True(again > TimeSpan.FromDays(299));
        Assert.Null(await cloud.Client.FindAsync<Secret>(UserDirectory.AccountsNamespace, over.Metadata.Name!, ct));
        Assert.NotNull(await cloud.Client.FindAsync<Secret>(UserDirectory.AccountsNamespace, live.Metadata.Name!, ct));
    }
}
