using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests;

/// <summary>The name server of the machine's network dies: the cloud's own names go on, others fail fast, and come back with it.</summary>
[Collection(RoughCollection.Name)]
public sealed class DnsOutageTests(CloudFixture fixture)
{
    private const string Hosts = "/etc/resolv.conf";

    private readonly Cloud _cloud = fixture.Cloud;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task NameServerOutside_FallsSilent_ClusterNamesGoOn_AndOthersComeBackWithIt()
    {
        using var outside = new NameServer();
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "nameserver 127.0.0.1\n", Ct);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        await Command.RunAsync("mount", ["--bind", file, Hosts], ct: Ct).OutputAsync();
        try
        {
            await fixture.RunToolsAsync("asker", "sleep 1000000");
            await Eventually.TrueAsync("names outside are found", async () => await AskAsync("first.outside.test"), TimeSpan.FromSeconds(40), Ct);

            outside.IsSilent = true;
            var i = 0;
            await Eventually.TrueAsync("the silence is noticed", async () => !await AskAsync($"n{i++}.outside.test") && (await _cloud.EventsAsync("UpstreamSilent", Ct)).Contains("kube-dns"), TimeSpan.FromSeconds(60), Ct);
            var watch = Stopwatch.StartNew();
            await fixture.ExecAsync("asker", "sh", "-c", "for i in $(seq 10); do nslookup m$i.outside.test; nslookup kubernetes.default.svc.cluster.local >> /tmp/found; done; true").OutputAsync();

            // Waited for one after the other they would take twenty seconds at least, as no answer is given up after two.
            Assert.InRange(watch.Elapsed.TotalSeconds, 0, 15);
            Assert.Equal("10", (await fixture.ExecAsync("asker", "grep", "-c", "Address: 10.209.0.1$", "/tmp/found").OutputAsync()).Trim());

            outside.IsSilent = false;
            await Eventually.TrueAsync("names outside are found again", async () => await AskAsync("last.outside.test"), ct: Ct);
            await _cloud.UntilEventAsync("UpstreamAnswers", "kube-dns", Ct);
            await _cloud.KubectlAsync(["delete", "pod", "asker", "-n", "default"], Ct).OutputAsync();
        }
        finally
        {
            await Command.RunAsync("umount", [Hosts], ct: CancellationToken.None).OutputAsync();
            File.Delete(file);
        }
    }

    private async Task<bool> AskAsync(string name) => (await fixture.ExecAsync("asker", "nslookup", "-type=a", name)).Output.Contains("192.0.2.7", StringComparison.Ordinal);

    /// <summary>Answers every question with one address that nobody may keep.</summary>
    private sealed class NameServer : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

        public NameServer()
        {
            _socket.Bind(new IPEndPoint(IPAddress.Loopback, 53));
            _ = Task.Run(ServeAsync);
        }

        public bool IsSilent { get; set; }

        public void Dispose() => _socket.Dispose();

        private async Task ServeAsync()
        {
            var buffer = new byte[512];
            while (true)
            {
                var packet = await _socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), Ct);
                if (IsSilent)
                {
                    continue;
                }

                // The question without what follows it, and an A record for its name.
                var end = Array.IndexOf(buffer, (byte)0, 12) + 5;
                byte[] answer = [.. buffer[..end], 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 192, 0, 2, 7];
                (answer[2], answer[3], answer[7], answer[9], answer[11]) = (0x81, 0x80, 1, 0, 0);
                await _socket.SendToAsync(answer, packet.RemoteEndPoint, Ct);
            }
        }
    }
}
