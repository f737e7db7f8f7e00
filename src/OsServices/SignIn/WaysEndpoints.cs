using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Sealos.OsServices.SignIn;

/// <summary>A provider as strangers see it.</summary>
public sealed record ProviderWay(string Id, string Name, bool SignIn, bool SignUp);

/// <summary>By what ways people get in: who may sign up (<c>open</c>, <c>invitation</c>, <c>off</c>), and whose word counts.</summary>
public sealed record WaysIntoCloud(string SignUp, IReadOnlyList<ProviderWay> Providers);

/// <summary>What stands on the door.</summary>
internal sealed class WaysEndpoints(SignInSettingsSource settings)
{
    public const string Path = "/api/v1/sign-in/ways";

    public void Map(IEndpointRouteBuilder routes) => routes.MapGet(Path, ReadAsync).AllowEverybody();

    private async Task<Ok<WaysIntoCloud>> ReadAsync(CancellationToken ct)
    {
        var now = await settings.ReadAsync(ct).ConfigureAwait(false);
        return TypedResults.Ok(new WaysIntoCloud(
            SignInSettings.Write(now.SignUp),
            [.. now.Providers.Where(p => p.SignIn || p.SignUp).Select(p => new ProviderWay(p.Id, p.Name, p.SignIn, p.SignUp && now.SignUp != SignUpMode.Off))]));
    }
}
