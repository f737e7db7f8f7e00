using Sealos.ApiServer.Authorization;
using Sealos.Objects.Validation;

namespace Sealos.ApiServer;

/// <summary>A refusal as the client gets it: the one exception of this room that becomes a Status answer.</summary>
internal sealed class ApiException(int code, string? reason, string message) : Exception(message)
{
    /// <summary>The HTTP status.</summary>
    public int Code { get; } = code;

    /// <summary>The machine-readable reason; null is left out, as Kubernetes does for some of its own.</summary>
    public string? Reason { get; } = reason;

    public StatusDetails? Details { get; init; }

    /// <summary>A token to continue an expired list with.</summary>
    public string? Continue { get; init; }

    public static ApiException BadRequest(string message) => new(400, "BadRequest", message);

    public static ApiException Unauthorized() => new(401, "Unauthorized", "Unauthorized");

    public static ApiException PathNotFound() => new(404, "NotFound", "the server could not find the requested resource") { Details = new StatusDetails() };

    public static ApiException NotFound(string group, string plural, string name) =>
        new(404, "NotFound", $"{Qualified(group, plural)} \"{name}\" not found") { Details = new StatusDetails { Name = name, Group = group, Kind = plural } };

    public static ApiException AlreadyExists(string group, string plural, string name) =>
        new(409, "AlreadyExists", $"{Qualified(group, plural)} \"{name}\" already exists") { Details = new StatusDetails { Name = name, Group = group, Kind = plural } };

    public static ApiException Conflict(string group, string plural, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {Qualified(group, plural)} \"{name}\": {why}") { Details = new StatusDetails { Name = name, Group = group, Kind = plural } };

    public static ApiException Modified(string group, string plural, string name) =>
        Conflict(group, plural, name, "the object has been modified; please apply your changes to the latest version and try again");

    public static ApiException Forbidden(string group, string plural, string name, string why) =>
        new(403, "Forbidden", $"{Qualified(group, plural)} \"{name}\" is forbidden: {why}") { Details = new StatusDetails { Name = name, Group = group, Kind = plural } };

    public static ApiException MethodNotAllowed() =>
        new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource") { Details = new StatusDetails() };

    public static ApiException NotAcceptable(string offered) =>
        new(406, "NotAcceptable", $"only the following media types are accepted: {offered}");

    public static ApiException UnsupportedMediaType(string accepted) =>
        new(415, "UnsupportedMediaType", $"the body of the request was in an unknown format - accepted media types include: {accepted}");

    public static ApiException TooLarge(long limit) =>
        new(413, "RequestEntityTooLarge", $"Request entity too large: limit is {limit}");

    public static ApiException Internal(string message) =>
        new(500, "InternalError", $"Internal error occurred: {message}") { Details = new StatusDetails { Causes = [new StatusCause(null, message, null)] } };

    public static ApiException Unavailable(string message) => new(503, "ServiceUnavailable", message);

    public static ApiException DiskFull(string message) => new(507, "InsufficientStorage", message);

    public static ApiException Expired(string message) => new(410, "Expired", message);

    /// <summary>What is not built: refused by name.</summary>
    public static ApiException NotBuilt(string what) => new(501, "NotImplemented", $"{what} is not built yet");

    public static ApiException From(Refusal refusal) =>
        new(refusal.Code, refusal.Reason, refusal.Message) { Details = new StatusDetails { Name = refusal.Name, Group = refusal.Group, Kind = refusal.Kind } };

    /// <summary>422 for fields of an object.</summary>
    public static ApiException Invalid(string group, string kind, string name, params IReadOnlyList<FieldError> errors)
    {
        var text = errors.Count == 1 ? errors[0].ToString() : $"[{string.Join(", ", errors.Distinct())}]";
        return new(422, "Invalid", $"{Qualified(group, kind)} \"{name}\" is invalid: {text}")
        {
            Details = new StatusDetails
            {
                Name = name,
                Group = group,
                Kind = kind,
                Causes = [.. errors.Select(e => new StatusCause(e.Reason, e.Message, e.Field))],
            },
        };
    }

    /// <summary>422 for an option in the query, which Kubernetes words as a field of an options object.</summary>
    public static ApiException InvalidOption(string kind, FieldErrorType type, string field, string detail, string? badValue = null) =>
        Invalid("meta.k8s.io", kind, "", new FieldError(type, field, badValue, detail));

    private static string Qualified(string group, string name) => group.Length == 0 ? name : $"{name}.{group}";
}

/// <summary>Details of a Status; empty parts are left out.</summary>
internal sealed record StatusDetails
{
    public string? Name { get; init; }

    public string? Group { get; init; }

    /// <summary>The plural for most refusals, the kind for invalid objects.</summary>
    public string? Kind { get; init; }

    public string? Uid { get; init; }

    public IReadOnlyList<StatusCause> Causes { get; init; } = [];

    public int RetryAfterSeconds { get; init; }
}

/// <summary>One cause of a refusal.</summary>
internal sealed record StatusCause(string? Reason, string Message, string? Field);
