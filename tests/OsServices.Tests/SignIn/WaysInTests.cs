using Microsoft.Extensions.Logging.Abstractions;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.OsServices.Access;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.SignIn.Passkeys;
using Sealos.OsServices.Users;
using Xunit;

namespace Sealos.OsServices_Tests.SignIn;

/// <summary>Two replicas that take what somebody signs in with away at the same moment; a cloud of its own, as a second factor is demanded in it.</summary>
public sealed class WaysInTests : IAsyncLifetime
{
    private readonly SignInCloud _cloud = new();
    private readonly List<SignInSettingsSource> _settings = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _cloud.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var settings in _settings)
        {
            await settings.DisposeAsync();
        }

        await _cloud.DisposeAsync();
    }

    [Fact]
    public async Task TwoWays_TakenAwayAtOnceInTwoReplicas_AreNotBothGone()
    {
        var user = await MakeAsync(1, 2);
        var (one, two) = (Replica(), Replica());
        await _cloud.Client.DeleteAsync<Secret>(UserDirectory.AccountsNamespace, UsersObjects.PasswordSecretOf(user), null, Ct);
        ServiceException? refused = null;

        // The first has looked and not written yet.
        await one.RemoveAsync(
            user,
            Way(1),
            async () => refused = await Assert.ThrowsAsync<ServiceException>(() => two.RemoveAsync(user, Way(2), () => Task.CompletedTask, Ct)),
            Ct);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => TryAsync(i % 2 == 0 ? one : two, user, (byte)(1 + (i % 2)))));

        Assert.Equal("conflict", refused!.Code);
        Assert.Single((await new PasskeyStore(_cloud.Client).FindAsync(user, Ct))!.All);
    }

    [Fact]
    public async Task WayThatWasNotTakenAway_CountsAgain_AndThatOfAServerThatEndedHalfway_InAWhile()
    {
        var user = await MakeAsync(1);
        var ways = Replica();
        await _cloud.Client.DeleteAsync<Secret>(UserDirectory.AccountsNamespace, UsersObjects.PasswordSecretOf(user), null, Ct);
        await Assert.ThrowsAsync<ServiceException>(() => ways.RemoveAsync(user, Way(1), () => Task.CompletedTask, Ct));
        await AddAsync(user, 2);
        await Assert.ThrowsAsync<InvalidDataException>(() => ways.RemoveAsync(user, Way(1), () => throw new InvalidDataException("no"), Ct));
        await ways.RemoveAsync(user, Way(2), () => Task.CompletedTask, Ct);

        await new Departures(_cloud.Client, new Earlier(TimeSpan.FromMinutes(2))).AddAsync(user, Way(1), _ => Task.CompletedTask, Ct);
        await Assert.ThrowsAsync<ServiceException>(() => ways.RemoveAsync(user, Way(2), () => Task.CompletedTask, Ct));
        await _cloud.Client.DeleteAsync<Secret>(UserDirectory.AccountsNamespace, Departures.SecretOf(user), null, Ct);
        await new Departures(_cloud.Client, new Earlier(TimeSpan.FromMinutes(6))).AddAsync(user, Way(1), _ => Task.CompletedTask, Ct);
        await ways.RemoveAsync(user, Way(2), () => Task.CompletedTask, Ct);
    }

    [Fact]
    public async Task SecondFactors_WhereOneIsDemanded_AreNotBothTakenAwayAtOnce()
    {
        await _cloud.Client.TryCreateAsync(new Namespace { Metadata = new ObjectMeta { Name = "sealos-system" } }, Ct);
        await _cloud.Client.CreateAsync(new ConfigMap { Metadata = new ObjectMeta { Name = "sign-in", Namespace = "sealos-system" }, Data = new() { ["secondFactor"] = "everybody" } }, Ct);
        var user = await MakeAsync(1);
        var factors = new SecondFactors(_cloud.Client, TimeProvider.System);
        var code = Totp.CodeAt((await factors.StartAsync(user, Ct))!, TimeProvider.System.GetUtcNow());
        Assert.NotNull(await factors.ConfirmAsync(user, code, Ct));
        var (one, two) = (Replica(), Replica());
        ServiceException? refused = null;

        await one.RemoveAsync(
            user,
            WaysIn.Authenticator,
            async () => refused = await Assert.ThrowsAsync<ServiceException>(() => two.RemoveAsync(user, Way(1), () => Task.CompletedTask, Ct)),
            Ct);
        await two.RemoveAsync(user, Way(1), async () => await Assert.ThrowsAsync<ServiceException>(() => one.RemoveAsync(user, WaysIn.Authenticator, () => Task.CompletedTask, Ct)), Ct);

        Assert.Contains("second factor", refused!.Message, StringComparison.Ordinal);
    }

    private static string Way(byte id) => WaysIn.Passkey(Passkey.IdOf([id]));

    private async Task TryAsync(WaysIn ways, string user, byte id)
    {
        try
        {
            await ways.RemoveAsync(user, Way(id), () => new PasskeyStore(_cloud.Client).TakeBackAsync(user, Passkey.IdOf([id])), Ct);
        }
        catch (ServiceException e)
        {
            Assert.Equal("conflict", e.Code);
        }
    }

    /// <summary>A user with passkeys of such ids.</summary>
    private async Task<string> MakeAsync(params byte[] ids)
    {
        var user = await _cloud.MakeUserAsync(Ct);
        foreach (var id in ids)
        {
            await AddAsync(user, id);
        }

        return user;
    }

    private async Task AddAsync(string user, byte id)
    {
        var store = new PasskeyStore(_cloud.Client);
        var handle = (await store.FindAsync(user, Ct))?.Handle ?? PasskeyStore.NewHandle();
        var passkey = new Passkey([id], [], "p", TimeProvider.System.GetUtcNow());
        Assert.True(await store.TryAddAsync(user, handle, passkey, Ct));
    }

    private WaysIn Replica()
    {
        var settings = new SignInSettingsSource(_cloud.Client, NullLoggerFactory.Instance);
        settings.Start();
        _settings.Add(settings);
        return new WaysIn(_cloud.Client, new PasskeyStore(_cloud.Client), new SecondFactors(_cloud.Client, TimeProvider.System), new SecondFactorDemand(settings), settings, TimeProvider.System);
    }

    private sealed class Earlier(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - by;
    }
}
