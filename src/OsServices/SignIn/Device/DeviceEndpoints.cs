using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.OsServices.Access;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.SignIn.Device;

/// <summary>
/// Lets in a program on a machine where nobody types a password: it shows a code, and a person who is signed in says yes to it in a browser.
/// The session it gets ends with the credential that the person's own session goes with.
/// </summary>
internal sealed class DeviceEndpoints(KubeClient client, Uri? console, Sessions sessions, AttemptGuard guard, TimeProvider time)
{
    /// <summary>How sessions say that a person let a program in.</summary>
    public const string Method = "device";

    /// <summary>The page where people type the code.</summary>
    public const string Page = "/device";

    /// <summary>Where a person looks at a request and answers it.</summary>
    public const string RequestsPath = "/api/v1/device/requests";

    private readonly DeviceRequests _requests = new(time);
    private readonly AttemptCounter _misses = new(time, 10, TimeSpan.FromMinutes(15));

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/v1/device/code", Ask).AllowEverybody();
        routes.MapPost("/api/v1/device/token", PollAsync).AllowEverybody();
        routes.MapGet(RequestsPath + "/{userCode}", ShowAsync).ForPeople();
        routes.MapPost(RequestsPath + "/{userCode}", AnswerAsync).ForPeople();
    }

    private Ok<DeviceGrant> Ask(HttpContext context)
    {
        var from = ClientInfo.Of(context);
        guard.CheckNetwork(from);
        if (console is null)
        {
            throw ServiceException.NotFound("This cloud has no address of its own, so there is no page to type a code at.");
        }

        var (request, secret) = _requests.Add(from) ?? throw Refusals.TooMany();
        var page = new Uri(console, Page);
        return TypedResults.Ok(new DeviceGrant(secret, request.UserCode, page, new Uri($"{page}?code={request.UserCode}"))
        {
            ExpiresIn = (int)DeviceRequests.Lifetime.TotalSeconds,
            Interval = (int)DeviceRequests.Interval.TotalSeconds,
        });
    }

    private async Task<Ok<SignInGrant>> PollAsync(DeviceQuestion question, HttpContext context, CancellationToken ct)
    {
        guard.CheckNetwork(ClientInfo.Of(context));
        var (poll, request) = _requests.Poll(question.DeviceCode);
        return poll switch
        {
            DevicePoll.Pending => throw new ServiceException(StatusCodes.Status400BadRequest, "authorization-pending", "Nobody has answered yet."),
            DevicePoll.TooSoon => throw new ServiceException(StatusCodes.Status400BadRequest, "slow-down", $"Ask again in {(int)request!.Interval.TotalSeconds} seconds."),
            DevicePoll.Denied => throw new ServiceException(StatusCodes.Status403Forbidden, "access-denied", "The request was denied."),
            DevicePoll.Over => throw new ServiceException(StatusCodes.Status410Gone, "expired", "This request is over: start again."),
            _ => TypedResults.Ok(await OpenAsync(request!, ct).ConfigureAwait(false)),
        };
    }

    private async Task<Ok<DeviceAsking>> ShowAsync(string userCode, Caller caller, CancellationToken ct)
    {
        await RequireAsync(caller, ct).ConfigureAwait(false);
        var request = Find(caller, userCode);
        return TypedResults.Ok(new DeviceAsking(request.UserCode, request.Client.UserAgent, request.Client.Address, request.Created, request.Expires));
    }

    private async Task<NoContent> AnswerAsync(string userCode, DeviceAnswer answer, Caller caller, CancellationToken ct)
    {
        var session = await RequireAsync(caller, ct).ConfigureAwait(false);
        var request = Find(caller, userCode);
        var approval = answer.Approve ? new DeviceApproval(caller.User, session.Metadata.Name!, session.Metadata.Uid!) : null;
        return _requests.TryAnswer(request.UserCode, approval) ? TypedResults.NoContent() : throw NoSuchCode();
    }

    // Only now, so that there is no session that nobody fetches; the one that approved must still be there, and is looked at once more when the new one is.
    private async Task<SignInGrant> OpenAsync(DeviceRequest request, CancellationToken ct)
    {
        var approval = request.Approval!;
        if (await sessions.FindAsync(approval, ct).ConfigureAwait(false) is not { } session || session.Metadata.OwnerReferences is not [{ } owner]
            || await client.FindAsync<Secret>(UserDirectory.AccountsNamespace, owner.Name!, ct).ConfigureAwait(false) is not { } credential || credential.Metadata.Uid != owner.Uid)
        {
            throw Refusals.ApproverGone();
        }

        return await sessions.OpenAsync(approval.User, credential, new SessionMeans(Method, SessionObjects.PasskeyOf(session)) { Approval = approval }, request.Client, ct).ConfigureAwait(false);
    }

    // A session that a person let in lets nobody in itself, so that none of them outlives its time by another.
    private async Task<Secret> RequireAsync(Caller caller, CancellationToken ct)
    {
        var session = await sessions.RequireAsync(caller, ct).ConfigureAwait(false);
        return SessionObjects.Read(session, null).Method != Method ? session : throw ServiceException.Forbidden("This session came of a code itself: approve in a browser where you have signed in.");
    }

    private DeviceRequest Find(Caller caller, string userCode)
    {
        if (_misses.IsOver(caller.User))
        {
            throw Refusals.TooMany();
        }

        if (_requests.Find(userCode) is { } request)
        {
            return request;
        }

        _misses.TryAdd(caller.User);
        throw NoSuchCode();
    }

    private static ServiceException NoSuchCode() => ServiceException.NotFound("No program waits under this code: it was mistyped, answered, or is older than ten minutes.");
}
