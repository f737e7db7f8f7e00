using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Node.Cri;
using Sealos.Node.Probes;
using Xunit;

namespace Sealos.Node.Tests.Probes;

/// <summary>Looks at a real server on loopback.</summary>
public sealed class ProberTests : IAsyncLifetime
{
    private readonly CriClient _noRuntime = new("/nonexistent.sock", TimeProvider.System);
    private WebApplication _app = null!;
    private Prober _prober = null!;
    private int _port;
    private int _grpcPort;
    private string _seen = "";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k =>
        {
            k.Listen(IPAddress.Loopback, 0);
            k.Listen(IPAddress.Loopback, 0, l => l.Protocols = HttpProtocols.Http2);
        });
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync(Ct);
        var ports = _app.Urls.Select(u => new Uri(u).Port).ToList();
        (_port, _grpcPort) = (ports[0], ports[1]);
        _prober = new Prober(_noRuntime, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        _prober.Dispose();
        _noRuntime.Dispose();
        await _app.DisposeAsync();
    }

    [Theory]
    [InlineData("/200", true, "")]
    [InlineData("/399", true, "")]
    [InlineData("/404", false, "HTTP probe failed with statuscode: 404")]
    [InlineData("/500", false, "HTTP probe failed with statuscode: 500")]
    [InlineData("/redirect?to=/200", true, "")]
    [InlineData("/redirect?to=/500", false, "HTTP probe failed with statuscode: 500")]
    [InlineData("/redirect?to=http://elsewhere.invalid/", true, "Probe terminated redirects, Response body: ")]
    [InlineData("/slow", false, "no answer within 1 s")]
    public async Task Http_Answer_IsJudged(string path, bool isSuccess, string message)
    {
        Assert.Equal(new ProbeOutcome(isSuccess, message), await LookAsync(new Probe { HttpGet = new HTTPGetAction { Path = path, Port = _port } }));
    }

    [Fact]
    public async Task Http_EndlessRedirects_Fail()
    {
        var outcome = await LookAsync(new Probe { HttpGet = new HTTPGetAction { Path = "/loop", Port = _port } });

        Assert.Contains("stopped after 10 redirects", outcome!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Http_Headers_AreSentAndOverrideOurOwn()
    {
        await LookAsync(new Probe { HttpGet = new HTTPGetAction { Path = "/200", Port = _port } });
        Assert.Equal("kube-probe/1.32 */* 127.0.0.1", _seen);

        await LookAsync(new Probe { HttpGet = new HTTPGetAction { Path = "/200", Port = "web", HttpHeaders = [new HTTPHeader { Name = "host", Value = "a.example" }, new HTTPHeader { Name = "User-Agent", Value = "me" }] } });
        Assert.Equal("me */* a.example", _seen);
    }

    [Fact]
    public async Task Http_NobodyListens_SaysSo()
    {
        var outcome = await LookAsync(new Probe { HttpGet = new HTTPGetAction { Path = "/", Port = FreePort() } });

        Assert.False(outcome!.IsSuccess);
        Assert.Contains("Connection refused", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tcp_Port_IsOpenOrNot()
    {
        Assert.True((await LookAsync(new Probe { TcpSocket = new TCPSocketAction { Port = _port } }))!.IsSuccess);
        Assert.False((await LookAsync(new Probe { TcpSocket = new TCPSocketAction { Port = FreePort() } }))!.IsSuccess);
    }

    [Fact]
    public async Task Port_UnknownName_Fails()
    {
        Assert.Equal(new ProbeOutcome(false, "the container has no port \"nope\""), await LookAsync(new Probe { TcpSocket = new TCPSocketAction { Port = "nope" } }));
    }

    [Theory]
    [InlineData("good", true, "service healthy")]
    [InlineData("bad", false, "service unhealthy (responded with \"NOT_SERVING\")")]
    [InlineData("", false, "this server does not implement the grpc health protocol (grpc.health.v1.Health)")]
    public async Task Grpc_Health_IsJudged(string service, bool isSuccess, string message)
    {
        Assert.Equal(new ProbeOutcome(isSuccess, message), await LookAsync(new Probe { Grpc = new GRPCAction { Port = _grpcPort, Service = service } }));
    }

    [Fact]
    public async Task Exec_RuntimeNotThere_IsNobodysFailure()
    {
        Assert.Null(await LookAsync(new Probe { Exec = new ExecAction { Command = ["true"] } }));
    }

    private static int FreePort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private Task<ProbeOutcome?> LookAsync(Probe probe)
    {
        var container = new Container { Name = "c", Ports = [new ContainerPort { Name = "web", ContainerPortValue = _port }] };
        var target = new ProbeTarget(new Pod { Metadata = new ObjectMeta() }, container, "id", "127.0.0.1", DateTimeOffset.UnixEpoch);
        return _prober.ProbeAsync(target, probe, Ct);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        _seen = $"{request.Headers.UserAgent} {request.Headers.Accept} {request.Host.Host}";
        switch (request.Path.Value)
        {
            case "/grpc.health.v1.Health/Check":
                await AnswerGrpcAsync(context);
                break;
            case "/slow":
                await Task.Delay(TimeSpan.FromSeconds(10), context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                break;
            case "/loop" or "/redirect":
                context.Response.Redirect(request.Query["to"].FirstOrDefault() ?? "/loop");
                break;
            case var path:
                context.Response.StatusCode = int.Parse(path![1..], System.Globalization.CultureInfo.InvariantCulture);
                break;
        }
    }

    private static async Task AnswerGrpcAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var service = Encoding.UTF8.GetString(body.ToArray().Skip(7).ToArray());
        context.Response.ContentType = "application/grpc";
        if (service.Length == 0)
        {
            context.Response.Headers["grpc-status"] = "12";
            return;
        }

        await context.Response.Body.WriteAsync(new byte[] { 0, 0, 0, 0, 2, 8, (byte)(service == "good" ? 1 : 2) });
        context.Response.AppendTrailer("grpc-status", "0");
    }
}
