namespace Sealos.Objects.Validation;

/// <summary>Why a field was refused.</summary>
public enum FieldErrorType
{
    /// <summary>What the value names does not exist.</summary>
    NotFound,

    /// <summary>A value is missing.</summary>
    Required,

    /// <summary>A value that must be unique is given twice.</summary>
    Duplicate,

    /// <summary>The value is malformed or does not fit.</summary>
    Invalid,

    /// <summary>The value is none of those that are known.</summary>
    NotSupported,

    /// <summary>The value is well-formed but may not be given here.</summary>
    Forbidden,

    /// <summary>The value is too long.</summary>
    TooLong,

    /// <summary>The list has too many items.</summary>
    TooMany,

    /// <summary>The value could not be judged.</summary>
    Internal,

    /// <summary>The value is of the wrong type.</summary>
    TypeInvalid,
}

/// <summary>One refused field, with the message Kubernetes gives for it.</summary>
/// <param name="Type">Why.</param>
/// <param name="Field">The path, such as <c>spec.containers[0].name</c>.</param>
/// <param name="BadValueJson">The value as the message shows it (strings quoted), or null to show none.</param>
/// <param name="Detail">What would be right; may be empty.</param>
public sealed record FieldError(FieldErrorType Type, string Field, string? BadValueJson, string Detail)
{
    /// <summary>The message without the path: a cause's text.</summary>
    public string Message
    {
        get
        {
            var head = Type is FieldErrorType.Required or FieldErrorType.Forbidden or FieldErrorType.TooLong or FieldErrorType.Internal || BadValueJson is null
                ? Title
                : $"{Title}: {BadValueJson}";
            return Detail.Length == 0 ? head : $"{head}: {Detail}";
        }
    }

    /// <summary>The machine-readable reason of a cause.</summary>
    public string Reason => Type switch
    {
        FieldErrorType.Internal => "InternalError",
        _ => $"FieldValue{Type}",
    };

    private string Title => Type switch
    {
        FieldErrorType.NotFound => "Not found",
        FieldErrorType.Required => "Required value",
        FieldErrorType.Duplicate => "Duplicate value",
        FieldErrorType.NotSupported => "Unsupported value",
        FieldErrorType.Forbidden => "Forbidden",
        FieldErrorType.TooLong => "Too long",
        FieldErrorType.TooMany => "Too many",
        FieldErrorType.Internal => "Internal error",
        _ => "Invalid value",
    };

    /// <summary>Path and message: a line of a Status.</summary>
    public override string ToString() => $"{Field}: {Message}";
}
