namespace Sealos.OsServices.SignIn.Identities;

/// <summary>Providers that many people have, as data: what is left to say is the client's id and secret.</summary>
public static class ProviderPresets
{
    /// <summary>All of them, by the id they are given.</summary>
    public static IReadOnlyList<IdentityProvider> All { get; } =
    [
        new()
        {
            Id = "github",
            Kind = IdentityProvider.OAuth2,
            Name = "GitHub",
            AuthorizationUrl = "https://github.com/login/oauth/authorize",
            TokenUrl = "https://github.com/login/oauth/access_token",
            UserInfoUrl = "https://api.github.com/user",
            Scopes = ["read:user"],
            NameField = "login",
        },
        new() { Id = "google", Name = "Google", Issuer = "https://accounts.google.com", Scopes = ["openid", "profile", "email"] },
    ];
}
