using System.Text.RegularExpressions;

namespace Sealos.OsServices.SignIn.Identities;

/// <summary>Somebody else who says who people are: how they are asked, and what their word opens here.</summary>
public sealed partial record IdentityProvider
{
    /// <summary>Speaks OpenID Connect: everything but the issuer is found out by asking it.</summary>
    public const string OpenIdConnect = "oidc";

    /// <summary>Speaks OAuth 2 alone: who somebody is, is asked at an address of its own.</summary>
    public const string OAuth2 = "oauth2";

    private const int LongestText = 200;
    private const int LongestUrl = 500;

    /// <summary>What it is called in addresses.</summary>
    public string Id { get; init; } = "";

    /// <summary><see cref="OpenIdConnect"/> or <see cref="OAuth2"/>.</summary>
    public string Kind { get; init; } = OpenIdConnect;

    /// <summary>What people read on the button.</summary>
    public string Name { get; init; } = "";

    /// <summary>The issuer of an OpenID provider.</summary>
    public string? Issuer { get; init; }

    /// <summary>What the cloud is called there; the secret that goes with it is kept in a Secret.</summary>
    public string ClientId { get; init; } = "";

    /// <summary>What is asked for.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>Where people are sent to sign in; OAuth 2 alone.</summary>
    public string? AuthorizationUrl { get; init; }

    /// <summary>Where a code buys a token; OAuth 2 alone.</summary>
    public string? TokenUrl { get; init; }

    /// <summary>Where a token tells who somebody is; OAuth 2 alone.</summary>
    public string? UserInfoUrl { get; init; }

    /// <summary>The field there that names somebody for good; OAuth 2 alone.</summary>
    public string IdField { get; init; } = "id";

    /// <summary>The field with what they are called, from which a name here is suggested.</summary>
    public string NameField { get; init; } = "name";

    /// <summary>The field with their address.</summary>
    public string EmailField { get; init; } = "email";

    /// <summary>Whether people who linked it sign in with it.</summary>
    public bool SignIn { get; init; } = true;

    /// <summary>Whether it makes users of strangers; not unless it is said.</summary>
    public bool SignUp { get; init; }

    /// <summary>What is wrong with it, naming the field; null when nothing is.</summary>
    public string? Problem()
    {
        if (!IdPattern().IsMatch(Id))
        {
            return "id must be 1 to 30 lower-case letters, digits or hyphens, a letter first";
        }

        if (Kind is not (OpenIdConnect or OAuth2))
        {
            return $"kind must be {OpenIdConnect} or {OAuth2}";
        }

        if (!IsText(Name))
        {
            return "name must be one line of 1 to 200 characters";
        }

        if (!IsText(ClientId))
        {
            return "clientId must be one line of 1 to 200 characters";
        }

        if (Scopes.Count > 20 || Scopes.Any(s => s.Length is 0 or > 100 || s.Any(c => c is <= ' ' or >= '\x7f' or '"' or '\\')))
        {
            return "scopes must be at most 20 words";
        }

        if (!(IsField(IdField) && IsField(NameField) && IsField(EmailField)))
        {
            return "idField, nameField and emailField must be names of fields";
        }

        (string Field, string? Value)[] urls = Kind == OpenIdConnect ? [("issuer", Issuer)] : [("authorizationUrl", AuthorizationUrl), ("tokenUrl", TokenUrl), ("userInfoUrl", UserInfoUrl)];
        return urls.FirstOrDefault(u => !IsSafe(u.Value)) is { Field: { } field } ? $"{field} must be an https address without user, query or fragment (http is for loopback alone)" : null;
    }

    /// <summary>Whether secrets may travel to an address: encrypted, or within the machine.</summary>
    internal static bool IsSafe(string? text) =>
        text is { Length: <= LongestUrl } && Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { UserInfo: "", Query: "", Fragment: "" }
        && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback));

    private static bool IsText(string text) => text.Length is > 0 and <= LongestText && !text.Any(char.IsControl) && text.Trim() == text;

    private static bool IsField(string text) => FieldPattern().IsMatch(text);

    [GeneratedRegex("^[a-z]([-a-z0-9]{0,28}[a-z0-9])?\\z")]
    private static partial Regex IdPattern();

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]{0,60}\\z")]
    private static partial Regex FieldPattern();
}
