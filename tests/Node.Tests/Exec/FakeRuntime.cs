using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Sealos.Node.Cri.Messages;

namespace Sealos.Node.Tests.Exec;

/// <summary>containerd as the node server sees it: gRPC on a Unix socket, and a streaming server that agrees to any switch of protocol.</summary>
internal sealed class FakeRuntime : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TcpListener _streaming = new(IPAddress.Loopback, 0);

    private FakeRuntime(string socket)
    {
        Socket = socket;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.ListenUnixSocket(socket, l => l.Protocols = HttpProtocols.Http2));
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public string Socket { get; }

    public string LogPath { get; set; } = "";

    public ExecRequest? Exec { get; private set; }

    /// <summary>The head of the last request to the streaming server.</summary>
    public string Head { get; private set; } = "";

    /// <summary>What the streaming server answers with; by default it agrees.</summary>
    public string Answer { get; set; } = "101 Switching Protocols";

    public static async Task<FakeRuntime> StartAsync(CancellationToken ct)
    {
        var runtime = new FakeRuntime(Path.Combine(Path.GetTempPath(), $"cri-{Guid.NewGuid():N}.sock"));
        runtime._streaming.Start();
        await runtime._app.StartAsync(ct);
        return runtime;
    }

    /// <summary>How often it was asked what pods use.</summary>
    public int Measured { get; private set; }

    /// <summary>Accepts one connection to the streaming server and answers its request to switch.</summary>
    public async Task<NetworkStream> AcceptAsync(CancellationToken ct)
    {
        var stream = new NetworkStream(await _streaming.AcceptSocketAsync(ct), ownsSocket: true);
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, ct);
            head.Append((char)one[0]);
        }

        Head = head.ToString();
        var protocol = Head.Split("\r\n").FirstOrDefault(l => l.StartsWith("X-Stream-Protocol-Version:", StringComparison.Ordinal));
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {Answer}\r\nConnection: Upgrade\r\n{(protocol is null ? "" : protocol + "\r\n")}\r\n"), ct);
        return stream;
    }

    public async ValueTask DisposeAsync()
    {
        _streaming.Dispose();
        await _app.DisposeAsync();
        File.Delete(Socket);
    }

    // A core's whole second more each time; one container has ended.
    private static ListPodSandboxStatsResponse OnePod(int measured)
    {
        var cpu = new CpuUsage { UsageCoreNanoSeconds = new UInt64Value { Value = (ulong)measured * 1_000_000_000 } };
        var container = new ContainerStats { Attributes = new ContainerAttributes { Id = "c1", Metadata = new ContainerMetadata { Name = "c" } }, Cpu = cpu };
        var ended = new ContainerStats { Attributes = new ContainerAttributes { Id = "c0", Metadata = new ContainerMetadata { Name = "c" } }, WritableLayer = new FilesystemUsage { UsedBytes = new UInt64Value { Value = 4096 } } };
        var linux = new LinuxPodSandboxStats { Cpu = cpu, Containers = { ended, container } };
        var attributes = new PodSandboxAttributes { Id = "p1", Metadata = new PodSandboxMetadata { Name = "p", Namespace = "ns", Uid = "u" } };
        return new ListPodSandboxStatsResponse { Stats = { new PodSandboxStats { Attributes = attributes, Linux = linux } } };
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var message = body.ToArray().AsSpan(5).ToArray();
        var url = $"http://127.0.0.1:{((IPEndPoint)_streaming.LocalEndpoint).Port}/stream/token";
        IMessage answer;
        switch (context.Request.Path.Value!.Split('/')[^1])
        {
            case "Exec":
                Exec = ExecRequest.Parser.ParseFrom(message);
                answer = new ExecResponse { Url = url };
                break;
            case "Attach":
                answer = new AttachResponse { Url = url };
                break;
            case "PortForward":
                answer = new PortForwardResponse { Url = url };
                break;
            case "ListPodSandboxStats":
                answer = OnePod(++Measured);
                break;
            default:
                answer = new ContainerStatusResponse { Status = new Cri.Messages.ContainerStatus { LogPath = LogPath } };
                break;
        }

        var bytes = answer.ToByteArray();
        var frame = new byte[5 + bytes.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), bytes.Length);
        bytes.CopyTo(frame, 5);
        context.Response.ContentType = "application/grpc";
        await context.Response.Body.WriteAsync(frame);
        context.Response.AppendTrailer("grpc-status", "0");
    }
}
