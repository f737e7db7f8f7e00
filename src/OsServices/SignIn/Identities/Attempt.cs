using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Sealos.OsServices.SignIn.Identities;

/// <summary>Whom an identity is to be linked to: a user, by the session in which they asked for it.</summary>
internal sealed record LinkTarget(string User, string UserUid, string SessionName, string SessionUid);

/// <summary>One try to prove who one is elsewhere: what is asked with, and what only the browser that began it has.</summary>
/// <param name="Provider">The provider's id.</param>
/// <param name="RedirectUri">Where the provider is to send people back to.</param>
/// <param name="Next">Where to go afterwards.</param>
/// <param name="LinkFor">The user whom the identity is to be linked to; null signs in.</param>
internal sealed record Attempt(string Provider, string RedirectUri, string Next, LinkTarget? LinkFor)
{
    public string Verifier { get; } = RandomNumberGenerator.GetHexString(64, lowercase: true);

    public string Nonce { get; } = RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>What the browser keeps in a cookie: without it nobody goes on.</summary>
    public string Binding { get; } = RandomNumberGenerator.GetHexString(64, lowercase: true);

    public string Challenge => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));

    public bool IsBoundTo(string? binding) => binding is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(binding), Encoding.UTF8.GetBytes(Binding));
}
