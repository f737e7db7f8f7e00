using Sealos.OsServices.SignIn;
using Sealos.OsServices.SignIn.Device;
using Xunit;

namespace Sealos.OsServices_Tests.SignIn.Device;

public sealed class DeviceRequestsTests
{
    [Fact]
    public void Requests_OfOneNetwork_AreBounded_AndOthersGoOn()
    {
        var requests = new DeviceRequests(TimeProvider.System);
        for (var i = 0; i < 20; i++)
        {
            Assert.NotNull(requests.Add(new ClientInfo("192.0.2.1", "")));
        }

        Assert.Null(requests.Add(new ClientInfo("192.0.2.1", "")));
        Assert.NotNull(requests.Add(new ClientInfo("192.0.2.2", "")));
    }

    [Fact]
    public void Requests_OfOneSite_AreBounded_HoweverManyNetworksItHas()
    {
        var requests = new DeviceRequests(TimeProvider.System);
        var taken = Enumerable.Range(0, 200).Count(i => requests.Add(new ClientInfo($"2001:db8:1:{i:x}::1", "")) is not null);

        Assert.Equal(100, taken);
        Assert.NotNull(requests.Add(new ClientInfo("2001:db8:2::1", "")));
    }

    [Fact]
    public void Requests_OfStrangers_ShutNobodyOut()
    {
        var requests = new DeviceRequests(TimeProvider.System);
        for (var i = 0; i < 10_000; i++)
        {
            Assert.NotNull(requests.Add(new ClientInfo($"10.{i >> 16}.{(i >> 8) & 255}.{i & 255}", "")));
        }

        var (mine, _) = requests.Add(new ClientInfo("192.0.2.1", ""))!.Value;
        Assert.Same(mine, requests.Find(mine.UserCode));
    }

    [Fact]
    public void UserCode_IsFoundHoweverItIsTyped_AndHasNoVowelsOrDigits()
    {
        var requests = new DeviceRequests(TimeProvider.System);
        var (request, _) = requests.Add(ClientInfo.Unknown)!.Value;

        Assert.Matches("^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$", request.UserCode);
        Assert.Same(request, requests.Find(" " + request.UserCode.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant()));
        Assert.Null(requests.Find("BBBB-BBBB-BBBB"));
        Assert.Null(requests.Find(null));
        Assert.Null(requests.Find(new string('B', 100)));
    }
}
