using System.Net;

namespace Sealos.OsServices.Admission.Hosts;

/// <summary>Which hosts a workspace may want at all, before it is asked whose they are.</summary>
internal static class HostNames
{
    private const int LongestHost = 253;
    private const int LongestLabel = 63;

    // What visitors would take for the cloud itself.
    private static readonly string[] Reserved =
    [
        "account", "accounts", "admin", "api", "apiserver", "auth", "billing", "cloud", "console", "costcenter", "dashboard", "desktop", "devbox-api", "dns", "docs", "grafana",
        "hub", "id", "identity", "ingress", "kube", "kubernetes", "launchpad", "login", "mail", "metrics", "monitor", "mx", "ns", "ns1", "ns2", "oauth", "oauth2", "oidc", "openid",
        "operator", "pay", "payment", "registry", "root", "s3", "sealos", "security", "sign-in", "sign-up", "signin", "signup", "smtp", "sso", "status", "support", "system",
        "template", "usercenter", "verify", "vlogs", "webmail", "wildcard", "www", "autoconfig", "autodiscover", "wpad", "isatap", "localhost",
    ];

    // Names that stand for something inside a machine or a network.
    private static readonly string[] Inside = ["localhost", "local", "internal", "svc", "arpa", "onion", "invalid"];

    /// <summary>Why the host cannot be had; null when it can. Says also whether it lies outside the cloud's domain.</summary>
    public static Refusal? Judge(string? text, AdmissionOptions options, out string host, out bool isOwnDomain)
    {
        host = Normalize(text);
        var domain = options.Domain.ToLowerInvariant();
        isOwnDomain = host != domain && !host.EndsWith("." + domain, StringComparison.Ordinal);
        if (string.IsNullOrEmpty(text))
        {
            return new Refusal("40300: each rule of an Ingress needs a host; without one it would answer for everybody's");
        }

        if (text.Contains('*', StringComparison.Ordinal))
        {
            return new Refusal($"40303: '{text}' would take hosts of others: wildcards are not allowed; name each host");
        }

        if (!IsWellFormed(host))
        {
            return new Refusal($"40300: '{text}' is no host: letters, digits and hyphens in labels of at most {LongestLabel}, separated by dots");
        }

        return isOwnDomain ? JudgeOwn(host, options) : JudgeSubDomain(host, domain);
    }

    /// <summary>The one way in which a host is written: lower case, without the last dot.</summary>
    public static string Normalize(string? host) => (host ?? "").Trim().TrimEnd('.').ToLowerInvariant();

    private static Refusal? JudgeSubDomain(string host, string domain)
    {
        if (host == domain)
        {
            return new Refusal($"40303: {domain} is the cloud's own host; use a sub-domain of it");
        }

        var label = host[..^(domain.Length + 1)];
        if (label.Contains('.', StringComparison.Ordinal))
        {
            return new Refusal($"40300: '{host}' lies below a host that may be another's; use one label before {domain}");
        }

        return Reserved.Contains(label) || label.StartsWith("xn--", StringComparison.Ordinal) || label.StartsWith('_')
            ? new Refusal($"40303: '{host}' is reserved, because visitors would take it for the cloud itself; use another name")
            : null;
    }

    private static Refusal? JudgeOwn(string host, AdmissionOptions options)
    {
        var zone = host[(host.LastIndexOf('.') + 1)..];
        if (!host.Contains('.', StringComparison.Ordinal) || Inside.Contains(zone) || host.EndsWith("." + options.ClusterZone, StringComparison.Ordinal)
            || IPAddress.TryParse(host, out _) || char.IsAsciiDigit(zone[0]))
        {
            return new Refusal($"40303: '{host}' cannot be anybody's in the world's DNS; use a sub-domain of {options.Domain} or a domain of yours");
        }

        // A parent of the cloud's domain holds the cloud's own cookies and names.
        if (options.Domain.EndsWith("." + host, StringComparison.OrdinalIgnoreCase))
        {
            return new Refusal($"40303: '{host}' is above the cloud's own domain");
        }

        return options.AllowsOwnDomains ? null : new Refusal($"40300: only sub-domains of {options.Domain} are allowed here");
    }

    private static bool IsWellFormed(string host) =>
        host.Length is > 0 and <= LongestHost
        && host.Split('.').All(label => label.Length is > 0 and <= LongestLabel && label[0] != '-' && label[^1] != '-' && label.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'));
}
