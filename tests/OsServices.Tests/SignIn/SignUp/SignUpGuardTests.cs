using Sealos.OsServices.Access;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.SignIn.SignUp;
using Xunit;

namespace Sealos.OsServices_Tests.SignIn.SignUp;

public sealed class SignUpGuardTests
{
    [Fact]
    public void Flood_FromManyAddresses_IsBoundedAsAWhole_AndOverAMinuteLater()
    {
        var time = new Clock();
        var guard = new SignUpGuard(time);
        var tried = 0;
        for (var i = 0; i < 5_000; i++)
        {
            tried += Tries(guard, $"198.18.{i / 250}.{i % 250}") ? 1 : 0;
        }

        Assert.Equal(600, tried);
        time.Now += TimeSpan.FromMinutes(1);
        Assert.True(Tries(guard, "192.0.2.1"));
    }

    [Fact]
    public void Addresses_OfOneIPv6Network_CountAsOne()
    {
        var guard = new SignUpGuard(new Clock());

        Assert.Equal(30, Enumerable.Range(1, 100).Count(i => Tries(guard, $"2001:db8:1:2::{i:x}")));
        Assert.True(Tries(guard, "2001:db8:1:3::1"));
    }

    [Fact]
    public void Users_FromManyAddresses_AreBoundedAsAWhole()
    {
        var guard = new SignUpGuard(new Clock());
        var made = Enumerable.Range(0, 2_000).Count(i => Allows(() => guard.CheckUser(new ClientInfo($"198.18.{i / 250}.{i % 250}", ""))));

        Assert.Equal(300, made);
    }

    private static bool Tries(SignUpGuard guard, string address) => Allows(() => guard.CheckTry(new ClientInfo(address, "")));

    private static bool Allows(Action check)
    {
        try
        {
            check();
            return true;
        }
        catch (ServiceException e) when (e.Code == "too-many")
        {
            return false;
        }
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
