using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.OsServices.Access;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.Workspaces;

/// <summary>Who the caller is, and their own kubeconfig, in the services' API.</summary>
internal sealed class IdentityEndpoints(WorkspaceParts parts, string? authorityFile)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/authority", AuthorityAsync).AllowEverybody().WithTags("Identity").WithSummary("The authority that the cloud's certificate is of");
        routes.MapGet("/api/v1/whoami", WhoAmIAsync).ForSignedIn().WithTags("Identity").WithSummary("Who you are");
        routes.MapGet("/api/v1/kubeconfig", KubeConfigAsync).ForFreshSession().WithTags("Identity").WithSummary("Your own kubeconfig, for Kubernetes clients");
        routes.MapPost("/api/v1/kubeconfig/rotate", RotateAsync).ForPeople().WithTags("Identity").WithSummary("Ends your kubeconfig and your personal tokens; a new kubeconfig is made in a moment");
    }

    private async Task<Ok<CloudAuthority>> AuthorityAsync(CancellationToken ct) => authorityFile is not null && File.Exists(authorityFile)
        ? TypedResults.Ok(new CloudAuthority(await File.ReadAllTextAsync(authorityFile, ct).ConfigureAwait(false)))
        : throw ServiceException.NotFound("The cloud's certificate is of a public authority.");

    private async Task<Ok<WhoAmI>> WhoAmIAsync(Caller caller, CancellationToken ct)
    {
        var user = await parts.Client.FindAsync<User>(null, caller.User, ct).ConfigureAwait(false);
        var (server, authority) = user?.Status?.KubeConfig is { } text && KubeConfig.Parse(text, "the kubeconfig") is { } api ? (api.Server.ToString(), api.CertificateAuthorityPem) : (null, null);
        return TypedResults.Ok(new WhoAmI(caller.User, WorkspaceReader.NameOf(user, caller.User), caller.IsOperator, UserDirectory.WorkspaceOf(caller.User), caller.PersonalToken, server, authority));
    }

    private async Task<NoContent> RotateAsync(Caller caller, CancellationToken ct)
    {
        await UserCredentials.EndProgramsAsync(parts.Client, caller.User, ct).ConfigureAwait(false);
        return TypedResults.NoContent();
    }

    private async Task<ContentHttpResult> KubeConfigAsync(Caller caller, CancellationToken ct)
    {
        var secret = await parts.Client.FindAsync<Secret>(UserDirectory.AccountsNamespace, $"sealos-kubeconfig-{caller.User}", ct).ConfigureAwait(false);
        return secret?.Data?.GetValueOrDefault("kubeconfig") is { } text
            ? TypedResults.Text(Encoding.UTF8.GetString(text), "application/yaml")
            : throw ServiceException.NotFound("There is no kubeconfig of yours yet; it is made with your user, in a moment.");
    }
}
