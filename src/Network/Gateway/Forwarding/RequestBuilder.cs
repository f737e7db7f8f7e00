using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Sealos.Network.Gateway.Routing;

namespace Sealos.Network.Gateway.Forwarding;

/// <summary>Writes the request that an app receives.</summary>
internal static class RequestBuilder
{
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public static HttpRequestMessage Create(Exchange exchange, Instance instance)
    {
        var context = exchange.Context;
        var isTls = exchange.Protocol is BackendProtocol.Https or BackendProtocol.Grpcs;
        var target = RequestTarget.Of(context, exchange.Route);
        var message = new HttpRequestMessage
        {
            Method = exchange.Tunnel == TunnelKind.Connect ? HttpMethod.Get : HttpMethod.Parse(context.Request.Method),
            RequestUri = new Uri($"{(isTls ? "https" : "http")}://{instance.Authority}{target}", AsWritten),
            Version = exchange.UsesHttp2 ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = exchange.Body,
        };
        message.Options.Set(UpstreamClient.ConnectTimeout, exchange.Route.Policy.ConnectTimeout);
        CopyHeaders(exchange, message);
        AddOwnHeaders(context, message);
        AddTunnelHeaders(exchange, message);
        return message;
    }

    private static void CopyHeaders(Exchange exchange, HttpRequestMessage message)
    {
        var headers = exchange.Context.Request.Headers;
        foreach (var (name, values) in headers)
        {
            if (name[0] == ':' || HeaderRules.IsHopByHop(name) || HeaderRules.IsOwned(name) || HeaderRules.IsNominated(name, headers.Connection))
            {
                continue;
            }

            // HTTP/2 splits cookies into many fields; apps over HTTP/1.1 know one only.
            Add(message, name, values.Count > 1 && name.Equals("Cookie", StringComparison.OrdinalIgnoreCase) ? string.Join("; ", values.ToArray()) : values);
        }

        if (exchange.Body is { } body)
        {
            body.Headers.ContentLength = headers.ContentLength;
            message.Headers.ExpectContinue = headers.Expect.Any(v => v?.Contains("100-continue", StringComparison.OrdinalIgnoreCase) == true) ? true : null;
        }

        if (exchange.UsesHttp2 && headers.TE.Any(v => v?.Contains("trailers", StringComparison.OrdinalIgnoreCase) == true))
        {
            message.Headers.TryAddWithoutValidation("TE", "trailers");
        }
    }

    private static void Add(HttpRequestMessage message, string name, StringValues values)
    {
        if (AddTo(message.Headers, name, values))
        {
            return;
        }

        // Content headers need a content to stand on, even where a request has no body.
        message.Content ??= new NoBody();
        AddTo(message.Content.Headers, name, values);
    }

    private static bool AddTo(System.Net.Http.Headers.HttpHeaders headers, string name, StringValues values) =>
        values.Count == 1 ? headers.TryAddWithoutValidation(name, values[0]) : headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);

    private static void AddOwnHeaders(HttpContext context, HttpRequestMessage message)
    {
        var request = context.Request;
        var address = context.Connection.RemoteIpAddress;
        var client = (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString() ?? "unknown";
        var port = request.Host.Port ?? (request.IsHttps ? 443 : 80);
        var headers = message.Headers;
        headers.TryAddWithoutValidation("Host", request.Host.Value);
        headers.TryAddWithoutValidation("X-Real-IP", client);
        headers.TryAddWithoutValidation("X-Forwarded-For", client);
        headers.TryAddWithoutValidation("X-Forwarded-Host", request.Host.Value);
        headers.TryAddWithoutValidation("X-Forwarded-Port", port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        headers.TryAddWithoutValidation("X-Forwarded-Proto", request.IsHttps ? "https" : "http");
    }

    private static void AddTunnelHeaders(Exchange exchange, HttpRequestMessage message)
    {
        if (exchange.Tunnel == TunnelKind.None)
        {
            return;
        }

        message.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        message.Headers.TryAddWithoutValidation("Upgrade", "websocket");
        if (exchange.Tunnel == TunnelKind.Connect)
        {
            // Over HTTP/2 a client proves nothing with a key; the app behind HTTP/1.1 wants one.
            message.Headers.Remove("Sec-WebSocket-Key");
            message.Headers.TryAddWithoutValidation("Sec-WebSocket-Key", Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)));
        }
    }

    private sealed class NoBody : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => Task.CompletedTask;

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return true;
        }
    }
}
