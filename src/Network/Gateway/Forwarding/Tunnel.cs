using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Sealos.Network.Gateway.Forwarding;

/// <summary>Carries a WebSocket: bytes both ways until one side ends or both are silent too long.</summary>
internal static class Tunnel
{
    private const int BufferSize = 16 * 1024;
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    public static async Task<Failure> RunAsync(Exchange exchange, HttpResponseMessage answer)
    {
        await using var app = await answer.Content.ReadAsStreamAsync(exchange.Timeout.Token).ConfigureAwait(false);
        ResponseRelay.CopyHead(exchange, answer);
        Stream client;
        try
        {
            client = await OpenAsync(exchange).ConfigureAwait(false);
        }
        catch (InvalidOperationException)
        {
            // Kestrel's word for as many tunnels as it may hold.
            exchange.Context.Response.Clear();
            return Failure.Busy;
        }

        await using (client)
        {
            exchange.BeginTunnel();
            var up = CopyAsync(client, app, exchange.Sent, exchange.Timeout.Token);
            var down = CopyAsync(app, client, exchange.Received, exchange.Timeout.Token);
            var first = await Task.WhenAny(up, down).ConfigureAwait(false);

            // An app may still say goodbye to a client that is done; to an app that is gone nobody can say anything.
            exchange.Timeout.Allow(first == up ? Farewell : TimeSpan.Zero);
            await Task.WhenAll(up, down).ConfigureAwait(false);
        }

        return Failure.None;
    }

    private static async Task<Stream> OpenAsync(Exchange exchange)
    {
        var context = exchange.Context;
        var headers = context.Response.Headers;
        if (exchange.Tunnel == TunnelKind.Connect)
        {
            context.Response.StatusCode = StatusCodes.Status200OK;
            headers.Remove("Sec-WebSocket-Accept");
            return await context.Features.Get<IHttpExtendedConnectFeature>()!.AcceptAsync().ConfigureAwait(false);
        }

        headers.Upgrade = "websocket";
        return await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync().ConfigureAwait(false);
    }

    private static async Task CopyAsync(Stream from, Stream to, Action<long> count, CancellationToken ct)
    {
        try
        {
            while (true)
            {
                // Thousands of tunnels wait at any time; only those with something to carry hold a buffer.
                await from.ReadAsync(Memory<byte>.Empty, ct).ConfigureAwait(false);
                var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
                try
                {
                    var read = await from.ReadAsync(buffer, ct).ConfigureAwait(false);
                    if (read == 0)
                    {
                        return;
                    }

                    count(read);
                    await to.WriteAsync(buffer.AsMemory(0, read), ct).ConfigureAwait(false);
                    await to.FlushAsync(ct).ConfigureAwait(false);
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // One side is gone; the other learns it when its stream closes.
        }
    }
}
