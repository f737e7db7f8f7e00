using System.Net;
using Sealos.Network.Dns;
using Xunit;

namespace Sealos.Network_Tests.Dns;

public sealed class NameServersTests
{
    [Fact]
    public void ResolvConf_IsRead_WithoutOurselves()
    {
        string[] lines = ["# a comment", "search example.org", "nameserver 10.209.0.10", "  nameserver\t192.0.2.53  # first", "nameserver nonsense", "nameserver", "nameserver 192.0.2.54", "nameserver 192.0.2.53"];
        Assert.Equal(["192.0.2.53:53", "192.0.2.54:53"], NameServers.Parse(lines, [IPAddress.Parse("10.209.0.10")]).Select(s => s.ToString()));
    }

    [Fact]
    public void ResolvConf_ThatChanges_IsReadAgain_AndOneThatGoes_IsRemembered()
    {
        var file = Path.GetTempFileName();
        try
        {
            var time = new ManualTime();
            var servers = new NameServers(new DnsOptions { ResolvConf = file }, time);
            File.WriteAllText(file, "nameserver 192.0.2.1\n");
            Assert.Equal("192.0.2.1:53", Assert.Single(servers.InOrder()).ToString());

            File.WriteAllText(file, "nameserver 192.0.2.2\n");
            File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
            Assert.Equal("192.0.2.1:53", Assert.Single(servers.InOrder()).ToString());
            time.Advance(TimeSpan.FromSeconds(11));
            Assert.Equal("192.0.2.2:53", Assert.Single(servers.InOrder()).ToString());

            File.Delete(file);
            time.Advance(TimeSpan.FromSeconds(11));
            Assert.Equal("192.0.2.2:53", Assert.Single(servers.InOrder()).ToString());
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Server_ThatDoesNotAnswer_IsAskedLast()
    {
        IPEndPoint[] listed = [new(1, 53), new(2, 53), new(3, 53)];
        var servers = new NameServers(new DnsOptions { Upstreams = listed }, TimeProvider.System);
        servers.Avoid(listed[0]);
        Assert.Equal([listed[1], listed[2], listed[0]], servers.InOrder());

        // Told twice by two questions that ran side by side: it counts once.
        servers.Avoid(listed[0]);
        Assert.Equal(listed[1], servers.InOrder()[0]);
    }
}
