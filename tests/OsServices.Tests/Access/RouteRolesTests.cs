using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Sealos.OsServices;
using Sealos.OsServices.Access;
using Sealos.OsServices.Workspaces;
using Sealos.OsServices_Tests.Workspaces;
using Xunit;

namespace Sealos.OsServices_Tests.Access;

/// <summary>Every route of the services' API, of whatever folder, against who may use it and against paths that nobody means.</summary>
public sealed class RouteRolesTests(Tenants tenants) : IClassFixture<Tenants>
{
    /// <summary>The routes that strangers may use, each a decision; whoever adds one says here why it cannot ask who calls.</summary>
    private static readonly HashSet<string> OpenToStrangers = new(StringComparer.Ordinal)
    {
        "GET /api/v1/openapi.json", "GET /api/v1/authority", // What there is, and whom to trust.
        "POST /api/v1/sign-in", "POST /api/v1/sign-in/second-factor", "POST /api/v1/sign-in/passkey/start", "POST /api/v1/sign-in/passkey", // Before it, everybody is a stranger.
        "POST /api/v1/sign-in/set-up/totp/start", "POST /api/v1/sign-in/set-up/totp", "POST /api/v1/sign-in/set-up/passkey/start", "POST /api/v1/sign-in/set-up/passkey", // With a step of a sign-in.
        "GET /api/v1/sign-in/ways", "POST /api/v1/sign-up", // What there is to choose from, and who has no name yet; both only as the operator opened them.
        "POST /api/v1/sign-in/identities/{provider}/start", "POST /api/v1/sign-in/identities/finish", "POST /api/v1/sign-in/identities/sign-up", // The way by somebody else's word.
        "POST /api/v1/device/code", "POST /api/v1/device/token", // A program that waits for its person.
    };

    /// <summary>The routes that a personal token may use, which its holder may have lent to a program.</summary>
    private static readonly HashSet<string> OpenToPrograms = new(StringComparer.Ordinal)
    {
        "GET /api/v1/workspaces", "GET /api/v1/workspaces/{id}", "GET /api/v1/workspaces/{id}/contents", "GET /api/v1/workspaces/{id}/members", "GET /api/v1/whoami", "POST /api/v1/sign-out",
        "GET /api/v1/notifications", // To read; what its person has not seen yet it may not mark as read.
    };

    // What is no value of a field at all, or too long for every field, or holds what nobody can read.
    private static readonly Func<JsonNode?>[] Hopeless =
    [
        () => 7, () => true, () => new JsonArray(new JsonArray("x")), () => new JsonObject { ["a"] = "b" }, () => new string('x', 9000), () => "a\0b", () => "a\u202eb", () => "a\r\nSet-Cookie: b=c",
    ];

    // What a display name may be, and hardly another field.
    private static readonly Func<JsonNode?>[] Strange = [() => null, () => "", () => "\ud835\udc1a\u0430dmin", () => "../../etc", () => "$(id)"];

    private static readonly string[] NoBodies = ["", "[]", "null", "{", "\"x\"", new string('[', 8000)];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private IEnumerable<(string Key, string Method, RouteEndpoint Route)> Routes => tenants.Api.Services.Routes.OfType<RouteEndpoint>()
        .SelectMany(r => r.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Select(m => ($"{m} {OpenApiDocument.PathOf(r)}", m, r)));

    [Fact]
    public void Routes_ForStrangersAndPrograms_AreThoseThatWereDecided()
    {
        Assert.Equal([], Routes.Where(r => ServicesAccess.Of(r.Route) == RouteAccess.Everybody).Select(r => r.Key).Except(OpenToStrangers));
        Assert.Equal([], Routes.Where(r => ServicesAccess.Of(r.Route) == RouteAccess.SignedIn).Select(r => r.Key).Except(OpenToPrograms));
    }

