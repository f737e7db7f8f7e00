using System.Collections.Frozen;

namespace Sealos.Network.Gateway.Routing;

/// <summary>What became of the annotations of an ingress.</summary>
internal sealed record AnnotationsRead(RoutePolicy Policy)
{
    /// <summary>Annotations whose value is refused or that are not built: "name: why".</summary>
    public List<string> Problems { get; } = [];

    /// <summary>Annotations that have no meaning here and lose nothing by it, such as buffer sizes and config snippets.</summary>
    public List<string> Ignored { get; } = [];
}

/// <summary>
/// Reads the annotations of ingress-nginx and Higress as data: every value is parsed into a typed bound, none is ever text of a
/// configuration. To support one more, add it to <see cref="Readers"/>.
/// </summary>
internal static class IngressAnnotations
{
    private const string NginxPrefix = "nginx.ingress.kubernetes.io/";
    private const string HigressPrefix = "higress.io/";

    private static readonly FrozenDictionary<string, Func<RoutePolicy, string, RoutePolicy>> Readers =
        new Dictionary<string, Func<RoutePolicy, string, RoutePolicy>>(StringComparer.Ordinal)
        {
            ["backend-protocol"] = (p, v) => ReadProtocol(p, v),
            ["proxy-body-size"] = (p, v) => p with { MaxBodyBytes = AnnotationValues.Size(v) },
            ["client-max-body-size"] = (p, v) => p with { MaxBodyBytes = AnnotationValues.Size(v) },
            ["proxy-connect-timeout"] = (p, v) => p with { ConnectTimeout = AnnotationValues.Seconds(v, 75) },
            ["proxy-read-timeout"] = (p, v) => p with { ReadTimeout = AnnotationValues.Seconds(v, 604_800), TunnelTimeout = AnnotationValues.Seconds(v, 604_800) },
            ["proxy-send-timeout"] = (p, v) => p with { SendTimeout = AnnotationValues.Seconds(v, 604_800) },
            ["ssl-redirect"] = (p, v) => p with { RedirectToHttps = AnnotationValues.Bool(v) },
            ["force-ssl-redirect"] = (p, v) => AnnotationValues.Bool(v) ? p with { RedirectToHttps = true } : p,
            ["use-regex"] = (p, v) => p with { UseRegex = AnnotationValues.Bool(v) },
            ["rewrite-target"] = (p, v) => p with { RewriteTarget = AnnotationValues.RewriteTarget(v) },
            ["temporal-redirect"] = (p, v) => p with { Redirect = new RedirectPolicy(302, AnnotationValues.Location(v)) },
            ["permanent-redirect"] = (p, v) => p with { Redirect = new RedirectPolicy(301, AnnotationValues.Location(v)) },
            ["whitelist-source-range"] = (p, v) => p with { AllowedSources = AnnotationValues.Networks(v) },
            ["allowlist-source-range"] = (p, v) => p with { AllowedSources = AnnotationValues.Networks(v) },
            ["denylist-source-range"] = (p, v) => p with { DeniedSources = AnnotationValues.Networks(v) },
            ["enable-cors"] = (p, v) => AnnotationValues.Bool(v) ? p with { Cors = p.Cors ?? new CorsPolicy() } : p,
            ["response-header-control-remove"] = (p, v) => p with { RemovedResponseHeaders = AnnotationValues.HeaderNames(v) },
            ["response-header-control-update"] = (p, v) => p with { SetResponseHeaders = AnnotationValues.HeaderLines(v) },
        }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, Func<CorsPolicy, string, CorsPolicy>> CorsReaders =
        new Dictionary<string, Func<CorsPolicy, string, CorsPolicy>>(StringComparer.Ordinal)
        {
            ["cors-allow-origin"] = (p, v) => p with { Origins = AnnotationValues.Words(v) },
            ["cors-allow-methods"] = (p, v) => p with { Methods = AnnotationValues.HeaderText(v) },
            ["cors-allow-headers"] = (p, v) => p with { Headers = AnnotationValues.HeaderText(v) },
            ["cors-expose-headers"] = (p, v) => p with { ExposedHeaders = AnnotationValues.HeaderText(v) },
            ["cors-allow-credentials"] = (p, v) => p with { Credentials = AnnotationValues.Bool(v) },
            ["cors-max-age"] = (p, v) => p with { MaxAgeSeconds = (int)AnnotationValues.Seconds(v, 31_536_000).TotalSeconds },
        }.ToFrozenDictionary(StringComparer.Ordinal);

