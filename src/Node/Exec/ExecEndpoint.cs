using Microsoft.AspNetCore.Http;
using Sealos.Node.Cri;
using Sealos.Node.Cri.Messages;

namespace Sealos.Node.Exec;

/// <summary>
/// <c>/exec/…</c> and <c>/attach/{namespace}/{pod}/{container}</c>. SPDY and the older WebSocket protocols are containerd's own
/// and pass through; version 5 is translated.
/// </summary>
internal sealed class ExecEndpoint(ContainerFinder finder, CriClient cri, TimeProvider time)
{
    private static readonly KeyValuePair<string, string>[] SpdyHeaders =
        [new("Connection", "Upgrade"), new("Upgrade", "SPDY/3.1"), new("X-Stream-Protocol-Version", "v4.channel.k8s.io")];

    private static readonly TimeSpan RunPatience = TimeSpan.FromMinutes(1);

    /// <summary>Runs a command in a container.</summary>
    public async Task ExecAsync(HttpContext context, string ns, string pod, string container)
    {
        var streams = StreamQuery.Parse(context.Request.Query);
        var command = context.Request.Query["command"];
        if (command.Count == 0 || string.IsNullOrEmpty(command[0]))
        {
            throw new RefusedException(StatusCodes.Status400BadRequest, "you must specify a command for the container");
        }

        var request = new ExecRequest
        {
            ContainerId = finder.Running(ns, pod, container),
            Stdin = streams.Stdin,
            Stdout = streams.Stdout,
            Stderr = streams.Stderr,
            Tty = streams.Tty,
        };
        request.Cmd.AddRange(command.Select(c => c ?? ""));
        await ServeAsync(context, streams, () => cri.ExecAsync(request, context.RequestAborted)).ConfigureAwait(false);
    }

    /// <summary>Runs a command to its end and answers with what it wrote.</summary>
    public async Task RunAsync(HttpContext context, string ns, string pod, string container)
    {
        var command = context.Request.Query["cmd"].ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (command.Length == 0)
        {
            throw new RefusedException(StatusCodes.Status400BadRequest, "you must specify a command for the container");
        }

        var result = await cri.ExecSyncAsync(finder.Running(ns, pod, container), command, RunPatience, context.RequestAborted).ConfigureAwait(false);
        context.Response.StatusCode = result.ExitCode == 0 ? StatusCodes.Status200OK : StatusCodes.Status500InternalServerError;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.Body.WriteAsync(result.Stdout.Concat(result.Stderr).ToArray(), context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Connects to the first process of a container.</summary>
    public async Task AttachAsync(HttpContext context, string ns, string pod, string container)
    {
        var streams = StreamQuery.Parse(context.Request.Query);
        var request = new AttachRequest
        {
            ContainerId = finder.Running(ns, pod, container),
            Stdin = streams.Stdin,
            Stdout = streams.Stdout,
            Stderr = streams.Stderr,
            Tty = streams.Tty,
        };
        await ServeAsync(context, streams, () => cri.AttachAsync(request, context.RequestAborted)).ConfigureAwait(false);
    }

    private async Task ServeAsync(HttpContext context, StreamQuery streams, Func<Task<Uri>> open)
    {
        var ct = context.RequestAborted;
        if (Relay.IsUpgrade(context.Request, "websocket") && WebSocketHandshake.Offered(context.Request).Contains(WebSocketExec.Protocol))
        {
            await using var runtime = await RuntimeStream.OpenAsync(await open().ConfigureAwait(false), "POST", SpdyHeaders, ct).ConfigureAwait(false);
            using var socket = await WebSocketHandshake.AcceptAsync(context, WebSocketExec.Protocol).ConfigureAwait(false);
            using var spdy = new SpdyConnection(runtime.Stream);
            await new WebSocketExec(socket, spdy, time).RunAsync(streams, ct).ConfigureAwait(false);
        }
        else if (Relay.IsUpgrade(context.Request, "websocket") || Relay.IsUpgrade(context.Request, "SPDY/3.1"))
        {
            await Relay.RunAsync(context, await open().ConfigureAwait(false), ct).ConfigureAwait(false);
        }
        else
        {
            throw new RefusedException(StatusCodes.Status400BadRequest, "Upgrade request required: WebSocket or SPDY/3.1");
        }
    }
}
