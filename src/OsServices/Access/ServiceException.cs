using Microsoft.AspNetCore.Http;

namespace Sealos.OsServices.Access;

/// <summary>A refusal of the services' API, as its caller is told.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="code">The reason in one short word, for programs.</param>
/// <param name="message">The reason in one clear sentence.</param>
/// <param name="wrongField">The field of the request that is wrong.</param>
public sealed class ServiceException(int status, string code, string message, string? wrongField = null) : Exception(message)
{
    /// <summary>The HTTP status.</summary>
    public int Status => status;

    /// <summary>The reason in one short word.</summary>
    public string Code => code;

    /// <summary>The field of the request that is wrong.</summary>
    public string? Field => wrongField;

    internal static ServiceException Invalid(string field, string message) => new(StatusCodes.Status400BadRequest, "invalid", message, field);

    internal static ServiceException NotSignedIn() => new(StatusCodes.Status401Unauthorized, "not-signed-in", "Sign in first: this session does not exist, or has ended.");

    internal static ServiceException Forbidden(string message) => new(StatusCodes.Status403Forbidden, "forbidden", message);

    internal static ServiceException NotFound(string message) => new(StatusCodes.Status404NotFound, "not-found", message);

    internal static ServiceException Conflict(string message) => new(StatusCodes.Status409Conflict, "conflict", message);

    internal static ServiceException Limit(string message) => new(StatusCodes.Status409Conflict, "limit", message);

    internal static ServiceException TooMany() => new(StatusCodes.Status429TooManyRequests, "too-many", "That was too much at once; try again in a minute.");

    internal static ServiceException TooLate(string message) => new(StatusCodes.Status504GatewayTimeout, "timeout", message);
}

/// <summary>What a refusal looks like on the wire.</summary>
/// <param name="Error">The reason in one clear sentence.</param>
/// <param name="Code">The reason in one short word.</param>
/// <param name="Field">The field of the request that is wrong, or nothing.</param>
public sealed record ServiceError(string Error, string Code, string? Field = null);
