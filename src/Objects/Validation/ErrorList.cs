using System.Globalization;
using System.Text.Json.Nodes;

namespace Sealos.Objects.Validation;

/// <summary>Gathers the errors of one object; every rule writes here.</summary>
internal sealed class ErrorList
{
    private const string ImmutableDetail = "field is immutable";

    private readonly List<FieldError> _errors = [];

    public IReadOnlyList<FieldError> Errors => _errors;

    public int Count => _errors.Count;

    public void Add(FieldError error) => _errors.Add(error);

    public void AddRange(IEnumerable<FieldError> errors) => _errors.AddRange(errors);

    public void Required(string field, string detail = "") => _errors.Add(new(FieldErrorType.Required, field, null, detail));

    public void Forbidden(string field, string detail) => _errors.Add(new(FieldErrorType.Forbidden, field, null, detail));

    public void Invalid(string field, JsonNode? value, string detail) => InvalidRaw(field, GoText.Value(value), detail);

    public void Invalid(string field, string value, string detail) => InvalidRaw(field, GoText.Quote(value), detail);

    public void Invalid(string field, long value, string detail) => InvalidRaw(field, value.ToString(CultureInfo.InvariantCulture), detail);

    /// <summary>An invalid value that is printed as given.</summary>
    public void InvalidRaw(string field, string printed, string detail) => _errors.Add(new(FieldErrorType.Invalid, field, printed, detail));

    public void Duplicate(string field, string value) => DuplicateRaw(field, GoText.Quote(value));

    public void DuplicateRaw(string field, string printed) => _errors.Add(new(FieldErrorType.Duplicate, field, printed, ""));

    public void NotFound(string field, string value) => _errors.Add(new(FieldErrorType.NotFound, field, GoText.Quote(value), ""));

    public void NotSupported(string field, string value, IEnumerable<string> supported) =>
        _errors.Add(new(FieldErrorType.NotSupported, field, GoText.Quote(value), $"supported values: {string.Join(", ", supported.Order(StringComparer.Ordinal).Select(GoText.Quote))}"));

    public void TooLong(string field, int max) =>
        _errors.Add(new(FieldErrorType.TooLong, field, null, string.Create(CultureInfo.InvariantCulture, $"may not be more than {max} bytes")));

    public void TooMany(string field, int actual, int max) =>
        _errors.Add(new(FieldErrorType.TooMany, field, actual.ToString(CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"must have at most {max} items")));

    /// <summary>One invalid error for each detail a name rule gives.</summary>
    public void Check(string field, string value, IEnumerable<string> details)
    {
        foreach (var detail in details)
        {
            Invalid(field, value, detail);
        }
    }

    /// <summary>A required name: missing, or refused by its rule.</summary>
    public void CheckRequired(string field, string? value, Func<string, IEnumerable<string>>? rule = null)
    {
        if (string.IsNullOrEmpty(value))
        {
            Required(field);
        }
        else if (rule is not null)
        {
            Check(field, value, rule(value));
        }
    }

    public void NonNegative(string field, long? value)
    {
        if (value < 0)
        {
            Invalid(field, value.Value, "must be greater than or equal to 0");
        }
    }

    public void Immutable(string field, JsonNode? value, JsonNode? old)
    {
        if (!JsonNode.DeepEquals(value, old))
        {
            Invalid(field, value, ImmutableDetail);
        }
    }

    public void ImmutableSelector(string field, JsonObject? selector, JsonObject? old)
    {
        if (!JsonNode.DeepEquals(selector, old))
        {
            InvalidRaw(field, selector is null ? GoText.Value(null) : GoText.Selector(selector), ImmutableDetail);
        }
    }

    /// <summary>A list of words of the named type, none of which may change.</summary>
    public void ImmutableWords(string field, JsonNode? words, JsonNode? old, string type)
    {
        if (!JsonNode.DeepEquals(words, old))
        {
            InvalidRaw(field, words is JsonArray list ? $"[]{type}{{{string.Join(", ", list.Select(w => GoText.Value(w)))}}}" : $"[]{type}(nil)", ImmutableDetail);
        }
    }

    public void Port(string field, long value)
    {
        if (value is < 1 or > 65535)
        {
            Invalid(field, value, "must be between 1 and 65535, inclusive");
        }
    }
}
