using System.Threading.RateLimiting;

namespace Sealos.OsServices.SignIn;

/// <summary>
/// Hashes passwords, few at a time: each takes a core and some megabytes for a while, and more at once would starve the apps.
/// </summary>
internal sealed class PasswordHasher : IDisposable
{
    private const int AtOnce = 2;
    private const int Waiting = 64;

    // Verified against when no such user exists, so that an answer takes as long as for one who does.
    private static readonly Lazy<string> Decoy = new(() => PasswordHash.Create(PasswordHash.Generate()));

    private readonly ConcurrencyLimiter _turns = new(new ConcurrencyLimiterOptions { PermitLimit = AtOnce, QueueLimit = Waiting });

    /// <summary>Whether a password is that of a hash; without a hash it takes as long, and is not.</summary>
    public async Task<bool> VerifyAsync(string password, string? hash, CancellationToken ct)
    {
        using var turn = await TakeTurnAsync(ct).ConfigureAwait(false);
        return PasswordHash.Verify(password, hash ?? Decoy.Value) && hash is not null;
    }

    public async Task<string> CreateAsync(string password, CancellationToken ct)
    {
        using var turn = await TakeTurnAsync(ct).ConfigureAwait(false);
        return PasswordHash.Create(password);
    }

    public void Dispose() => _turns.Dispose();

    private async Task<RateLimitLease> TakeTurnAsync(CancellationToken ct)
    {
        var turn = await _turns.AcquireAsync(1, ct).ConfigureAwait(false);
        return turn.IsAcquired ? turn : throw Refusals.TooMany();
    }
}
