using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Sealos.OsServices.SignIn.Identities;

/// <summary>Whether an ID token is this provider's, for this cloud, of now, and the answer to this question.</summary>
internal sealed class IdTokenCheck(IdentityProvider provider, TimeProvider time)
{
    private const int LongestSubject = 255;
    private const int LongestToken = 32 * 1024;
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(2);

    // Signed with the provider's own key; never with the secret that both know, and never not at all.
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512, SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384,
        SecurityAlgorithms.RsaSsaPssSha512, SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    /// <summary>Whether the last token was signed with a key that is not known.</summary>
    public bool LacksKey { get; private set; }

    /// <summary>Who the token says somebody is; null when it proves nothing.</summary>
    public async Task<OutsideIdentity?> ReadAsync(string? token, string nonce, IEnumerable<SecurityKey> keys)
    {
        if (token is not { Length: > 0 and <= LongestToken })
        {
            return null;
        }

        var result = await new JsonWebTokenHandler { MaximumTokenSizeInBytes = LongestToken }.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = provider.Issuer,
            ValidAudience = provider.ClientId,
            IssuerSigningKeys = keys,
            ValidAlgorithms = Algorithms,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            LifetimeValidator = IsOfNow,
        }).ConfigureAwait(false);
        LacksKey = result.Exception is SecurityTokenSignatureKeyNotFoundException;
        if (!result.IsValid || result.SecurityToken is not JsonWebToken read || !IsAnswer(read, nonce) || read.Subject is not { Length: > 0 and <= LongestSubject } subject)
        {
            return null;
        }

        return new OutsideIdentity(provider, subject, Text(read, "name") ?? Text(read, "preferred_username"), Text(read, "email"));
    }

    private bool IsOfNow(DateTime? from, DateTime? until, SecurityToken token, TokenValidationParameters parameters)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return until + Skew > now && (from is null || from - Skew <= now);
    }

    // A token for many is for this cloud only if it says that this cloud asked.
    private bool IsAnswer(JsonWebToken token, string nonce) =>
        Text(token, "nonce") is { } said && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(said), Encoding.UTF8.GetBytes(nonce))
        && (Text(token, "azp") is { } asked ? asked == provider.ClientId : token.Audiences.Count() == 1);

    private static string? Text(JsonWebToken token, string claim) => token.TryGetPayloadValue<string>(claim, out var value) ? value : null;
}
