using System.Net;

namespace Sealos.Network.Gateway.Routing;

/// <summary>The protocol an app speaks.</summary>
internal enum BackendProtocol
{
    /// <summary>HTTP/1.1, or what the Service's appProtocol says.</summary>
    Auto,
    Http,
    Https,
    Grpc,
    Grpcs,
}

/// <summary>What the annotations of an ingress ask for, as data.</summary>
internal sealed record RoutePolicy
{
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    public BackendProtocol Protocol { get; init; }

    /// <summary>Largest request body; 0 means no limit.</summary>
    public long MaxBodyBytes { get; init; } = 100L * 1024 * 1024;

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(3);

    public TimeSpan ReadTimeout { get; init; } = DefaultTimeout;

    public TimeSpan SendTimeout { get; init; } = DefaultTimeout;

    /// <summary>How long a WebSocket may be silent.</summary>
    public TimeSpan TunnelTimeout { get; init; } = TimeSpan.FromHours(1);

    public bool RedirectToHttps { get; init; } = true;

    public bool UseRegex { get; init; }

    public string? RewriteTarget { get; init; }

    /// <summary>An address to send every request to instead of an app.</summary>
    public RedirectPolicy? Redirect { get; init; }

    public CorsPolicy? Cors { get; init; }

    public IReadOnlyList<IPNetwork> AllowedSources { get; init; } = [];

    public IReadOnlyList<IPNetwork> DeniedSources { get; init; } = [];

    public IReadOnlyList<string> RemovedResponseHeaders { get; init; } = [];

    public IReadOnlyList<KeyValuePair<string, string>> SetResponseHeaders { get; init; } = [];

    /// <summary>Why the route must not be served: it asks for a protection that is not built.</summary>
    public string? Refusal { get; init; }

    public bool Admits(IPAddress? client)
    {
        if (AllowedSources.Count == 0 && DeniedSources.Count == 0)
        {
            return true;
        }

        if (client is null)
        {
            return false;
        }

        var address = client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client;
        return (AllowedSources.Count == 0 || Contains(AllowedSources, address)) && !Contains(DeniedSources, address);
    }

    private static bool Contains(IReadOnlyList<IPNetwork> networks, IPAddress address)
    {
        foreach (var network in networks)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>A redirect that an ingress answers with.</summary>
internal sealed record RedirectPolicy(int Status, string Location);

/// <summary>Cross-origin rules of an ingress.</summary>
internal sealed record CorsPolicy
{
    public IReadOnlyList<string> Origins { get; init; } = ["*"];

    public string Methods { get; init; } = "GET, PUT, POST, DELETE, PATCH, OPTIONS";

    public string Headers { get; init; } = "DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization";

    public string? ExposedHeaders { get; init; }

    public bool Credentials { get; init; } = true;

    public int MaxAgeSeconds { get; init; } = 1_728_000;
}
