using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Routing;
using Sealos.OsServices;
using Sealos.OsServices.Access;
using Xunit;

namespace Sealos.OsServices_Tests.Workspaces;

/// <summary>Every route of the services' API, called as everybody there can be, against a table of what each may do.</summary>
public sealed class RouteTableTests(Tenants tenants) : IClassFixture<Tenants>
{
    // What a request comes to: F is refused as forbidden, H hides the workspace, and P passes the check of who calls (and may
    // then find its body wrong). In the order: stranger to the workspace, Developer, Manager, Owner.
    private static readonly Dictionary<string, string> Table = new(StringComparer.Ordinal)
    {
        ["GET /api/v1/workspaces"] = "PPPP",
        ["POST /api/v1/workspaces"] = "PPPP",
        ["GET /api/v1/workspaces/{id}"] = "HPPP",
        ["PATCH /api/v1/workspaces/{id}"] = "HFFP",
        ["DELETE /api/v1/workspaces/{id}"] = "HFFP",
        ["GET /api/v1/workspaces/{id}/contents"] = "HPPP",
        ["GET /api/v1/workspaces/{id}/members"] = "HPPP",
        ["PUT /api/v1/workspaces/{id}/members/{user}"] = "HFFP",
        ["DELETE /api/v1/workspaces/{id}/members/{user}"] = "HFPP",
        ["POST /api/v1/workspaces/{id}/transfer"] = "HFFP",
        ["GET /api/v1/workspaces/{id}/invitations"] = "HFPP",
        ["POST /api/v1/workspaces/{id}/invitations"] = "HFPP",
        ["DELETE /api/v1/workspaces/{id}/invitations/{invitation}"] = "HFHH",
        ["GET /api/v1/invitations"] = "PPPP",
        ["POST /api/v1/invitations/accept"] = "HHHH",
        ["POST /api/v1/invitations/{invitation}/accept"] = "HHHH",
        ["POST /api/v1/invitations/{invitation}/decline"] = "HHHH",
        ["GET /api/v1/whoami"] = "PPPP",
        ["GET /api/v1/kubeconfig"] = "PPPP",
        ["POST /api/v1/kubeconfig/rotate"] = "PPPP",
        ["GET /api/v1/tokens"] = "PPPP",
        ["POST /api/v1/tokens"] = "HPPP",
        ["DELETE /api/v1/tokens/{token}"] = "HHHH",
        ["GET /api/v1/account/holdings"] = "PPPP",
        ["POST /api/v1/account/delete"] = "PPPP",
        ["POST /api/v1/account/merge"] = "PPPP",
        ["GET /api/v1/notifications"] = "PPPP",
        ["POST /api/v1/notifications/{notification}/read"] = "HHHH",
        ["POST /api/v1/operator/announcements"] = "FFFF",
        ["DELETE /api/v1/operator/announcements/{notification}"] = "FFFF",
        ["GET /api/v1/operator/users"] = "FFFF",
        ["POST /api/v1/operator/users/{name}/lock"] = "FFFF",
        ["POST /api/v1/operator/users/{name}/unlock"] = "FFFF",
        ["POST /api/v1/operator/users/{name}/impersonate"] = "FFFF",
        ["GET /api/v1/operator/workspaces"] = "FFFF",
        ["GET /api/v1/operator/workspaces/{workspace}/quota"] = "FFFF",
        ["PUT /api/v1/operator/workspaces/{workspace}/quota"] = "FFFF",
        ["POST /api/v1/operator/workspaces/{workspace}/suspend"] = "FFFF",
        ["POST /api/v1/operator/workspaces/{workspace}/resume"] = "FFFF",
        ["GET /api/v1/operator/audit"] = "FFFF",
        ["GET /api/v1/operator/settings/workspaces"] = "FFFF",
        ["PATCH /api/v1/operator/settings/workspaces"] = "FFFF",
    };

    private readonly Dictionary<string, string> _teams = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private IEnumerable<(string Method, RouteEndpoint Route)> Routes => tenants.Api.Services.Routes.OfType<RouteEndpoint>()
        .SelectMany(r => r.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Select(m => (m, r)));

