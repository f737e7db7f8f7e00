using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Sealos.OsServices.Access;

namespace Sealos.OsServices.SignIn.Identities;

/// <summary>
/// Speaks with providers. Where it goes is the operator's alone to say, besides what a provider says of itself; answers are small, come
/// soon, and lead nowhere else.
/// </summary>
internal sealed class ProviderClient(TimeProvider time) : IDisposable
{
    private const int LargestAnswer = 256 * 1024;
    private const int MostIssuers = 50;
    private const int LongestSubject = 255;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, ConfigurationManager<OpenIdConnectConfiguration>> _issuers = new(StringComparer.Ordinal);
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = Patience, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = Patience,
        MaxResponseContentBufferSize = LargestAnswer,
        DefaultRequestHeaders = { { "User-Agent", "sealos" } },
    };

    /// <summary>Where to send somebody who is to prove who they are.</summary>
    public async Task<Uri> AddressAsync(IdentityProvider provider, Attempt attempt, string state, CancellationToken ct)
    {
        var endpoint = provider.Kind == IdentityProvider.OAuth2 ? provider.AuthorizationUrl! : (await DiscoverAsync(provider, ct).ConfigureAwait(false)).AuthorizationEndpoint;
        var query = new StringBuilder(endpoint);
        var separator = endpoint.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        (string Key, string? Value)[] parameters =
        [
            ("response_type", "code"), ("client_id", provider.ClientId), ("redirect_uri", attempt.RedirectUri), ("scope", ScopesOf(provider)), ("state", state),
            ("nonce", provider.Kind == IdentityProvider.OpenIdConnect ? attempt.Nonce : null), ("code_challenge", attempt.Challenge), ("code_challenge_method", "S256"),
        ];
        foreach (var (key, value) in parameters.Where(p => p.Value is { Length: > 0 }))
        {
            query.Append(separator).Append(key).Append('=').Append(Uri.EscapeDataString(value!));
            separator = '&';
        }

        return new Uri(query.ToString());
    }

    /// <summary>Who came back with a code.</summary>
    public async Task<OutsideIdentity> IdentifyAsync(IdentityProvider provider, string secret, Attempt attempt, string code, CancellationToken ct)
    {
        try
        {
            return provider.Kind == IdentityProvider.OAuth2
                ? await AskAsync(provider, secret, attempt, code, ct).ConfigureAwait(false)
                : await ValidateAsync(provider, secret, attempt, code, ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or HttpRequestException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw Silent(provider);
        }
    }

    public void Dispose() => _http.Dispose();

    internal static ServiceException Silent(IdentityProvider provider) => new(StatusCodes.Status503ServiceUnavailable, "provider", $"{provider.Name} does not answer as it should at the moment; try again shortly.");

    internal static ServiceException Unproven(IdentityProvider provider) => new(StatusCodes.Status401Unauthorized, "wrong", $"{provider.Name} has not proved who you are; start again.");

    private static string ScopesOf(IdentityProvider provider)
    {
        var scopes = string.Join(' ', provider.Scopes);
        return provider.Kind == IdentityProvider.OAuth2 ? scopes : scopes.Length == 0 ? "openid profile email" : provider.Scopes.Contains("openid") ? scopes : "openid " + scopes;
    }

    private async Task<OpenIdConnectConfiguration> DiscoverAsync(IdentityProvider provider, CancellationToken ct)
    {
        var issuer = provider.Issuer!;
        if (_issuers.Count >= MostIssuers)
        {
            _issuers.Clear();
        }

        var manager = _issuers.GetOrAdd(issuer, i => new ConfigurationManager<OpenIdConnectConfiguration>(
            i.TrimEnd('/') + "/.well-known/openid-configuration", new OpenIdConnectConfigurationRetriever(), new HttpDocumentRetriever(_http) { RequireHttps = new Uri(i).Scheme == Uri.UriSchemeHttps }));
        OpenIdConnectConfiguration found;
        try
        {
            found = await manager.GetConfigurationAsync(ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or HttpRequestException or ArgumentException)
        {
            throw Silent(provider);
        }

        // What it says of itself leads where the operator let it be asked: never from the net into the machine.
        var isLocal = new Uri(issuer).IsLoopback;
        var isGood = found.Issuer == issuer && new[] { found.AuthorizationEndpoint, found.TokenEndpoint, found.JwksUri }.All(e => IsNoWayIn(e, isLocal));
        return isGood ? found : throw Silent(provider);
    }

    private static bool IsNoWayIn(string? endpoint, bool isLocal) =>
        Uri.TryCreate(endpoint, UriKind.Absolute, out var url) && url.UserInfo.Length == 0 && url.Fragment.Length == 0 && (url.Scheme == Uri.UriSchemeHttps || (isLocal && url.Scheme == Uri.UriSchemeHttp)) && (isLocal || !url.IsLoopback);

    private async Task<OutsideIdentity> ValidateAsync(IdentityProvider provider, string secret, Attempt attempt, string code, CancellationToken ct)
    {
        var configuration = await DiscoverAsync(provider, ct).ConfigureAwait(false);
        var isBasic = configuration.TokenEndpointAuthMethodsSupported is not { Count: > 0 } methods || methods.Contains("client_secret_basic");
        using var answer = await BuyAsync(provider, configuration.TokenEndpoint, secret, attempt, code, isBasic, ct).ConfigureAwait(false);
        var token = answer.RootElement.TryGetProperty("id_token", out var value) ? value.GetString() : null;
        var checker = new IdTokenCheck(provider, time);
        var claims = await checker.ReadAsync(token, attempt.Nonce, configuration.SigningKeys).ConfigureAwait(false);
        if (claims is null && checker.LacksKey)
        {
            // The provider may have new keys; how often it is asked is bounded by the manager itself.
            _issuers[provider.Issuer!].RequestRefresh();
            claims = await checker.ReadAsync(token, attempt.Nonce, (await DiscoverAsync(provider, ct).ConfigureAwait(false)).SigningKeys).ConfigureAwait(false);
        }

        return claims ?? throw Unproven(provider);
    }

    private async Task<OutsideIdentity> AskAsync(IdentityProvider provider, string secret, Attempt attempt, string code, CancellationToken ct)
    {
        using var bought = await BuyAsync(provider, provider.TokenUrl!, secret, attempt, code, false, ct).ConfigureAwait(false);
        var token = bought.RootElement.TryGetProperty("access_token", out var value) ? value.GetString() : null;
        if (string.IsNullOrEmpty(token) || token.Any(c => c is <= ' ' or >= '\x7f'))
        {
            throw Unproven(provider);
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, provider.UserInfoUrl);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        using var answer = await _http.SendAsync(request, ct).ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode)
        {
            throw Unproven(provider);
        }

        using var who = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(ct).ConfigureAwait(false));
        return Text(who.RootElement, provider.IdField) is { Length: > 0 and <= LongestSubject } subject
            ? new OutsideIdentity(provider, subject, Text(who.RootElement, provider.NameField), Text(who.RootElement, provider.EmailField))
            : throw Unproven(provider);
    }

    private async Task<JsonDocument> BuyAsync(IdentityProvider provider, string endpoint, string secret, Attempt attempt, string code, bool isBasic, CancellationToken ct)
    {
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = attempt.RedirectUri,
            ["code_verifier"] = attempt.Verifier,
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (isBasic)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(provider.ClientId)}:{Uri.EscapeDataString(secret)}")));
        }
        else
        {
            form["client_id"] = provider.ClientId;
            form["client_secret"] = secret;
        }

        request.Content = new FormUrlEncodedContent(form);
        using var answer = await _http.SendAsync(request, ct).ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode)
        {
            throw (int)answer.StatusCode >= 500 ? Silent(provider) : Unproven(provider);
        }

        return JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(ct).ConfigureAwait(false));
    }

    private static string? Text(JsonElement from, string field) => from.ValueKind == JsonValueKind.Object && from.TryGetProperty(field, out var value)
        ? value.ValueKind switch { JsonValueKind.String => value.GetString(), JsonValueKind.Number => value.GetRawText(), _ => null }
        : null;
}
