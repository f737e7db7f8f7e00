using Sealos.OsServices.SignIn;
using Xunit;

namespace Sealos.OsServices_Tests.SignIn;

public sealed class SignInStepsTests
{
    private readonly SignInSteps<string> _steps = new(TimeProvider.System, TimeSpan.FromMinutes(5));

    [Fact]
    public void Steps_AreBounded_AndTheLastOfManyHolds()
    {
        var (first, _) = _steps.Add("first", new ClientInfo("192.0.2.1", ""));
        for (var i = 0; i < 10_500; i++)
        {
            _steps.Add("stranger", new ClientInfo($"10.{i >> 16}.{(i >> 8) & 255}.{i & 255}", ""));
        }

        var (last, _) = _steps.Add("last", new ClientInfo("192.0.2.1", ""));
        Assert.Null(_steps.Try(first));
        Assert.Equal("last", _steps.Try(last));
    }

    [Fact]
    public void Site_ThatFillsThem_PushesOutItsOwnAlone_HoweverManyNetworksItHas()
    {
        var (mine, _) = _steps.Add("mine", new ClientInfo("2001:db8:2::1", ""));
        var (theirs, _) = _steps.Add("theirs", new ClientInfo("2001:db8:1::1", ""));
        for (var i = 0; i < 12_000; i++)
        {
            _steps.Add("stranger", new ClientInfo($"2001:db8:1:{i:x}::1", ""));
        }

        Assert.Null(_steps.Try(theirs));
        Assert.Equal("mine", _steps.Try(mine));
    }

    [Fact]
    public void Step_IsEndedOnce_AndLeavesRoomAgain()
    {
        var (mine, _) = _steps.Add("mine", new ClientInfo("192.0.2.1", ""));
        for (var i = 0; i < 600; i++)
        {
            var (token, _) = _steps.Add("another", new ClientInfo("192.0.2.1", ""));
            Assert.True(_steps.TryEnd(token));
            Assert.False(_steps.TryEnd(token));
            Assert.Null(_steps.Try(token));
        }

        Assert.Equal("mine", _steps.Try(mine));
    }
}
