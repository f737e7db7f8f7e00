using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sealos.ApiServer.Authentication;
using Sealos.ApiServer.Authorization;
using Sealos.ApiServer.Http;

namespace Sealos.ApiServer.Audit;

/// <summary>What comes to be known of a request on its way, for the audit log.</summary>
internal sealed class AuditTrail(AuditLog log, HttpContext http, RequestInfo info, string id, DateTimeOffset received)
{
    public HttpContext Http => http;

    public RequestInfo Info => info;

    public string Id => id;

    public DateTimeOffset Received => received;

    /// <summary>Who asks.</summary>
    public UserInfo? User { get; private set; }

    /// <summary>Whom they act as, when it is somebody else.</summary>
    public UserInfo? ActingAs { get; set; }

    public AuthorizationDecision? Authorization { get; set; }

    public AuditDecision Decision { get; private set; } = AuditDecision.Nothing;

    /// <summary>What admission has to say.</summary>
    public Dictionary<string, string> Annotations { get; } = new(StringComparer.Ordinal);

    /// <summary>The name of what was made, which the URL does not tell.</summary>
    public string? CreatedName { get; set; }

    /// <summary>The request's body, when the policy wants it.</summary>
    public ReadOnlyMemory<byte> RequestBody { get; private set; }

    /// <summary>The answer's body, when the policy wants it.</summary>
    public AuditedResponse? Response { get; private set; }

    public ApiException? Refusal { get; private set; }

    /// <summary>Now that it is known who asks, so is how much is to be written down.</summary>
    public void Identify(UserInfo user)
    {
        User = user;
        Decision = log.Policy.Decide(user, info);
        if (Decision.Level != AuditLevel.None && user.Groups.Contains(UserInfo.UnauthenticatedGroup) && !log.AdmitsStranger())
        {
            Decision = AuditDecision.Nothing;
        }

        if (Decision.Level == AuditLevel.None)
        {
            return;
        }

        http.Features.Set(this);
        log.Write(this, "RequestReceived");
        if (info.IsLongRunning)
        {
            http.Response.OnStarting(() =>
            {
                log.Write(this, "ResponseStarted");
                return Task.CompletedTask;
            });
        }
        else if (Decision.Level == AuditLevel.RequestResponse)
        {
            // The log is to be read by people.
            http.Request.Headers.Remove("Accept-Encoding");
            Response = new AuditedResponse(http.Response.Body);
            http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Response, http.Features.GetRequiredFeature<IHttpResponseBodyFeature>()));
        }
    }

    /// <summary>Keeps a body that was read, when the policy wants it.</summary>
    public static void Capture(HttpContext http, ReadOnlyMemory<byte> body)
    {
        if (http.Features.Get<AuditTrail>() is { Decision.Level: >= AuditLevel.Request } trail)
        {
            trail.RequestBody = body;
        }
    }

    /// <summary>The request has been answered.</summary>
    public void Complete(ApiException? refusal)
    {
        Refusal = refusal;
        if (User is null)
        {
            // Who asked did not come to be known, which is worth knowing too.
            Decision = log.Policy.Decide(null, info);
            if (Decision.Level != AuditLevel.None && !log.AdmitsStranger())
            {
                return;
            }
        }

        log.Write(this, "ResponseComplete");
    }
}
