using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Sealos.OsServices_Tests.SignIn.Identities;

/// <summary>An OpenID and OAuth 2 provider on loopback that keeps to the rules, or breaks the one it is told to.</summary>
public sealed class LocalProvider : IAsyncDisposable
{
    public const string ClientId = "cloud";
    public const string Secret = "marked-client-secret-42";

    private readonly RSA _key = RSA.Create(2048);
    private readonly ConcurrentDictionary<string, (string Subject, string Nonce, string Challenge, string Redirect)> _codes = new();
    private readonly ConcurrentDictionary<string, string> _tokens = new();
    private readonly WebApplication _app;

    private LocalProvider(WebApplication app) => _app = app;

    public string Issuer { get; private set; } = "";

    /// <summary>Changes the claims of the next ID tokens.</summary>
    public Action<Dictionary<string, object>> Bend { get; set; } = _ => { };

    /// <summary>Signs the next ID tokens otherwise.</summary>
    public Func<Dictionary<string, object>, string>? Sign { get; set; }

    public static async Task<LocalProvider> StartAsync(CancellationToken ct)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var provider = new LocalProvider(builder.Build());
        provider._app.Run(provider.AnswerAsync);
        await provider._app.StartAsync(ct);
        provider.Issuer = provider._app.Urls.First();
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.Dispose();
    }

    /// <summary>A person goes where the cloud sent them, signs in, and comes back with this.</summary>
    public Dictionary<string, string> Authorize(string url, string subject)
    {
        var query = QueryHelpers.ParseQuery(new Uri(url).Query);
        var code = RandomNumberGenerator.GetHexString(32);
        _codes[code] = (subject, query.GetValueOrDefault("nonce").ToString(), query["code_challenge"].ToString(), query["redirect_uri"].ToString());
        return new Dictionary<string, string> { ["state"] = query["state"].ToString(), ["code"] = code, ["redirect"] = query["redirect_uri"].ToString() };
    }

    public string SignWith(Dictionary<string, object> claims, SigningCredentials? key) => new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor { Claims = claims, SigningCredentials = key });

    private SigningCredentials Own => new(new RsaSecurityKey(_key) { KeyId = "one" }, SecurityAlgorithms.RsaSha256);

    private Task AnswerAsync(HttpContext context) => context.Request.Path.Value switch
    {
        "/.well-known/openid-configuration" => WriteAsync(context, new JsonObject
        {
            ["issuer"] = Issuer,
            ["authorization_endpoint"] = Issuer + "/auth",
            ["token_endpoint"] = Issuer + "/token",
            ["jwks_uri"] = Issuer + "/jwks",
        }),
        "/jwks" => WriteAsync(context, new JsonObject { ["keys"] = new JsonArray(Key()) }),
        "/token" => TokenAsync(context),
        "/me" => WriteAsync(context, new JsonObject { ["id"] = 4711, ["login"] = _tokens[context.Request.Headers.Authorization.ToString()["Bearer ".Length..]] }),
        _ => Task.CompletedTask,
    };

    private JsonObject Key()
    {
        var parameters = _key.ExportParameters(false);
        return new JsonObject { ["kty"] = "RSA", ["use"] = "sig", ["alg"] = "RS256", ["kid"] = "one", ["n"] = Base64UrlEncoder.Encode(parameters.Modulus), ["e"] = Base64UrlEncoder.Encode(parameters.Exponent) };
    }

    private async Task TokenAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var basic = context.Request.Headers.Authorization.ToString() == "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{ClientId}:{Secret}"));
        var isClient = basic || (form["client_id"] == ClientId && form["client_secret"] == Secret);
        var challenge = Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())));
        if (!isClient || !_codes.TryRemove(form["code"].ToString(), out var asked) || asked.Challenge != challenge || asked.Redirect != form["redirect_uri"])
        {
            context.Response.StatusCode = 400;
            await WriteAsync(context, new JsonObject { ["error"] = "invalid_grant" });
            return;
        }

        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var claims = new Dictionary<string, object>
        {
            ["iss"] = Issuer, ["aud"] = ClientId, ["sub"] = asked.Subject, ["nonce"] = asked.Nonce, ["iat"] = now, ["exp"] = now + 86_400, ["name"] = "Grace Hopper", ["email"] = "grace@example.com",
        };
        Bend(claims);
        var token = RandomNumberGenerator.GetHexString(32);
        _tokens[token] = asked.Subject;
        await WriteAsync(context, new JsonObject { ["access_token"] = token, ["token_type"] = "Bearer", ["id_token"] = Sign?.Invoke(claims) ?? SignWith(claims, Own) });
    }

    private static Task WriteAsync(HttpContext context, JsonObject body)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body.ToJsonString(), context.RequestAborted);
    }
}
