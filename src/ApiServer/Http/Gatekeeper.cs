using Microsoft.AspNetCore.Http;
using Sealos.ApiServer.Audit;
using Sealos.ApiServer.Authentication;
using Sealos.ApiServer.Authorization;
using Sealos.Objects.Selectors;

namespace Sealos.ApiServer.Http;

/// <summary>Lets a request in: authentication, impersonation, authorization.</summary>
internal sealed class Gatekeeper(Authenticator authenticator, Impersonation impersonation, Authorizer authorizer, CertificateReaders certificates)
{
    /// <summary>The user that the request acts as.</summary>
    /// <exception cref="ApiException">Nobody known, or not allowed.</exception>
    public UserInfo Admit(HttpContext http, RequestInfo info, AuditTrail? trail = null)
    {
        // Step 2: who asks.
        var known = authenticator.Authenticate(http.Request.Headers, http.Connection.ClientCertificate) ?? throw ApiException.Unauthorized();
        trail?.Identify(known);
        var acting = impersonation.Apply(known, http.Request.Headers);
        var user = acting.User ?? throw ApiException.From(acting.Refusal!);

        if (trail is not null && user != known)
        {
            trail.ActingAs = user;
        }

        // Step 3: whether they may.
        var attributes = Attributes(http, info, user);
        var decision = authorizer.Authorize(attributes);
        if (!decision.IsAllowed && certificates.Allow(attributes))
        {
            decision = new AuthorizationDecision(true, "reads certificates alone");
        }

        if (trail is not null)
        {
            trail.Authorization = decision;
        }

        return decision.IsAllowed ? user : throw ApiException.From(attributes.Forbidden(decision.Reason));
    }

    private static AuthorizationAttributes Attributes(HttpContext http, RequestInfo info, UserInfo user)
    {
        if (!info.IsResource)
        {
            return new AuthorizationAttributes(user, info.Verb) { Path = info.Path };
        }

        var fields = Selector(http, info);
        return new AuthorizationAttributes(user, info.Verb)
        {
            Group = info.Group,
            Resource = info.Plural,
            Subresource = info.Subresource,
            Namespace = info.Namespace,

            // A list or watch of one name asks for no more than that object.
            Name = info.Name ?? fields.RequiredValue("metadata.name"),
            Fields = fields,
        };
    }

    private static FieldSelector Selector(HttpContext http, RequestInfo info)
    {
        if (info.Verb is not ("list" or "watch" or "deletecollection"))
        {
            return FieldSelector.Everything;
        }

        try
        {
            return FieldSelector.Parse(http.Request.Query["fieldSelector"].ToString());
        }
        catch (SelectorException e)
        {
            throw ApiException.BadRequest(e.Message);
        }
    }
}
