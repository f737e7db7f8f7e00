namespace Sealos.Objects.Validation;

/// <summary>Several field errors as one text.</summary>
public static class FieldErrors
{
    /// <summary>The lines of all errors without repeats: bare when there is one, in brackets when there are more.</summary>
    public static string Describe(IReadOnlyList<FieldError> errors)
    {
        var lines = errors.Select(e => e.ToString()).Distinct(StringComparer.Ordinal).ToList();
        return lines.Count == 1 ? lines[0] : $"[{string.Join(", ", lines)}]";
    }
}
