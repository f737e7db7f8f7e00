using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.OsServices;
using Sealos.OsServices.Access;
using Sealos.OsServices.Users;
using Sealos.OsServices_Tests.Support;
using Sealos.OsServices_Tests.Workspaces;
using Xunit;

namespace Sealos.OsServices_Tests.Access;

public sealed class ServicesAccessTests(Tenants tenants) : IClassFixture<Tenants>
{
    private readonly TestApi _api = tenants.Api;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("eyJh.eyJz.c2ln", true)]
    [InlineData("eyJh.eyJz.", false)]
    [InlineData("eyJh.eyJz", false)]
    [InlineData("eyJh.eyJz.c2ln.x", false)]
    [InlineData("made-up", false)]
    [InlineData("eyJh.ey z.c2ln", false)]
    [InlineData("", false)]
    public void Credential_WithoutTheFormOfAToken_IsNotAskedFor(string token, bool isAsked) => Assert.Equal(isAsked, CallerSource.MayBeToken(token));

    [Fact]
    public void Limit_OfAddressesOfOneNetwork_IsOneLimit()
    {
        using var limits = new CallerLimits();
        var admitted = Enumerable.Range(1, 2000).Count(i => limits.Admits(new Sealos.OsServices.SignIn.ClientInfo($"2001:db8:1:2::{i:x}", "").Network));

        Assert.InRange(admitted, 300, 1000);
        Assert.True(limits.Admits(new Sealos.OsServices.SignIn.ClientInfo("2001:db8:1:3::1", "").Network));
    }

    [Fact]
    public void Route_WithoutAccess_StopsTheStart()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore();
        var routes = builder.Build();
        routes.MapGet("/said", () => "x").ForSignedIn();
        ServicesAccess.Check(routes);
        routes.MapGet("/unsaid", () => "x");

        var refusal = Assert.Throws<InvalidOperationException>(() => ServicesAccess.Check(routes));
        Assert.Contains("/unsaid", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryRoute_SaysWhoMayUseIt_AndLiesUnderTheApi()
    {
        var routes = _api.Services.Routes.OfType<Microsoft.AspNetCore.Routing.RouteEndpoint>().ToList();

        Assert.NotEmpty(routes);
        Assert.All(routes, r => Assert.NotNull(ServicesAccess.Of(r)));
        Assert.All(routes, r => Assert.StartsWith("/api/v1/", r.RoutePattern.RawText, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Document_HasEveryRoute_AndWhatItTakes()
    {
        using var http = _api.Open(null);
        var document = (await http.GetFromJsonAsync<System.Text.Json.Nodes.JsonObject>("openapi.json", Ct))!;

        Assert.All(_api.Services.Routes.OfType<Microsoft.AspNetCore.Routing.RouteEndpoint>(), r => Assert.All(
            r.Metadata.GetMetadata<Microsoft.AspNetCore.Routing.IHttpMethodMetadata>()!.HttpMethods,
            m => Assert.NotNull(document["paths"]![OpenApiDocument.PathOf(r)]![m.ToLowerInvariant()]!["responses"])));
        var creation = document["paths"]!["/api/v1/workspaces"]!["post"]!;
        Assert.Equal("#/components/schemas/WorkspaceRequest", (string?)creation["requestBody"]!["content"]!["application/json"]!["schema"]!["$ref"]);
        Assert.Equal("#/components/schemas/WorkspaceView", (string?)creation["responses"]!["201"]!["content"]!["application/json"]!["schema"]!["$ref"]);
        Assert.NotNull(document["components"]!["schemas"]!["WorkspaceRequest"]!["properties"]!["name"]);
        Assert.Contains("WorkspaceViewItemList", document["components"]!["schemas"]!.AsObject().Select(s => s.Key));
    }

    [Fact]
    public async Task Credential_IsTold_PersonFromTokenFromStranger()
    {
        await _api.Client.CreateAsync(new ServiceAccount { Metadata = new ObjectMeta { Name = "anna", Namespace = "user-system", Labels = new() { [UserKeys.Owner] = "anna" } } }, Ct);
        await _api.Client.CreateAsync(new ServiceAccount { Metadata = new ObjectMeta { Name = "token-x", Namespace = "user-system", Labels = new() { [UserKeys.Owner] = "anna" } } }, Ct);
        await _api.Client.CreateAsync(new ServiceAccount { Metadata = new ObjectMeta { Name = "app", Namespace = "ns-admin" } }, Ct);
        var callers = new CallerSource(_api.Client, TimeProvider.System);

        var anna = await callers.IdentifyAsync(await _api.IssueAsync("user-system", "anna", Ct), Ct);
        Assert.Equal(("anna", false, null), (anna!.User, anna.IsOperator, anna.PersonalToken));
        var token = await callers.IdentifyAsync(await _api.IssueAsync("user-system", "token-x", Ct), Ct);
        Assert.Equal(("anna", "token-x"), (token!.User, token.PersonalToken));
        Assert.True((await callers.IdentifyAsync(await _api.IssueAsync("user-system", "admin", Ct), Ct))!.IsOperator);
        Assert.Null(await callers.IdentifyAsync(await _api.IssueAsync("ns-admin", "app", Ct), Ct));
        Assert.Null(await callers.IdentifyAsync("nonsense", Ct));
        Assert.Null(await callers.IdentifyAsync(new string('x', 100_000), Ct));
    }

    [Fact]
    public async Task Refusals_HaveOneForm()
    {
        using var http = _api.Open(null);

        using var unknown = await http.GetAsync("no-such-thing", Ct);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Equal("not-found", (await unknown.Content.ReadFromJsonAsync<ServiceError>(Ct))!.Code);
        Assert.Equal("nosniff", Assert.Single(unknown.Headers.GetValues("X-Content-Type-Options")));

        using var wrong = await http.PostAsync("sign-in", new StringContent("{", Encoding.UTF8, "application/json"), Ct);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid"), (wrong.StatusCode, (await wrong.Content.ReadFromJsonAsync<ServiceError>(Ct))!.Code));
        using var plain = await http.PostAsync("sign-in", new StringContent("a=b", Encoding.UTF8, "text/plain"), Ct);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, plain.StatusCode);
        using var large = await http.PostAsync("sign-in", new StringContent($"{{\"user\":\"{new string('x', 17_000)}\"}}", Encoding.UTF8, "application/json"), Ct);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
    }

    [Fact]
    public async Task OtherSites_MaySignNobodyIn()
    {
        using var http = _api.Open(null);
        using var request = new HttpRequestMessage(HttpMethod.Post, "sign-in") { Content = JsonContent.Create(new { user = "admin", password = "x" }), Headers = { { "Origin", "https://evil.test" } } };

        using var answer = await http.SendAsync(request, Ct);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public void Limits_StopOneAddressAndOneCaller_NotTheNext()
    {
        using var limits = new CallerLimits();

        Assert.Contains(false, Enumerable.Range(0, 1000).Select(_ => limits.Admits("192.0.2.1")));
        Assert.True(limits.Admits("192.0.2.2"));
        Assert.Contains(false, Enumerable.Range(0, 1000).Select(_ => limits.Admits(new Caller("anna", false, "t"))));
        Assert.True(limits.Admits(new Caller("ben", false, "t")));
    }
}
