using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Sealos.ApiServer.Authentication;

/// <summary>A verified token's owner and the audiences that both sides agree on.</summary>
internal sealed record TokenIdentity(UserInfo User, IReadOnlyList<string> Audiences);

/// <summary>
/// Verifies bearer tokens. Only a good signature is remembered (bounded, by the token's hash); times, audiences and
/// the objects that the token hangs on are looked at each time.
/// </summary>
internal sealed class TokenAuthenticator(TokenIssuer issuer, BoundObjectLookup lookup, TimeProvider time)
{
    private const int MaxTokenChars = 16 * 1024;
    private const string ExtraPrefix = "authentication.kubernetes.io/";

    // A clock set back a little must not make fresh tokens void; deleted pods keep their token while they stop.
    private static readonly TimeSpan Leeway = TimeSpan.FromMinutes(1);

    private readonly BoundedCache<TokenClaims> _verified = new(capacity: 4096);

    /// <summary>The token's owner, or null. <paramref name="audiences"/> (TokenReview) replaces the API server's own.</summary>
    public TokenIdentity? Authenticate(string token, IReadOnlyList<string>? audiences = null)
    {
        if (token.Length > MaxTokenChars || Verify(token) is not { } claims)
        {
            return null;
        }

        var accepted = audiences is { Count: > 0 } ? audiences : issuer.Audiences;
        var agreed = accepted.Where(claims.Audiences.Contains).ToList();
        var now = time.GetUtcNow();
        var isCurrent = claims.Expires > now.ToUnixTimeSeconds() && claims.NotBefore <= (now + Leeway).ToUnixTimeSeconds();
        return agreed.Count > 0 && isCurrent && IsStillBound(claims, token, now) ? new TokenIdentity(UserOf(claims), agreed) : null;
    }

    private TokenClaims? Verify(string token)
    {
        var hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        if (_verified.TryGet(hash, out var known))
        {
            return known;
        }

        var parts = token.Split('.');
        if (parts.Length != 3 || Decode(parts[0]) is not { } header || Decode(parts[1]) is not { } payload || Decode(parts[2]) is not { } signature)
        {
            return null;
        }

        // The algorithm is the key's, never the token's choice.
        if (KeyOf(header) is not { } key || !key.Verify(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), signature))
        {
            return null;
        }

        var claims = TokenClaims.Read(payload);
        if (claims is null || claims.Issuer != issuer.Issuer)
        {
            return null;
        }

        _verified.Add(hash, claims);
        return claims;
    }

    private SigningKey? KeyOf(byte[] header)
    {
        try
        {
            using var document = JsonDocument.Parse(header);
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object
                && root.TryGetProperty("alg", out var algorithm)
                && root.TryGetProperty("kid", out var keyId)
                && !root.TryGetProperty("crit", out _)
                ? issuer.Keys.FirstOrDefault(k => algorithm.ValueEquals(k.Algorithm) && keyId.ValueEquals(k.KeyId))
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private bool IsStillBound(TokenClaims claims, string token, DateTimeOffset now)
    {
        var oldestDeletion = now - Leeway;
        return Exists(BoundKind.ServiceAccount, claims.Namespace, claims.ServiceAccount)
            && Exists(BoundKind.Pod, claims.Namespace, claims.Pod)
            && Exists(BoundKind.Secret, claims.Namespace, claims.Secret)
            && (claims.Pod is not null || Exists(BoundKind.Node, null, claims.Node));

        bool Exists(BoundKind kind, string? @namespace, TokenReference? reference) =>
            reference is null || (lookup(kind, @namespace, reference.Name) is { } found && found.Uid == reference.Uid
                && !(found.DeletionTimestamp < oldestDeletion) && (found.Token is null || Same(found.Token, token)));
    }

    // Taking a token out of its Secret, or putting another in, ends it.
    private static bool Same(string left, string right) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(left), Encoding.ASCII.GetBytes(right));

    private static UserInfo UserOf(TokenClaims claims)
    {
        var extra = new Dictionary<string, IReadOnlyList<string>> { [ClientCertificateAuthenticator.CredentialIdKey] = [$"JTI={claims.Id}"] };
        AddReference("node", claims.Node);
        AddReference("pod", claims.Pod);
        AddReference("secret", claims.Secret);
        return ServiceAccountUser.Create(claims.Namespace, claims.ServiceAccount.Name, claims.ServiceAccount.Uid, extra);

        void AddReference(string kind, TokenReference? reference)
        {
            if (reference is not null)
            {
                extra[$"{ExtraPrefix}{kind}-name"] = [reference.Name];
                extra[$"{ExtraPrefix}{kind}-uid"] = [reference.Uid];
            }
        }
    }

    private static byte[]? Decode(string part)
    {
        try
        {
            return Base64Url.DecodeFromChars(part);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
