using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Sealos.OsServices.Users;

/// <summary>The users' part of the services' own API.</summary>
internal sealed class UsersEndpoints(UserDirectory users, TimeProvider time) : IDisposable
{
    /// <summary>Where a session is asked for.</summary>
    public const string SignInPath = "/api/v1/sign-in";

    private const int LongestText = 256;
    private const int HashesAtOnce = 2;
    private const int AttemptsPerMinute = 200;
    private static readonly TimeSpan SessionLifetime = TimeSpan.FromHours(12);

    // Guessing one user's password is slowed down here, whatever addresses the guesses come from; so far that strangers
    // cannot easily keep the user out.
    private readonly PartitionedRateLimiter<string> _attempts = PartitionedRateLimiter.Create<string, string>(user => RateLimitPartition.GetSlidingWindowLimiter(
        user, _ => new SlidingWindowRateLimiterOptions { PermitLimit = AttemptsPerMinute, Window = TimeSpan.FromMinutes(1), SegmentsPerWindow = 6 }));

    // A password's hash takes a core for a while; more than a few at once would starve the apps.
    private readonly ConcurrencyLimiter _hashing = new(new ConcurrencyLimiterOptions { PermitLimit = HashesAtOnce, QueueLimit = 64 });

    public void Map(IEndpointRouteBuilder routes) => routes.MapPost(SignInPath, SignInAsync).AllowEverybody();

    public void Dispose()
    {
        _attempts.Dispose();
        _hashing.Dispose();
    }

    private async Task<Results<Ok<SignInGrant>, UnauthorizedHttpResult, StatusCodeHttpResult, BadRequest>> SignInAsync(SignInRequest request, CancellationToken ct)
    {
        if (request.User is not { Length: > 0 and <= LongestText } || request.Password is not { Length: > 0 and <= LongestText })
        {
            return TypedResults.BadRequest();
        }

        using var attempt = _attempts.AttemptAcquire(UserNames.IsValid(request.User) ? request.User : "");
        using var turn = attempt.IsAcquired ? await _hashing.AcquireAsync(1, ct).ConfigureAwait(false) : null;
        if (turn is not { IsAcquired: true })
        {
            return TypedResults.StatusCode(StatusCodes.Status429TooManyRequests);
        }

        var expires = time.GetUtcNow() + SessionLifetime;
        return await users.SignInAsync(request.User, request.Password, SessionLifetime, ct).ConfigureAwait(false) is { } token
            ? TypedResults.Ok(new SignInGrant(request.User, token, expires, UserDirectory.WorkspaceOf(request.User)))
            : TypedResults.Unauthorized();
    }
}