    [Fact]
    public async Task EveryRoute_RefusesAPersonalToken_AndOnesThatAreTheOperators_EverybodyElse()
    {
        await tenants.MakeAsync("roles-plain");
        var made = await tenants.PostAsync<TokenView>("roles-plain", "tokens", new { name = "robot", role = "Owner", workspaces = new[] { "roles-plain" } });
        using var program = tenants.Api.Open(made.Token);
        var wrong = new List<string>();
        foreach (var (key, method, route) in Routes.Where(r => ServicesAccess.Of(r.Route) is not (RouteAccess.Everybody or RouteAccess.SignedIn)))
        {
            var isOperators = ServicesAccess.Of(route) == RouteAccess.Operators;
            foreach (var (who, http) in isOperators ? new[] { ("a program", program), ("a person", tenants.As("roles-plain")) } : [("a program", program)])
            {
                using var request = new HttpRequestMessage(HttpMethod.Parse(method), Fill(route, "roles-plain"));
                using var answer = await http.SendAsync(request, Ct);
                if (answer.StatusCode != HttpStatusCode.Forbidden)
                {
                    wrong.Add($"{key} as {who}: {answer.StatusCode}");
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task EveryPath_WithWhatNobodyMeans_IsRefusedInOneSentence()
    {
        string[] people = ["path-0", "path-1", "path-2", "path-3"];
        await tenants.MakeAsync(people);
        var (wrong, turn) = (new List<string>(), 0);
        foreach (var (key, method, route) in Routes.Where(r => r.Key.Contains('{', StringComparison.Ordinal)))
        {
            foreach (var value in (string[])["..%2f..", "%00", "a%0d%0ab", "%E2%80%AEx", "%F0%9D%90%9A", "UPPER", new string('x', 2000), "%FF%FE", "-", "kube-system", "user-system"])
            {
                wrong.AddRange(await TryAsync(key, method, Fill(route, value), method is "GET" or "DELETE" ? null : """{"name":"x","role":"Developer","user":"x"}""", people[turn++ % people.Length]));
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task EveryField_OfEveryBody_WithWhatNobodyMeans_IsRefusedInOneSentence()
    {
        string[] people = ["field-0", "field-1", "field-2", "field-3"];
        await tenants.MakeAsync(people);
        var document = OpenApiDocument.Create(tenants.Api.Services.Routes.OfType<RouteEndpoint>());
        var (tries, turn) = (new List<Task<IEnumerable<string>>>(), 0);
        foreach (var (key, method, route) in Routes.Where(r => r.Method is "POST" or "PUT" or "PATCH"))
        {
            var operation = document["paths"]![OpenApiDocument.PathOf(route)]![method.ToLowerInvariant()]!;
            if ((string?)operation["requestBody"]?["content"]?["application/json"]?["schema"]?["$ref"] is not { } reference)
            {
                continue;
            }

            // One after the other, so that over all fields each of them is tried many times.
            var properties = document["components"]!["schemas"]![reference[(reference.LastIndexOf('/') + 1)..]]!["properties"]?.AsObject();
            List<string> fields = properties is null ? ["any"] : [.. properties.Select(p => p.Key)];
            foreach (var field in fields)
            {
                Try(Body(fields, field, Hopeless[turn % Hopeless.Length]()).ToJsonString());
                Try(Body(fields, field, Strange[turn % Strange.Length]()).ToJsonString(), mayPass: true);
            }

            Try(NoBodies[turn % NoBodies.Length]);

            void Try(string body, bool mayPass = false) => tries.Add(TryAsync(key, method, Fill(route, people[turn % people.Length]), body, people[turn++ % people.Length], mayPass));
        }

        Assert.True(tries.Count > 150, $"only {tries.Count} bodies were tried");
        Assert.Empty((await Task.WhenAll(tries)).SelectMany(t => t));
    }

    private static JsonObject Body(List<string> fields, string field, JsonNode? value)
    {
        var body = new JsonObject();
        foreach (var f in fields)
        {
            body[f] = f == field ? value : f == "workspaces" ? new JsonArray("x") : "x";
        }

        return body;
    }

    private static string Fill(RouteEndpoint route, string value) =>
        string.Join('/', OpenApiDocument.PathOf(route).Split('/').Select(p => p.StartsWith('{') ? value : p));

    /// <summary>Sends what cannot be meant: it is not done, is no failure of the cloud's own, and what is said is one sentence.</summary>
    private async Task<IEnumerable<string>> TryAsync(string key, string method, string path, string? body, string person, bool mayPass = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        using var answer = await tenants.As(person).SendAsync(request, Ct);
        var text = await answer.Content.ReadAsStringAsync(Ct);
        return (mayPass && answer.IsSuccessStatusCode) || IsRefusal(answer.StatusCode, text) ? [] : [$"{key} {path[..Math.Min(path.Length, 80)]} {body?[..Math.Min(body.Length, 160)]}: {answer.StatusCode} {text}"];
    }

    // Kestrel itself refuses some paths, before anybody can say a word.
    private static bool IsRefusal(HttpStatusCode status, string text) => (int)status is >= 400 and < 500
        && (text.Length == 0 || ((string?)JsonNode.Parse(text)?["error"] is { Length: > 0 and < 500 } said && !said.Contains('\n', StringComparison.Ordinal) && !said.Contains("Exception", StringComparison.Ordinal)));
}
