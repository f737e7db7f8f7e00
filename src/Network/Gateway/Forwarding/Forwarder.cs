using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;
using Sealos.Network.Gateway.Routing;

namespace Sealos.Network.Gateway.Forwarding;

/// <summary>Sends a request straight to an instance of the app and its answer back, streaming both.</summary>
internal sealed partial class Forwarder(UpstreamClient client, TimeProvider time, ILogger logger)
{
    /// <summary>Forwards; a failure before the answer began is for the caller to tell, a later one cuts the client's connection.</summary>
    public async Task<Failure> ForwardAsync(Exchange exchange)
    {
        try
        {
            if (PrepareBody(exchange) is var refused and not Failure.None)
            {
                return refused;
            }

            var (answer, failure) = await SendAsync(exchange).ConfigureAwait(false);
            if (answer is null)
            {
                return failure;
            }

            using (answer)
            {
                return await RelayAsync(exchange, answer).ConfigureAwait(false);
            }
        }
        finally
        {
            if (exchange.Body is { } body)
            {
                await body.StopAsync().ConfigureAwait(false);
            }
        }
    }

    private static Failure PrepareBody(Exchange exchange)
    {
        var isStream = exchange.UsesHttp2 || exchange.Tunnel != TunnelKind.None;
        var context = exchange.Context;
        var limit = isStream || exchange.Route.Policy.MaxBodyBytes == 0 ? (long?)null : exchange.Route.Policy.MaxBodyBytes;
        if (context.Request.ContentLength > limit)
        {
            return Failure.BodyTooLarge;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = limit;
        }

        // A call that streams may be silent between its messages; the read timeout still ends it.
        if (isStream && context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        return Failure.None;
    }

    private async Task<(HttpResponseMessage? Answer, Failure Failure)> SendAsync(Exchange exchange)
    {
        Instance? tried = null;
        var failure = Failure.NoInstance;
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var instance = exchange.Route.Backend.Pick(tried, time);
            if (instance is null)
            {
                break;
            }

            try
            {
                var message = RequestBuilder.Create(exchange, instance);
                return (await client.SendAsync(message, exchange.Timeout.Token).ConfigureAwait(false), Failure.None);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or BadHttpRequestException)
            {
                failure = Classify(exchange, e);
                LogFailed(logger, exchange.Route.Backend.Key.Namespace, exchange.Route.Backend.Key.Service, instance.Authority, failure, e.Message);
                if (failure == Failure.Unreachable)
                {
                    instance.Rest(time);
                }

                if (!MayGoElsewhere(exchange, failure, e))
                {
                    break;
                }

                tried = instance;
            }
        }

        return (null, failure);
    }

    // An instance that is being replaced may close with a request in hand; asking another the same is harmless where nothing is changed by it.
    private static bool MayGoElsewhere(Exchange exchange, Failure failure, Exception error) => failure switch
    {
        Failure.Unreachable => exchange.Body is not { IsStarted: true },
        Failure.Closed => HasBrokenOff(error) && exchange.Body is null && exchange.Tunnel == TunnelKind.None && (HttpMethods.IsGet(exchange.Context.Request.Method) || HttpMethods.IsHead(exchange.Context.Request.Method)),
        _ => false,
    };

    // An answer that is no sound HTTP is an answer: another instance would give the same, and the app would do its work twice.
    private static bool HasBrokenOff(Exception error) => error switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } or HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded } => true,
        HttpRequestException { HttpRequestError: HttpRequestError.Unknown } => error.InnerException is IOException and not HttpIOException,
        _ => error is IOException and not HttpIOException and not BadHttpRequestException,
    };

    private static async Task<Failure> RelayAsync(Exchange exchange, HttpResponseMessage answer)
    {
        try
        {
            if (answer.StatusCode == HttpStatusCode.SwitchingProtocols)
            {
                return exchange.Tunnel == TunnelKind.None ? Failure.Closed : await Tunnel.RunAsync(exchange, answer).ConfigureAwait(false);
            }

            await ResponseRelay.CopyAsync(exchange, answer).ConfigureAwait(false);
            return Failure.None;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or InvalidOperationException)
        {
            if (!exchange.Context.Response.HasStarted)
            {
                exchange.Context.Response.Clear();
                return Classify(exchange, e);
            }

            // The client must not take half an answer for a whole one.
            exchange.Context.Abort();
            return exchange.Timeout.ClientLeft ? Failure.ClientLeft : Failure.None;
        }
    }

    private static Failure Classify(Exchange exchange, Exception error)
    {
        if (exchange.Timeout.ClientLeft)
        {
            return Failure.ClientLeft;
        }

        if (exchange.Body?.ReadError is BadHttpRequestException bad)
        {
            return bad.StatusCode switch
            {
                StatusCodes.Status413PayloadTooLarge => Failure.BodyTooLarge,
                StatusCodes.Status408RequestTimeout => Failure.BodyTooSlow,
                _ => Failure.BadRequest,
            };
        }

        if (exchange.Timeout.Expired)
        {
            return Failure.TimedOut;
        }

        for (var e = error; e is not null; e = e.InnerException)
        {
            if (e is GatewayBusyException)
            {
                return Failure.Busy;
            }
        }

        return error is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError }
            ? Failure.Unreachable
            : Failure.Closed;
    }

    [LoggerMessage(1, LogLevel.Debug, "request to {Namespace}/{Service} at {Instance} failed ({Failure}): {Reason}")]
    private static partial void LogFailed(ILogger logger, string @namespace, string service, string instance, Failure failure, string reason);
}
