using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sealos.ControllerKit.Client;
using Sealos.OsServices.Access;

namespace Sealos.OsServices.Users.Walls;

/// <summary>The walls of all workspaces, for those who run the cloud; read and written with their own credential.</summary>
internal sealed class WallEndpoints(KubeClientSource callers)
{
    private const string Path = "/api/v1/operator/settings/workspaces";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, ReadAsync).ForOperators().WithTags("Operators").WithSummary("What holds for all workspaces");
        routes.MapPatch(Path, ChangeAsync).ForOperators().WithTags("Operators").WithSummary("Changes what holds for all workspaces; null takes a setting away");
    }

    private async Task<Ok<WallView>> ReadAsync(Caller caller, CancellationToken ct)
    {
        using var client = callers.For(caller.Token);
        return TypedResults.Ok(await new WallConfiguration(client).ReadAsync(ct).ConfigureAwait(false));
    }

    private async Task<Ok<WallView>> ChangeAsync(Dictionary<string, string?> change, Caller caller, CancellationToken ct)
    {
        using var client = callers.For(caller.Token);
        try
        {
            return TypedResults.Ok(await new WallConfiguration(client).SetAsync(change, ct).ConfigureAwait(false));
        }
        catch (SettingException e)
        {
            throw ServiceException.Invalid(e.Key, $"The setting cannot be so: {e.Message}.");
        }
    }
}