    [Fact]
    public async Task EveryRoute_ThatIsNotForEverybody_RefusesNobody()
    {
        using var nobody = tenants.Api.Open(null);
        using var forged = tenants.Api.Open("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.");
        foreach (var (method, route) in Routes.Where(r => ServicesAccess.Of(r.Route) != RouteAccess.Everybody))
        {
            foreach (var http in new[] { nobody, forged })
            {
                using var request = new HttpRequestMessage(HttpMethod.Parse(method), Fill(OpenApiDocument.PathOf(route), "any", "any"));
                using var answer = await http.SendAsync(request, Ct);
                Assert.True(answer.StatusCode == HttpStatusCode.Unauthorized, $"{method} {route.RoutePattern.RawText}: {answer.StatusCode}");
            }
        }
    }

    [Fact]
    public void EveryRouteOfWorkspaces_IsInTheTable()
    {
        var own = Routes.Where(r => r.Route.Metadata.GetMetadata<Microsoft.AspNetCore.Http.Metadata.ITagsMetadata>()?.Tags is { Count: > 0 } && ServicesAccess.Of(r.Route) != RouteAccess.Everybody)
            .Select(r => $"{r.Method} {OpenApiDocument.PathOf(r.Route)}");

        Assert.Equal(Table.Keys.Order(StringComparer.Ordinal), own.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task EveryRoute_DoesForEachRole_WhatTheTableSays()
    {
        await tenants.MakeAsync("table-stranger");
        var wrong = new List<string>();
        foreach (var (key, expected) in Table)
        {
            // What a call changed must not help the next one.
            var changes = key[0] != 'G' && key.Contains("{id}", StringComparison.Ordinal);
            var prefix = $"t{Array.IndexOf([.. Table.Keys], key)}";
            var team = changes || !_teams.TryGetValue("shared", out var shared) ? await NewTeamAsync(changes ? prefix : "shared") : shared;
            var names = changes ? prefix : "shared";
            string[] people = ["table-stranger", $"{names}-developer", $"{names}-manager", $"{names}-owner"];
            for (var i = 0; i < people.Length; i++)
            {
                var seen = await CallAsync(key, people[i], team, names);
                if (seen != expected[i])
                {
                    wrong.Add($"{key} as {people[i]}: {seen} instead of {expected[i]}");
                }
            }
        }

        Assert.Empty(wrong);
    }

    private static string Fill(string path, string team, string user) => path
        .Replace("{id}", team, StringComparison.Ordinal).Replace("{user}", user, StringComparison.Ordinal)
        .Replace("{invitation}", "invite-none", StringComparison.Ordinal).Replace("{token}", "token-none", StringComparison.Ordinal);

    private async Task<string> NewTeamAsync(string prefix) => _teams[prefix] = await tenants.MakeTeamAsync(prefix);

    private async Task<char> CallAsync(string key, string person, string team, string prefix)
    {
        var method = key[..key.IndexOf(' ', StringComparison.Ordinal)];

        // Another member each time, so that nobody's right over themselves is what passes.
        var target = person.EndsWith("-manager", StringComparison.Ordinal) ? $"{prefix}-developer" : $"{prefix}-manager";
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), Fill(key[(method.Length + 1)..], team, target));
        if (method is "POST" or "PUT" or "PATCH")
        {
            request.Content = JsonContent.Create(new { name = "x", role = "Developer", user = key.EndsWith("/transfer", StringComparison.Ordinal) ? target : null, code = "none", workspaces = new[] { team } });
        }

        using var answer = await tenants.As(person).SendAsync(request, Ct);
        return answer.StatusCode switch
        {
            HttpStatusCode.Forbidden => 'F',
            HttpStatusCode.NotFound => 'H',
            HttpStatusCode.Unauthorized => 'U',
            >= HttpStatusCode.InternalServerError => 'E',
            _ => 'P',
        };
    }
}
