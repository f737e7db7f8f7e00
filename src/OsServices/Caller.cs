using System.Reflection;
using Microsoft.AspNetCore.Http;

namespace Sealos.OsServices;

/// <summary>Who sent a request to the services' API, as their credential proves.</summary>
/// <param name="User">The user's name.</param>
/// <param name="IsOperator">Runs the cloud: may do everything.</param>
/// <param name="Token">Their own credential, to act with.</param>
internal sealed record Caller(string User, bool IsOperator, string Token) : IBindableFromHttpContext<Caller>
{
    /// <summary>The personal token that was used, by the name of its account; null for people themselves.</summary>
    public string? PersonalToken { get; init; }

    /// <summary>Whether an operator acts as the user.</summary>
    public bool IsImpersonated { get; init; }

    /// <summary>The service account that the credential is of, whose rights count.</summary>
    public string Account => PersonalToken ?? User;

    /// <summary>The caller of a request whose route wants one.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context, ParameterInfo parameter) => ValueTask.FromResult<Caller?>(context.Caller());

    // The credential must not come into a log by chance.
    public override string ToString() => User;
}
