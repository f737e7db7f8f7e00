using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sealos.ControllerKit.Client;
using Sealos.OsServices.Access;
using Sealos.OsServices.SignIn.Identities;

namespace Sealos.OsServices.SignIn;

/// <summary>A change of how people get in; what is absent stays as it is.</summary>
public sealed record SignInChange(string? SignUp, string? SecondFactor);

/// <summary>How people get in, and what of it cannot be read.</summary>
public sealed record SignInView(string SignUp, string SecondFactor, IReadOnlyList<IdentityProvider> Providers, IReadOnlyList<string> Problems)
{
    /// <summary>What it means that strangers may come in, and how to decide otherwise.</summary>
    public const string StrangersNotice = "Strangers may come in: pods of workspaces run in gVisor and pull their images with their own credential. "
        + "gVisor costs some 32 MiB of memory for each instance and makes system calls slower; without it on the cloud ('sealos component add gvisor') new pods of workspaces are refused. "
        + "Who trusts whoever signs up decides otherwise: 'sealos workspace settings set runtimeClass=runc imagePullPolicy=any'.";

    /// <summary>What the operator should know, or null.</summary>
    public string? Notice { get; init; }

    /// <summary>Settings for their operator.</summary>
    public static SignInView Of(SignInSettings settings) => new(SignInSettings.Write(settings.SignUp), SignInSettings.Write(settings.SecondFactor), settings.Providers, settings.Problems) { Notice = settings.AdmitsStrangers ? StrangersNotice : null };
}

/// <summary>A provider to be kept, and the secret of the cloud's client there; without it the one there is stays.</summary>
public sealed record ProviderChange(IdentityProvider Provider, string? ClientSecret);

/// <summary>How people get in, for those who run the cloud; read and written with their own credential.</summary>
internal sealed class SettingsEndpoints(KubeClientSource callers)
{
    private const string Path = "/api/v1/operator/sign-in";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, ReadAsync).ForOperators();
        routes.MapPatch(Path, ChangeAsync).ForOperators();
        routes.MapPut(Path + "/providers/{id}", SaveProviderAsync).ForOperators();
        routes.MapDelete(Path + "/providers/{id}", RemoveProviderAsync).ForOperators();
    }

    private async Task<Ok<SignInView>> ReadAsync(Caller caller, CancellationToken ct)
    {
        using var client = callers.For(caller.Token);
        return TypedResults.Ok(SignInView.Of(await new SignInConfiguration(client).ReadAsync(ct).ConfigureAwait(false)));
    }

    private async Task<Ok<SignInView>> ChangeAsync(SignInChange change, Caller caller, CancellationToken ct)
    {
        var signUp = Parse<SignUpMode>(change.SignUp, "signUp");
        var demand = Parse<SecondFactorRule>(change.SecondFactor, "secondFactor");
        using var client = callers.For(caller.Token);
        return TypedResults.Ok(SignInView.Of(await new SignInConfiguration(client).SetAsync(signUp, demand, ct).ConfigureAwait(false)));
    }

    private async Task<Ok<SignInView>> SaveProviderAsync(string id, ProviderChange change, Caller caller, CancellationToken ct)
    {
        using var client = callers.For(caller.Token);
        try
        {
            return TypedResults.Ok(SignInView.Of(await new SignInConfiguration(client).SaveProviderAsync(change.Provider with { Id = id }, change.ClientSecret, ct).ConfigureAwait(false)));
        }
        catch (ArgumentException e)
        {
            throw ServiceException.Invalid("provider", $"The provider cannot be kept: {e.Message}.");
        }
    }

    private async Task<NoContent> RemoveProviderAsync(string id, Caller caller, CancellationToken ct)
    {
        using var client = callers.For(caller.Token);
        return await new SignInConfiguration(client).RemoveProviderAsync(id, ct).ConfigureAwait(false) ? TypedResults.NoContent() : throw ServiceException.NotFound("There is no such provider.");
    }

    private static T? Parse<T>(string? text, string field)
        where T : struct, Enum => text is null ? null
        : SignInSettings.Parse<T>(text) ?? throw ServiceException.Invalid(field, $"The value must be one of {SignInSettings.Choices<T>()}.");
}
