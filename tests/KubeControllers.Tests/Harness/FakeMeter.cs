using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;

namespace Sealos.KubeControllers_Tests.Harness;

/// <summary>A node that runs nothing and says that every pod of a namespace uses what a test wants.</summary>
internal sealed class FakeMeter : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TestServer _server;
    private readonly string _ns;

    private FakeMeter(WebApplication app, TestServer server, string ns)
    {
        _app = app;
        _server = server;
        _ns = ns;
    }

    /// <summary>Bytes of memory that each pod uses.</summary>
    public long Memory { get; set; }

    public static async Task<FakeMeter> StartAsync(TestServer server, string ns, X509Certificate2 serving, CancellationToken ct)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(serving)));
        var app = builder.Build();
        var meter = new FakeMeter(app, server, ns);
        app.Run(meter.AnswerAsync);
        await app.StartAsync(ct);
        var node = await server.Client.CreateAsync(new Node { Metadata = new ObjectMeta { Name = "meter-" + ns }, Spec = new NodeSpec { Unschedulable = true } }, ct);
        node.Metadata.ResourceVersion = null;
        node.Status = new NodeStatus
        {
            Addresses = [new NodeAddress { Type = "InternalIP", Address = "127.0.0.1" }],
            DaemonEndpoints = new NodeDaemonEndpoints { KubeletEndpoint = new DaemonEndpoint { Port = new Uri(app.Urls.First()).Port } },
        };
        await server.Client.UpdateStatusAsync(node, ct);
        return meter;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.Client.DeleteAsync<Node>(null, "meter-" + _ns, null, CancellationToken.None);
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var pods = await _server.Client.ListAsync<Pod>(_ns, null, context.RequestAborted);
        var now = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
        var answer = new JsonObject
        {
            ["pods"] = new JsonArray([.. pods.Items.Select(p => new JsonObject
            {
                ["podRef"] = new JsonObject { ["name"] = p.Metadata.Name, ["namespace"] = _ns, ["uid"] = p.Metadata.Uid },
                ["containers"] = new JsonArray(new JsonObject
                {
                    ["name"] = "main",
                    ["cpu"] = new JsonObject { ["time"] = now, ["usageNanoCores"] = 1000 },
                    ["memory"] = new JsonObject { ["time"] = now, ["workingSetBytes"] = Memory },
                }),
            })]),
        };
        await context.Response.WriteAsync(answer.ToJsonString(), context.RequestAborted);
    }
}
