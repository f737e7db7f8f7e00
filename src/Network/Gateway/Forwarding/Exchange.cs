using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sealos.Network.Gateway.Routing;

namespace Sealos.Network.Gateway.Forwarding;

/// <summary>How an exchange failed before an answer could be given.</summary>
internal enum Failure
{
    None,
    ClientLeft,
    BadRequest,
    BodyTooLarge,
    BodyTooSlow,
    Busy,
    NoInstance,
    Unreachable,
    Closed,
    TimedOut,
}

/// <summary>One request on its way to an app and back.</summary>
internal sealed class Exchange : IDisposable
{
    private long _bytesIn;
    private long _bytesOut;
    private TimeSpan _readTimeout;
    private TimeSpan _sendTimeout;

    public Exchange(HttpContext context, Route route, TimeProvider time)
    {
        Context = context;
        Route = route;
        _readTimeout = route.Policy.ReadTimeout;
        _sendTimeout = route.Policy.SendTimeout > _readTimeout ? route.Policy.SendTimeout : _readTimeout;
        State = route.Backend.State;
        Protocol = ProtocolOf(route.Policy, State);
        Timeout = new ActivityTimeout(route.Policy.ReadTimeout, time, context.RequestAborted);
        Tunnel = TunnelRequest.Of(context);
        if (Tunnel == TunnelKind.None && context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != false)
        {
            Body = new RequestBody(this);
        }
    }

    public HttpContext Context { get; }

    public Route Route { get; }

    public BackendState State { get; }

    public BackendProtocol Protocol { get; }

    public bool UsesHttp2 => Tunnel == TunnelKind.None && Protocol is BackendProtocol.Grpc or BackendProtocol.Grpcs;

    public ActivityTimeout Timeout { get; }

    public TunnelKind Tunnel { get; }

    public RequestBody? Body { get; }

    public long BytesIn => Interlocked.Read(ref _bytesIn);

    public long BytesOut => Interlocked.Read(ref _bytesOut);

    /// <summary>Bytes went towards the app.</summary>
    public void Sent(long bytes)
    {
        Interlocked.Add(ref _bytesIn, bytes);
        Timeout.Allow(_sendTimeout);
    }

    /// <summary>Bytes went towards the client.</summary>
    public void Received(long bytes)
    {
        Interlocked.Add(ref _bytesOut, bytes);
        Timeout.Allow(_readTimeout);
    }

    /// <summary>From here on either side may speak, and may be silent for longer.</summary>
    public void BeginTunnel()
    {
        _sendTimeout = _readTimeout = Route.Policy.TunnelTimeout;
        Timeout.Allow(_readTimeout);
    }

    public void Dispose()
    {
        Body?.Dispose();
        Timeout.Dispose();
    }

    private static BackendProtocol ProtocolOf(RoutePolicy policy, BackendState state) => policy.Protocol != BackendProtocol.Auto
        ? policy.Protocol
        : state.AppProtocol?.ToLowerInvariant() switch
        {
            "kubernetes.io/h2c" or "h2c" or "grpc" => BackendProtocol.Grpc,
            "grpcs" => BackendProtocol.Grpcs,
            "https" or "kubernetes.io/wss" => BackendProtocol.Https,
            _ => BackendProtocol.Http,
        };
}
