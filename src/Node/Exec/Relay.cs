using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Sealos.Node.Exec;

/// <summary>Passes an upgraded connection on to containerd, byte for byte.</summary>
internal static class Relay
{
    private const int BufferSize = 32 * 1024;

    // The headers by which client and runtime agree on the protocol within the connection.
    private static readonly string[] Negotiation =
        ["X-Stream-Protocol-Version", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Protocol", "Sec-WebSocket-Accept"];

    /// <summary>Whether the client asks to switch to <paramref name="protocol"/>.</summary>
    public static bool IsUpgrade(HttpRequest request, string protocol) =>
        request.HttpContext.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
        && request.Headers.Upgrade.Any(v => string.Equals(v, protocol, StringComparison.OrdinalIgnoreCase));

    /// <summary>Lets containerd negotiate with the client and then carries what they say to each other.</summary>
    public static async Task RunAsync(HttpContext context, Uri url, CancellationToken ct)
    {
        var headers = Negotiation
            .Where(context.Request.Headers.ContainsKey)
            .SelectMany(n => context.Request.Headers[n].Select(v => KeyValuePair.Create(n, v!)))
            .Append(KeyValuePair.Create("Connection", "Upgrade"))
            .Append(KeyValuePair.Create("Upgrade", context.Request.Headers.Upgrade.ToString()));
        await using var runtime = await RuntimeStream.OpenAsync(url, context.Request.Method, headers, ct).ConfigureAwait(false);
        foreach (var name in Negotiation.Where(runtime.Headers.ContainsKey))
        {
            context.Response.Headers[name] = runtime.Headers[name];
        }

        context.Response.Headers.Connection = "Upgrade";
        context.Response.Headers.Upgrade = context.Request.Headers.Upgrade;
        await using var client = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync().ConfigureAwait(false);
        await RunAsync(client, runtime, ct).ConfigureAwait(false);
    }

    /// <summary>Carries bytes both ways until containerd has no more to say or the connection breaks.</summary>
    public static Task RunAsync(Stream client, RuntimeStream runtime, CancellationToken ct) =>
        RunAsync(client, runtime, _ => Task.CompletedTask, ct);

    /// <summary>As above; when containerd has ended it says <paramref name="goodbye"/> to the client, who may still be sending.</summary>
    public static async Task RunAsync(Stream client, RuntimeStream runtime, Func<Task, Task> goodbye, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var up = UpAsync(client, runtime, stop);
        try
        {
            await CopyAsync(runtime.Stream, client, stop.Token).ConfigureAwait(false);
            await goodbye(up).ConfigureAwait(false);
        }
        catch (Exception e) when (IsConnectionEnd(e))
        {
            // Nobody is left to be told.
        }

        await stop.CancelAsync().ConfigureAwait(false);
        await up.ConfigureAwait(false);
    }

    /// <summary>Whether an exception only says that a connection ended.</summary>
    public static bool IsConnectionEnd(Exception e) => e is IOException or OperationCanceledException or WebSocketException or ObjectDisposedException or TimeoutException;

    private static async Task UpAsync(Stream client, RuntimeStream runtime, CancellationTokenSource stop)
    {
        try
        {
            await CopyAsync(client, runtime.Stream, stop.Token).ConfigureAwait(false);
            runtime.CloseOutput();
        }
        catch (Exception e) when (IsConnectionEnd(e))
        {
            // The client is gone: let containerd go too, it would never notice.
            await stop.CancelAsync().ConfigureAwait(false);
        }
    }

    // Not Stream.CopyToAsync: that need not pass on small pieces at once.
    private static async Task CopyAsync(Stream from, Stream to, CancellationToken ct)
    {
        var buffer = new byte[BufferSize];
        int read;
        while ((read = await from.ReadAsync(buffer, ct).ConfigureAwait(false)) > 0)
        {
            await to.WriteAsync(buffer.AsMemory(0, read), ct).ConfigureAwait(false);
            await to.FlushAsync(ct).ConfigureAwait(false);
        }
    }
}
