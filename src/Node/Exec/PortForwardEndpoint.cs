using System.Globalization;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Sealos.Node.Cri.Messages;

namespace Sealos.Node.Exec;

/// <summary><c>/portForward/{namespace}/{pod}</c>: SPDY as it is, SPDY inside a WebSocket, or containerd's own WebSocket protocol.</summary>
internal sealed class PortForwardEndpoint(ContainerFinder finder, KubeletServices services)
{
    private const string Tunnel = "SPDY/3.1+portforward.k8s.io";

    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    private static readonly KeyValuePair<string, string>[] SpdyHeaders =
        [new("Connection", "Upgrade"), new("Upgrade", "SPDY/3.1"), new("X-Stream-Protocol-Version", "portforward.k8s.io")];

    /// <summary>Connects to ports of a pod.</summary>
    public async Task HandleAsync(HttpContext context, string ns, string pod)
    {
        var ct = context.RequestAborted;
        var isWebSocket = Relay.IsUpgrade(context.Request, "websocket");
        if (!isWebSocket && !Relay.IsUpgrade(context.Request, "SPDY/3.1"))
        {
            throw new RefusedException(StatusCodes.Status400BadRequest, "Upgrade request required: WebSocket or SPDY/3.1");
        }

        var request = new PortForwardRequest { PodSandboxId = finder.Sandbox(ns, pod) };
        await using var way = services.GvisorPorts is { } gvisor ? await gvisor.OpenAsync(finder.Pod(ns, pod), request.PodSandboxId, ct).ConfigureAwait(false) : null;
        if (isWebSocket && WebSocketHandshake.Offered(context.Request).Contains(Tunnel))
        {
            await TunnelAsync(context, await services.Cri.PortForwardAsync(request, ct).ConfigureAwait(false), ct).ConfigureAwait(false);
            return;
        }

        var ports = isWebSocket ? Ports(context.Request.Query) : [];
        request.Port.AddRange(ports);
        var url = await services.Cri.PortForwardAsync(request, ct).ConfigureAwait(false);
        var query = string.Join('&', ports.Select(p => $"port={p.ToString(CultureInfo.InvariantCulture)}"));
        await Relay.RunAsync(context, query.Length == 0 ? url : new Uri($"{url}?{query}"), ct).ConfigureAwait(false);
    }

    private async Task TunnelAsync(HttpContext context, Uri url, CancellationToken ct)
    {
        await using var runtime = await RuntimeStream.OpenAsync(url, "POST", SpdyHeaders, ct).ConfigureAwait(false);
        using var socket = await WebSocketHandshake.AcceptAsync(context, Tunnel).ConfigureAwait(false);
        await using var bytes = new WebSocketBytes(socket);
        await Relay.RunAsync(bytes, runtime, GoodbyeAsync, ct).ConfigureAwait(false);

        async Task GoodbyeAsync(Task clientIsDone)
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", ct).ConfigureAwait(false);
            await clientIsDone.WaitAsync(Farewell, services.Time, ct).ConfigureAwait(false);
        }
    }

    private static List<int> Ports(IQueryCollection query)
    {
        var ports = new List<int>();
        foreach (var text in query["port"].Concat(query["ports"]).SelectMany(p => (p ?? "").Split(',')))
        {
            ports.Add(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= ushort.MaxValue
                ? port
                : throw new RefusedException(StatusCodes.Status400BadRequest, $"port: '{text}' is not a port from 1 to 65535"));
        }

        return ports.Count > 0 ? ports : throw new RefusedException(StatusCodes.Status400BadRequest, "query parameter \"port\" is required");
    }
}
