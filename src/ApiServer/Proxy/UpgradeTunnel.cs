using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Sealos.ApiServer.Proxy;

/// <summary>
/// Passes a connection that changes protocol (WebSocket, SPDY) on byte for byte: the handshake is the other side's, and
/// nothing of what follows is looked at.
/// </summary>
internal sealed class UpgradeTunnel(KubeletClient client, TimeProvider time)
{
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);
    private const string TokenProtocol = "base64url.bearer.authorization.k8s.io.";
    private static readonly string[] Dropped = ["Authorization", "Cookie", "Host", "Content-Length", "Transfer-Encoding", "Keep-Alive", "Proxy-Authorization"];

    /// <summary>Whether a request wants to change protocol.</summary>
    public static bool IsUpgrade(HttpContext http) => http.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true };

    /// <summary>Runs the tunnel until either side ends it.</summary>
    public async Task RunAsync(HttpContext http, Uri target, bool toKubelet)
    {
        var cancellationToken = http.RequestAborted;
        var far = await OpenAsync(target, toKubelet, cancellationToken).ConfigureAwait(false);
        await using (far.ConfigureAwait(false))
        {
            await far.WriteAsync(RequestHead(http.Request, target), cancellationToken).ConfigureAwait(false);
            var head = await ResponseHead.ReadAsync(far, cancellationToken).ConfigureAwait(false);
            if (head.Code != StatusCodes.Status101SwitchingProtocols)
            {
                throw KubeletErrors.From(head.Code, await head.ReadBodyAsync(far, cancellationToken).ConfigureAwait(false));
            }

            foreach (var (name, value) in head.Headers)
            {
                http.Response.Headers.Append(name, value);
            }

            var near = await http.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync().ConfigureAwait(false);
            await near.WriteAsync(head.Rest, cancellationToken).ConfigureAwait(false);
            await CopyBothAsync(near, far, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<Stream> OpenAsync(Uri target, bool toKubelet, CancellationToken cancellationToken)
    {
        try
        {
            return await client.ConnectAsync(target, toKubelet, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (KubeletErrors.IsUnreachable(e, cancellationToken))
        {
            throw KubeletErrors.Unreachable(target, e);
        }
    }

    private async Task CopyBothAsync(Stream near, Stream far, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var up = CopyAsync(near, far, ended.Token);
        var down = CopyAsync(far, near, ended.Token);

        // What the far side sent before it closed has been passed on when its copy ends, so nothing is lost.
        await Task.WhenAny(up, down).ConfigureAwait(false);
        if (!down.IsCompleted)
        {
            await Task.WhenAny(down, Task.Delay(LastWords, time, ended.Token)).ConfigureAwait(false);
        }

        await ended.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(up, down).ConfigureAwait(false);
    }

    private static async Task CopyAsync(Stream from, Stream to, CancellationToken cancellationToken)
    {
        try
        {
            await from.CopyToAsync(to, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // One side closed: the tunnel's normal end.
        }
    }

    private static byte[] RequestHead(HttpRequest request, Uri target)
    {
        var text = new StringBuilder(1024);
        text.Append(request.Method).Append(' ').Append(target.PathAndQuery).Append(" HTTP/1.1\r\nHost: ").Append(target.Authority).Append("\r\n");
        foreach (var (name, values) in request.Headers)
        {
            if (Dropped.Contains(name, StringComparer.OrdinalIgnoreCase) || name.StartsWith("Impersonate-", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            foreach (var value in name.Equals("Sec-WebSocket-Protocol", StringComparison.OrdinalIgnoreCase) ? WithoutToken(values) : values)
            {
                text.Append(name).Append(": ").Append(value).Append("\r\n");
            }
        }

        return Encoding.Latin1.GetBytes(text.Append("\r\n").ToString());
    }

    /// <summary>A token among the subprotocols was for this server only.</summary>
    private static StringValues WithoutToken(StringValues values)
    {
        var kept = values
            .SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Where(p => !p.StartsWith(TokenProtocol, StringComparison.Ordinal))
            .ToArray();
        return kept.Length == 0 ? StringValues.Empty : string.Join(", ", kept);
    }
}
