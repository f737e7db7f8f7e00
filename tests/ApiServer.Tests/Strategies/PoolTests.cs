using System.Net;
using Sealos.ApiServer.Strategies;
using Xunit;

namespace Sealos.ApiServer.Tests.Strategies;

public sealed class PoolTests
{
    [Fact]
    public void Addresses_AreAllGivenOutOnceUpperBandFirst()
    {
        var pool = new AddressPool(IPNetwork.Parse("10.0.0.0/24"));
        var given = new List<IPAddress>();
        while (pool.TakeAny() is { } address)
        {
            given.Add(address);
        }

        Assert.Equal(254, given.Distinct().Count());
        Assert.All(given.Take(239), a => Assert.InRange(a.GetAddressBytes()[3], 16, 254));
        Assert.All(given, a => Assert.True(pool.Contains(a)));
        pool.Release(given[0]);
        Assert.Equal(given[0], pool.TakeAny());
    }

    [Fact]
    public void AddressOfDns_IsNeverGivenOut_ButCanBeTaken()
    {
        var dns = IPAddress.Parse("10.0.0.10");
        var pool = new AddressPool(IPNetwork.Parse("10.0.0.0/24"), dns);
        var given = new List<IPAddress>();
        while (pool.TakeAny() is { } address)
        {
            given.Add(address);
        }

        Assert.Equal(253, given.Count);
        Assert.DoesNotContain(dns, given);
        Assert.True(pool.TryTake(dns));
    }

    [Theory]
    [InlineData("10.0.0.0", false)]
    [InlineData("10.0.0.1", true)]
    [InlineData("10.0.0.254", true)]
    [InlineData("10.0.0.255", false)]
    [InlineData("10.0.1.1", false)]
    [InlineData("9.255.255.255", false)]
    public void Address_IsInTheRangeOrNot(string address, bool expected) =>
        Assert.Equal(expected, new AddressPool(IPNetwork.Parse("10.0.0.0/24")).Contains(IPAddress.Parse(address)));

    [Fact]
    public void Address_IsTakenOnce()
    {
        var pool = new AddressPool(IPNetwork.Parse("10.0.0.0/24"));
        Assert.True(pool.TryTake(pool.First));
        Assert.False(pool.TryTake(pool.First));
    }

    [Fact]
    public void Ports_RunOut()
    {
        var pool = new PortPool(30000, 30001);
        Assert.Equal([30000, 30001], new[] { pool.TakeAny()!.Value, pool.TakeAny()!.Value }.Order());
        Assert.Null(pool.TakeAny());
    }
}
