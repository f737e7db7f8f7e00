using Sealos.ControllerKit;

namespace Sealos.Network.Gateway.Routing;

/// <summary>Where requests for a host and path go; never changes, a changed ingress makes new ones.</summary>
internal sealed record Route(ObjectKey Ingress, string Host, PathRule Path, RoutePolicy Policy, Backend Backend)
{
    public required Telemetry.RouteCounters Counters { get; init; }

    /// <summary>The app is switched off: its address stays its own and says so.</summary>
    public bool IsPaused { get; init; }
}

/// <summary>The secret whose certificate an ingress names for a host.</summary>
internal readonly record struct SecretName(string Namespace, string Name);

/// <summary>All routes of a host in the order they are tried, and its certificates; swapped whole.</summary>
internal sealed class HostRoutes(string host, Route[] routes, SecretName[] secrets)
{
    /// <summary>So many paths are tried for a request at most; what is beyond is left out and reported.</summary>
    public const int MaxRoutes = 1_000;

    /// <summary>Patterns cost more than plain paths, so there may be fewer.</summary>
    public const int MaxPatterns = 50;

    public string Host { get; } = host;

    /// <summary>The routes in the order they are tried: longest first, and no more than may be.</summary>
    public static Route[] Order(IEnumerable<Route> routes)
    {
        var patterns = 0;
        return [.. routes
            .OrderByDescending(r => r.Path.Text.Length)
            .ThenBy(r => r.Path.Kind)
            .ThenBy(r => r.IsPaused)
            .Where(r => r.Path.Kind != PathKind.Regex || ++patterns <= MaxPatterns)
            .Take(MaxRoutes)];
    }

    public IReadOnlyList<Route> Routes => routes;

    public IReadOnlyList<SecretName> Secrets { get; } = secrets;

    public Route? Find(string path)
    {
        foreach (var route in routes)
        {
            if (route.Path.Matches(path))
            {
                return route;
            }
        }

        return null;
    }
}