    // Nothing is lost by these: bodies are streamed, header room is fixed and ample, and snippets are never run.
    private static readonly FrozenSet<string> Harmless = FrozenSet.ToFrozenSet(
        [
            "proxy-buffer-size", "proxy-buffers-number", "proxy-busy-buffers-size", "proxy-buffering", "proxy-request-buffering",
            "proxy-max-temp-file-size", "client-body-buffer-size", "client-header-buffer-size", "large-client-header-buffers",
            "proxy-http-version", "service-upstream", "enable-access-log", "enable-rewrite-log", "enable-opentelemetry",
            "server-snippet", "configuration-snippet", "stream-snippet",
        ],
        StringComparer.Ordinal);

    // Who asks for one of these relies on it to keep strangers out, so the app is not served rather than served unprotected.
    private static readonly string[] Protective = ["auth-", "enable-global-auth", "satisfy", "enable-modsecurity", "modsecurity-", "enable-owasp-"];

    private static readonly FrozenSet<string> FailClosed = FrozenSet.ToFrozenSet(
        ["whitelist-source-range", "allowlist-source-range", "denylist-source-range", "backend-protocol"], StringComparer.Ordinal);

    public static AnnotationsRead Read(IReadOnlyDictionary<string, string>? annotations)
    {
        var policy = new RoutePolicy();
        var cors = new CorsPolicy();
        var read = new AnnotationsRead(policy);
        foreach (var (key, value) in annotations ?? FrozenDictionary<string, string>.Empty)
        {
            if (NameOf(key, annotations!) is not { } name)
            {
                continue;
            }

            try
            {
                if (Readers.TryGetValue(name, out var reader))
                {
                    policy = reader(policy, value.Trim());
                }
                else if (CorsReaders.TryGetValue(name, out var corsReader))
                {
                    cors = corsReader(cors, value.Trim());
                }
                else
                {
                    policy = ReadUnknown(policy, name, key, value, read);
                }
            }
            catch (FormatException e)
            {
                read.Problems.Add($"{key}: {e.Message}");
                policy = FailClosed.Contains(name) ? policy with { Refusal = $"{key}: {e.Message}" } : policy;
            }
        }

        return read with { Policy = policy.Cors is null ? policy : policy with { Cors = cors } };
    }

    // Both spellings of one annotation may be there; ingress-nginx's wins, whatever the order.
    private static string? NameOf(string key, IReadOnlyDictionary<string, string> all)
    {
        if (key.StartsWith(NginxPrefix, StringComparison.Ordinal))
        {
            return key[NginxPrefix.Length..];
        }

        if (key.StartsWith(HigressPrefix, StringComparison.Ordinal))
        {
            var name = key[HigressPrefix.Length..];
            return all.ContainsKey(NginxPrefix + name) ? null : name;
        }

        return null;
    }

    private static RoutePolicy ReadUnknown(RoutePolicy policy, string name, string key, string value, AnnotationsRead read)
    {
        if (Harmless.Contains(name) || (name.StartsWith("enable-", StringComparison.Ordinal) && value is "false"))
        {
            read.Ignored.Add(key);
            return policy;
        }

        read.Problems.Add($"{key}: not supported");
        return Array.Exists(Protective, p => name.StartsWith(p, StringComparison.Ordinal))
            ? policy with { Refusal = $"{key}: not supported" }
            : policy;
    }

    private static RoutePolicy ReadProtocol(RoutePolicy policy, string value) => value.ToUpperInvariant() switch
    {
        "HTTP" or "WS" or "AUTO_HTTP" or "" => policy with { Protocol = BackendProtocol.Auto },
        "HTTP1" => policy with { Protocol = BackendProtocol.Http },
        "HTTPS" or "WSS" => policy with { Protocol = BackendProtocol.Https },
        "GRPC" or "H2C" or "HTTP2" => policy with { Protocol = BackendProtocol.Grpc },
        "GRPCS" => policy with { Protocol = BackendProtocol.Grpcs },
        _ => throw new FormatException("must be HTTP, HTTPS, WS, GRPC or GRPCS"),
    };
}
