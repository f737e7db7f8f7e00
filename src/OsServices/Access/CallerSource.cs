using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Authentication;
using Sealos.Kinds.Core;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.Access;

/// <summary>
/// Finds out whose a credential is, by asking the API server. Answers are kept for a short while, by the credential's hash
/// alone, so that a credential that ended is refused soon after.
/// </summary>
internal sealed class CallerSource(KubeClient client, TimeProvider time)
{
    private const int MaxKept = 10_000;
    private const int LongestToken = 8 * 1024;
    private const string Masters = "system:masters";
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(10);
    private static readonly string Prefix = $"system:serviceaccount:{UserDirectory.AccountsNamespace}:";

    private readonly ConcurrentDictionary<string, Kept> _kept = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Kept> _refused = new(StringComparer.Ordinal);

    /// <summary>Whose credential it is, or null when it is nobody's.</summary>
    public async Task<Caller?> IdentifyAsync(string token, CancellationToken ct)
    {
        if (!MayBeToken(token))
        {
            return null;
        }

        var key = KeyOf(token);
        var now = time.GetTimestamp();
        if ((_kept.TryGetValue(key, out var kept) || _refused.TryGetValue(key, out kept)) && time.GetElapsedTime(kept.At, now) < KeptFor)
        {
            // The credential itself is not kept.
            return kept.Caller is { } known ? known with { Token = token } : null;
        }

        return await AskAsync(token, key, ct).ConfigureAwait(false);
    }

    /// <summary>The same, asked again whatever is known.</summary>
    public Task<Caller?> IdentifyAnewAsync(string token, CancellationToken ct) => AskAsync(token, KeyOf(token), ct);

    /// <summary>Whether it has the form of a signed token (RFC 7515); what has not is nobody's, and costs no question.</summary>
    internal static bool MayBeToken(string token)
    {
        if (token.Length is 0 or > LongestToken)
        {
            return false;
        }

        var parts = token.Split('.', 4);
        return parts.Length == 3 && parts.All(p => p.Length > 0 && p.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
    }

    private static string KeyOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private async Task<Caller?> AskAsync(string token, string key, CancellationToken ct)
    {
        var caller = await AskAsync(token, ct).ConfigureAwait(false);
        var now = time.GetTimestamp();

        // Apart, so that no number of made-up credentials has the true ones asked for again.
        var into = caller is null ? _refused : _kept;
        Trim(into, now);
        into[key] = new Kept(now, caller is null ? null : caller with { Token = "" });
        if (caller is null)
        {
            _kept.TryRemove(key, out _);
        }

        return caller;
    }

    private async Task<Caller?> AskAsync(string token, CancellationToken ct)
    {
        var review = await client.CreateAsync(new TokenReview { Spec = new TokenReviewSpec { Token = token } }, ct).ConfigureAwait(false);
        if (review.Status is not { Authenticated: true, User: { Username: { } name } user })
        {
            return null;
        }

        var isMaster = user.Groups?.Contains(Masters) == true;
        if (!name.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return isMaster ? new Caller(name, true, token) : null;
        }

        var account = name[Prefix.Length..];
        var found = await client.FindAsync<ServiceAccount>(UserDirectory.AccountsNamespace, account, ct).ConfigureAwait(false);
        var owner = found?.Metadata.Labels?.GetValueOrDefault(UserKeys.Owner);
        var isPerson = owner is null || owner == account;
        return found is null ? null : new Caller(isPerson ? account : owner!, isMaster || account == UserDirectory.AdminName, token)
        {
            PersonalToken = isPerson ? null : account,
            IsImpersonated = SessionObjects.IsOperators(token),
        };
    }

    private void Trim(ConcurrentDictionary<string, Kept> answers, long now)
    {
        if (answers.Count < MaxKept)
        {
            return;
        }

        foreach (var (key, kept) in answers)
        {
            if (time.GetElapsedTime(kept.At, now) >= KeptFor)
            {
                answers.TryRemove(key, out _);
            }
        }

        if (answers.Count >= MaxKept)
        {
            answers.Clear();
        }
    }

    private sealed record Kept(long At, Caller? Caller);
}
