using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sealos.OsServices.Access;

namespace Sealos.OsServices;

/// <summary>Who may use a route of the services' API.</summary>
public enum RouteAccess
{
    /// <summary>Strangers, too.</summary>
    Everybody,

    /// <summary>People who are signed in, by session, kubeconfig or personal token.</summary>
    SignedIn,

    /// <summary>People who are signed in by session or kubeconfig: a personal token may not widen itself.</summary>
    InPerson,

    /// <summary>People who have just shown that it is them, in a session: for whatever would outlast a session that was stolen.</summary>
    FreshSession,

    /// <summary>Those who run the cloud.</summary>
    Operators,
}

/// <summary>What every route of the services' API must say: who may use it.</summary>
internal static class ServicesAccess
{
    /// <summary>Strangers may use the route, too.</summary>
    public static TBuilder AllowEverybody<TBuilder>(this TBuilder route)
        where TBuilder : IEndpointConventionBuilder => route.With(RouteAccess.Everybody);

    /// <summary>Only people who are signed in may use the route.</summary>
    public static TBuilder ForSignedIn<TBuilder>(this TBuilder route)
        where TBuilder : IEndpointConventionBuilder => route.With(RouteAccess.SignedIn);

    /// <summary>Only people who are signed in themselves may use the route; a personal token is not enough.</summary>
    public static TBuilder ForPeople<TBuilder>(this TBuilder route)
        where TBuilder : IEndpointConventionBuilder => route.With(RouteAccess.InPerson);

    /// <summary>
    /// Only people may use the route whose session was opened, or confirmed at <c>/api/v1/sessions/confirm</c>, a short while ago; a
    /// kubeconfig is not enough.
    /// </summary>
    public static TBuilder ForFreshSession<TBuilder>(this TBuilder route)
        where TBuilder : IEndpointConventionBuilder => route.With(RouteAccess.FreshSession);

    /// <summary>Only those who run the cloud may use the route.</summary>
    public static TBuilder ForOperators<TBuilder>(this TBuilder route)
        where TBuilder : IEndpointConventionBuilder => route.With(RouteAccess.Operators);

    /// <summary>Who sent a request; there is somebody on every route that is not for everybody.</summary>
    public static Caller Caller(this HttpContext context) => context.Features.Get<Caller>() ?? throw ServiceException.NotSignedIn();

    /// <summary>Who may use an endpoint; null when it does not say.</summary>
    public static RouteAccess? Of(Endpoint endpoint) => endpoint.Metadata.GetMetadata<Policy>()?.Access;

    /// <summary>Refuses to go on with a route that does not say who may use it.</summary>
    /// <exception cref="InvalidOperationException">There is one.</exception>
    public static void Check(IEndpointRouteBuilder routes)
    {
        var open = routes.DataSources.SelectMany(s => s.Endpoints).Where(e => Of(e) is null).Select(e => e.DisplayName).ToList();
        if (open.Count > 0)
        {
            throw new InvalidOperationException($"routes that do not say who may use them: {string.Join(", ", open)}; add .AllowEverybody(), .ForSignedIn(), .ForPeople(), .ForFreshSession() or .ForOperators()");
        }
    }

    private static TBuilder With<TBuilder>(this TBuilder route, RouteAccess access)
        where TBuilder : IEndpointConventionBuilder
    {
        route.Add(endpoint => endpoint.Metadata.Add(new Policy(access)));
        return route;
    }

    private sealed record Policy(RouteAccess Access);
}
