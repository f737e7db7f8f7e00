using Sealos.ApiServer.Http;

namespace Sealos.ApiServer.Authorization;

/// <summary>An update or an apply that would create its object needs the right to create it, too.</summary>
internal static class CreateRight
{
    public static void Require(Authorizer authorizer, ApiRequest request)
    {
        var attributes = new AuthorizationAttributes(request.User, "create")
        {
            Group = request.Resource.Group,
            Resource = request.Resource.Plural,
            Namespace = request.Info.Namespace,
            Name = request.Name,
        };
        var decision = authorizer.Authorize(attributes);
        if (!decision.IsAllowed)
        {
            throw ApiException.From(attributes.Forbidden(decision.Reason));
        }
    }
}
