using System.Buffers;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Sealos.Network.Gateway.Routing;

namespace Sealos.Network.Gateway.Forwarding;

/// <summary>Hands an app's answer to the client: status, headers, body as it comes, trailers.</summary>
internal static class ResponseRelay
{
    private const int BufferSize = 32 * 1024;

    public static async Task CopyAsync(Exchange exchange, HttpResponseMessage answer)
    {
        CopyHead(exchange, answer);
        await using var stream = await answer.Content.ReadAsStreamAsync(exchange.Timeout.Token).ConfigureAwait(false);
        await CopyBodyAsync(exchange, stream).ConfigureAwait(false);
        CopyTrailers(exchange.Context.Response, answer);
    }

    /// <summary>Status and headers, without those that concern the connection to the app only.</summary>
    public static void CopyHead(Exchange exchange, HttpResponseMessage answer)
    {
        var response = exchange.Context.Response;
        response.StatusCode = (int)answer.StatusCode;
        var connection = answer.Headers.NonValidated.TryGetValues("Connection", out var values) ? values : default;
        CopyHeaders(answer.Headers.NonValidated, response.Headers, connection);
        CopyHeaders(answer.Content.Headers.NonValidated, response.Headers, connection);
        if (answer.Content.Headers.NonValidated.TryGetValues("Content-Length", out var length) && exchange.Tunnel == TunnelKind.None)
        {
            response.Headers.ContentLength = long.TryParse(length.ToString(), out var bytes) ? bytes : null;
        }

        Adjust(exchange.Route.Policy, exchange.Context);
    }

    /// <summary>What the ingress' annotations ask to change in answers.</summary>
    private static void Adjust(RoutePolicy policy, HttpContext context)
    {
        foreach (var name in policy.RemovedResponseHeaders)
        {
            context.Response.Headers.Remove(name);
        }

        foreach (var (name, value) in policy.SetResponseHeaders)
        {
            context.Response.Headers[name] = value;
        }

        if (policy.Cors is { } cors)
        {
            Answers.Cors.Apply(cors, context);
        }
    }

    private static void CopyHeaders(HttpHeadersNonValidated from, IHeaderDictionary to, HeaderStringValues connection)
    {
        foreach (var (name, values) in from)
        {
            if (HeaderRules.IsHopByHop(name) || (connection.Count > 0 && HeaderRules.IsNominated(name, connection)) || !HeaderRules.IsToken(name))
            {
                continue;
            }

            var copied = values.Count == 1 ? new StringValues(values.ToString()) : new StringValues([.. values]);
            if (IsSafe(copied))
            {
                to[name] = copied;
            }
        }
    }

    // One odd octet in a header must not cost the whole answer.
    private static bool IsSafe(StringValues values)
    {
        foreach (var value in values)
        {
            if (!HeaderRules.IsSafeValue(value))
            {
                return false;
            }
        }

        return true;
    }

    private static async Task CopyBodyAsync(Exchange exchange, Stream from)
    {
        var response = exchange.Context.Response;
        var ct = exchange.Timeout.Token;
        while (true)
        {
            // An idle stream (server-sent events, a long poll) holds no buffer while it waits, and its headers are not held back.
            var more = from.ReadAsync(Memory<byte>.Empty, ct);
            if (!more.IsCompleted && !response.HasStarted)
            {
                await response.StartAsync(ct).ConfigureAwait(false);
                await response.Body.FlushAsync(ct).ConfigureAwait(false);
            }

            await more.ConfigureAwait(false);
            var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
            try
            {
                var read = await from.ReadAsync(buffer, ct).ConfigureAwait(false);
                if (read == 0)
                {
                    return;
                }

                exchange.Received(read);
                await response.Body.WriteAsync(buffer.AsMemory(0, read), ct).ConfigureAwait(false);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private static void CopyTrailers(HttpResponse response, HttpResponseMessage answer)
    {
        if (!response.SupportsTrailers())
        {
            return;
        }

        foreach (var (name, values) in answer.TrailingHeaders.NonValidated)
        {
            var copied = new StringValues([.. values]);
            if (HeaderRules.IsToken(name) && !HeaderRules.IsFraming(name) && IsSafe(copied))
            {
                response.AppendTrailer(name, copied);
            }
        }
    }
}
