using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Core;
using Xunit;

namespace Sealos.ControllerKit_Tests;

public sealed class EventRecorderTests : IDisposable
{
    private readonly HttpListener _server = new();
    private readonly string _address;

    public EventRecorderTests()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        _address = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/";
        free.Stop();
        _server.Prefixes.Add(_address);
        _server.Start();
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _server.Close();

    [Theory]
    [InlineData(507)]
    [InlineData(503)]
    public async Task Event_ThatFindsNoRoom_WaitsForIt(int code)
    {
        using var client = new KubeClient(new KubeConfig { Server = new Uri(_address) });
        await using var events = new EventRecorder(client, "test", TimeProvider.System, NullLogger.Instance);
        events.Normal(new ObjectReference { Kind = "Node", Name = "n1" }, "Full", "the disk was full");

        var first = await AnswerAsync(code, $$"""{"kind":"Status","status":"Failure","message":"later","code":{{code}}}""");
        var second = await AnswerAsync(201, first);

        Assert.Equal("Full", (string?)JsonNode.Parse(first)!["reason"]);
        Assert.Equal(first, second);
    }

    [Fact]
    public async Task Event_WhoseAnswerIsCut_IsNotTheLastOne()
    {
        using var client = new KubeClient(new KubeConfig { Server = new Uri(_address) });
        await using var events = new EventRecorder(client, "test", TimeProvider.System, NullLogger.Instance);
        events.Normal(new ObjectReference { Kind = "Node", Name = "n1" }, "First", "one");
        events.Normal(new ObjectReference { Kind = "Node", Name = "n1" }, "Second", "two");

        await AnswerAsync(201, "{\"kind\":");

        Assert.Equal("Second", (string?)JsonNode.Parse(await AnswerAsync(201, "{}"))!["reason"]);
    }

    private async Task<string> AnswerAsync(int code, string body)
    {
        var asked = await _server.GetContextAsync().WaitAsync(TimeSpan.FromSeconds(60), Ct);
        using var reader = new StreamReader(asked.Request.InputStream);
        var question = await reader.ReadToEndAsync(Ct);
        asked.Response.StatusCode = code;
        asked.Response.ContentType = "application/json";
        asked.Response.Close(Encoding.UTF8.GetBytes(body), willBlock: true);
        return question;
    }
}
