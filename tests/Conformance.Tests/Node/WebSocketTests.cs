using System.Net.WebSockets;
using System.Text;
using Sealos.ControllerKit.Client;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Node;

/// <summary>Commands and logs over plain WebSockets, as programs in browsers reach them.</summary>
public sealed class WebSocketTests(CloudFixture fixture) : PodStory(fixture)
{
    [Fact]
    [Upstream("[sig-node] Pods should support remote command execution over websockets [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Pods should support retrieving logs from the container over websockets [NodeConformance] [Conformance]")]
    public async Task CommandsAndLogs_AreReadOverWebSockets()
    {
        await StartAsync(new ShellPod("subject", "echo container is alive; sleep 1000"));
        await PhaseAsync("subject", "Running");
        await Eventually.TrueAsync("the log", async () => (await LogAsync("subject")).Length > 0, ct: Ct);

        var exec = await ReadAsync("exec?stdout=1&stderr=1&container=main&command=echo&command=remote%20execution%20test", "channel.k8s.io");
        Assert.Equal("remote execution test\n", string.Concat(exec.Where(m => m is [1, _, ..]).Select(m => Encoding.UTF8.GetString(m[1..]))));
        Assert.All(exec.Where(m => m.Length > 1), m => Assert.Equal(1, m[0]));
        var log = await ReadAsync("log?container=main", "binary.k8s.io");
        Assert.Equal("container is alive\n", string.Concat(log.Select(m => Encoding.UTF8.GetString(m))));
    }

    // Every message until the server closes.
    private async Task<List<byte[]>> ReadAsync(string path, string protocol)
    {
        var config = await KubeConfig.LoadAsync(Cloud.KubeConfigPath, Ct);
        using var handler = new SocketsHttpHandler { SslOptions = config.CreateTlsOptions() };
        using var invoker = new HttpMessageInvoker(handler);
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(protocol);
        await socket.ConnectAsync(new Uri($"wss://{config.Server.Authority}{PathOf("subject")}/{path}"), invoker, Ct);
        Assert.Equal(protocol, socket.SubProtocol);
        var messages = new List<byte[]>();
        var buffer = new byte[64 * 1024];
        while (socket.State == WebSocketState.Open)
        {
            var length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(buffer.AsMemory(length), Ct);
                length += part.Count;
            }
            while (!part.EndOfMessage);

            if (part.MessageType != WebSocketMessageType.Close)
            {
                messages.Add(buffer[..length]);
            }
        }

        return messages;
    }
}
