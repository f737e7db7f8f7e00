using System.Text;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.OsServices.Access;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.SignIn;

/// <summary>Trades a name and a password for a session.</summary>
internal sealed class SignInEndpoints(KubeClient client, Sessions sessions) : IDisposable
{
    /// <summary>Where a session is asked for.</summary>
    public const string SignInPath = "/api/v1/sign-in";

    private const int LongestText = 256;
    private const int HashesAtOnce = 2;
    private const int AttemptsPerMinute = 200;

    // Verified against when no such user exists, so that an answer takes as long as for one who does.
    private static readonly string Decoy = PasswordHash.Create(PasswordHash.Generate());

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

    private async Task<Ok<SignInGrant>> SignInAsync(SignInRequest request, HttpContext context, CancellationToken ct)
    {
        if (request.User is not { Length: > 0 and <= LongestText } || request.Password is not { Length: > 0 and <= LongestText })
        {
            throw ServiceException.Invalid("user", "Name and password are needed, each of at most 256 characters.");
        }

        using var attempt = _attempts.AttemptAcquire(UserNames.IsValid(request.User) ? request.User : "");
        using var turn = attempt.IsAcquired ? await _hashing.AcquireAsync(1, ct).ConfigureAwait(false) : null;
        if (turn is not { IsAcquired: true })
        {
            throw Refusals.TooMany();
        }

        var secret = UserNames.IsValid(request.User)
            ? await client.FindAsync<Secret>(UserDirectory.AccountsNamespace, UsersObjects.PasswordSecretOf(request.User), ct).ConfigureAwait(false)
            : null;
        var hash = secret?.Data?.GetValueOrDefault("hash") is { } bytes ? Encoding.ASCII.GetString(bytes) : null;
        if (!PasswordHash.Verify(request.Password, hash ?? Decoy) || hash is null)
        {
            throw Refusals.Wrong();
        }

        return TypedResults.Ok(await sessions.OpenAsync(request.User, secret!, "password", ClientInfo.Of(context), ct).ConfigureAwait(false));
    }
}
