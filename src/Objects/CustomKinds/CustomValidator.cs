using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.Objects.CustomKinds;

/// <summary>
/// Judges values by a schema, in the words and order of Kubernetes' own validator. The work is bounded: a schema whose
/// alternatives multiply cannot hold the server.
/// </summary>
internal sealed class CustomValidator(string prefix)
{
    private const int MaxSteps = 1_000_000;

    private int _steps;

    /// <summary>What is wrong with a value; paths in messages begin at it, and fields below <paramref name="prefix"/>.</summary>
    public static IReadOnlyList<FieldError> Validate(JsonNode? value, SchemaNode schema, string prefix = "")
    {
        var validator = new CustomValidator(prefix);
        return validator.Run(() => validator.Judge(value, schema, "")).Errors;
    }

    /// <summary>The same, forgiving what was wrong before and was not changed.</summary>
    public static IReadOnlyList<FieldError> ValidateChange(JsonNode? value, JsonNode? old, SchemaNode schema, string prefix = "")
    {
        var errors = Validate(value, schema, prefix);
        if (errors.Count == 0)
        {
            return errors;
        }

        var validator = new CustomValidator(prefix) { _correlation = new Correlation() };
        validator._correlation.Enter(value, old, schema);
        return validator.Run(() => validator.Judge(value, schema, "")).Errors;
    }

    private Correlation? _correlation;

    private Outcome Run(Func<Outcome> judge)
    {
        var outcome = judge();
        return _steps <= MaxSteps ? outcome : new Outcome(prefix).Add(new FieldError(FieldErrorType.Forbidden, Field(""), null, "the value takes too long to validate by its schema"));
    }

    private Outcome Judge(JsonNode? value, SchemaNode schema, string path)
    {
        var outcome = new Outcome(prefix);
        if (++_steps > MaxSteps || _correlation?.IsUnchanged(value) == true)
        {
            return outcome;
        }

        CheckType(value, schema, path, outcome);
        if (schema.Rules is { } alternatives && value is not null)
        {
            CheckAlternatives(value, alternatives, path, outcome);
        }

        switch (value)
        {
            case JsonObject obj:
                CheckEnum(value, schema.Rules, path, outcome);
                CheckObject(obj, schema, path, outcome);
                break;
            case JsonArray array:
                CheckArray(array, schema, path, outcome);
                CheckEnum(value, schema.Rules, path, outcome);
                break;
            default:
                if (value.AsText() is { } text)
                {
                    CheckText(text, schema, path, outcome);
                }
                else if (schema.Rules is { } rules && value is JsonValue number && number.GetValueKind() == JsonValueKind.Number)
                {
                    NumberRules.Check(number, rules, path, outcome);
                }

                CheckEnum(value, schema.Rules, path, outcome);
                break;
        }

        outcome.Matches++;
        return outcome;
    }

    private static void CheckType(JsonNode? value, SchemaNode schema, string path, Outcome outcome)
    {
        var expected = schema.IsIntOrString ? "integer,string" : schema.Type;
        if (value is null)
        {
            if (expected.Length > 0 && !schema.IsNullable)
            {
                outcome.WrongType(path, expected, "null");
            }

            return;
        }

        if (expected.Length == 0 && schema.Format.Length == 0)
        {
            return;
        }

        var (actual, format) = TypeOf(value);
        var isWholeNumber = actual == "number" && expected.Contains("integer", StringComparison.Ordinal) && value.AsNumber() is not null;
        var fits = expected.Split(',').Contains(actual) || isWholeNumber || (actual == "integer" && expected.Contains("number", StringComparison.Ordinal));
        if (fits)
        {
            outcome.Matches++;
        }
        else if (schema.Format.Length > 0 && actual is not ("string" or "array"))
        {
            outcome.WrongType(path, schema.Format, format);
        }
        else if (expected.Length > 0 && !(schema.Format.Length > 0 && expected is not ("integer" or "number") && actual is "string" or "array"))
        {
            outcome.WrongType(path, expected, actual);
        }
    }

    private static (string Type, string Format) TypeOf(JsonNode value) => value switch
    {
        JsonObject => ("object", ""),
        JsonArray => ("array", ""),
        _ => value.GetValueKind() switch
        {
            JsonValueKind.String => ("string", ""),
            JsonValueKind.Number => value.AsValue().TryGetValue<double>(out _) && !value.AsValue().TryGetValue<long>(out _) ? ("number", "double") : ("integer", "int64"),
            _ => ("boolean", ""),
        },
    };

    private void CheckAlternatives(JsonNode value, ValueRules rules, string path, Outcome outcome)
    {
        if (rules.AnyOf.Count > 0)
        {
            CheckAny(value, rules.AnyOf, path, outcome);
        }

        if (rules.OneOf.Count > 0)
        {
            CheckOne(value, rules.OneOf, path, outcome);
        }

        if (rules.AllOf.Count > 0)
        {
            CheckAll(value, rules.AllOf, path, outcome);
        }

        if (rules.Not is { } not && Judge(value, not, path).IsValid)
        {
            outcome.Composite($"{GoText.Quote(path)} must not validate the schema (not)");
        }
    }

    private void CheckAny(JsonNode value, IReadOnlyList<SchemaNode> schemas, string path, Outcome outcome)
    {
        Outcome? best = null;
        foreach (var schema in schemas)
        {
            var result = Judge(value, schema, path);
            if (result.IsValid)
            {
                outcome.Merge(result);
                return;
            }

            best = best is null || result.Matches > best.Matches ? result : best;
        }

        outcome.Composite($"{GoText.Quote(path)} must validate at least one schema (anyOf)");
        outcome.Merge(best!);
    }

    private void CheckOne(JsonNode value, IReadOnlyList<SchemaNode> schemas, string path, Outcome outcome)
    {
        Outcome? best = null, first = null;
        var valid = 0;
        foreach (var schema in schemas)
        {
            var result = Judge(value, schema, path);
            if (result.IsValid)
            {
                valid++;
                first ??= result;
            }
            else
            {
                best = best is null || result.Matches > best.Matches ? result : best;
            }
        }

        if (valid == 1)
        {
            outcome.Merge(first!);
            return;
        }

        var found = valid == 0 ? "Found none valid" : string.Create(CultureInfo.InvariantCulture, $"Found {valid} valid alternatives");
        outcome.Composite($"{GoText.Quote(path)} must validate one and only one schema (oneOf). {found}");
        if (valid == 0)
        {
            outcome.Merge(best!);
        }
    }

    private void CheckAll(JsonNode value, IReadOnlyList<SchemaNode> schemas, string path, Outcome outcome)
    {
        var valid = 0;
        foreach (var schema in schemas)
        {
            var result = Judge(value, schema, path);
            valid += result.IsValid ? 1 : 0;
            outcome.Merge(result);
        }

        if (valid != schemas.Count)
        {
            outcome.Composite($"{GoText.Quote(path)} must validate all the schemas (allOf){(valid == 0 ? ". None validated" : "")}");
        }
    }

    private static void CheckText(string text, SchemaNode schema, string path, Outcome outcome)
    {
        if (schema.Rules is { } rules)
        {
            var length = rules.MaxLength is null && rules.MinLength is null ? 0 : text.EnumerateRunes().Count();
            if (length > rules.MaxLength)
            {
                outcome.Add(FieldErrorType.TooLong, path, null, string.Create(CultureInfo.InvariantCulture, $"may not be more than {rules.MaxLength} bytes"));
            }
            else if (length < rules.MinLength)
            {
                outcome.Invalid(path, GoText.Quote(text), string.Create(CultureInfo.InvariantCulture, $"should be at least {rules.MinLength} chars long"));
            }
            else if (rules.Pattern is { } pattern && !pattern.IsMatch(text))
            {
                outcome.Invalid(path, GoText.Quote(text), $"should match '{pattern.Pattern}'");
            }
        }

        if (schema.Format.Length > 0 && schema.Type is "" or "string" && !SchemaFormats.Matches(schema.Format, text))
        {
            outcome.WrongType(path, schema.Format, text);
        }
    }

    private static void CheckEnum(JsonNode? value, ValueRules? rules, string path, Outcome outcome)
    {
        if (rules?.Enum is { } allowed && !allowed.Any(a => JsonNode.DeepEquals(a, value)))
        {
            var shown = string.Join(", ", allowed.Select(a => GoText.Quote(a.AsText() ?? a?.ToJsonString() ?? "null")));
            outcome.Add(FieldErrorType.NotSupported, path, GoText.Value(value), $"supported values: {shown}");
        }
    }

    private void CheckArray(JsonArray array, SchemaNode schema, string path, Outcome outcome)
    {
        if (schema.Items is { } items)
        {
            for (var i = 0; i < array.Count; i++)
            {
                using var _ = _correlation?.Step(array[i], schema);
                outcome.Merge(Judge(array[i], items, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]")));
            }
        }

        if (schema.Rules is not { } rules)
        {
            return;
        }

        if (array.Count < rules.MinItems)
        {
            outcome.Invalid(path, Text(array.Count), string.Create(CultureInfo.InvariantCulture, $"should have at least {rules.MinItems} items"));
        }

        if (array.Count > rules.MaxItems)
        {
            outcome.Add(FieldErrorType.TooMany, path, Text(array.Count), string.Create(CultureInfo.InvariantCulture, $"must have at most {rules.MaxItems} items"));
        }
    }

    private void CheckObject(JsonObject obj, SchemaNode schema, string path, Outcome outcome)
    {
        if (obj.Count < schema.Rules?.MinProperties)
        {
            outcome.Invalid(path, Text(obj.Count), string.Create(CultureInfo.InvariantCulture, $"should have at least {schema.Rules.MinProperties} properties"));
        }

        if (obj.Count > schema.Rules?.MaxProperties)
        {
            outcome.Add(FieldErrorType.TooMany, path, Text(obj.Count), string.Create(CultureInfo.InvariantCulture, $"must have at most {schema.Rules.MaxProperties} items"));
        }

        foreach (var (name, value) in obj)
        {
            if (schema.Field(name) is { } below)
            {
                using var _ = _correlation?.Step(value, name, schema);
                outcome.Merge(Judge(value, below, path.Length == 0 ? name : $"{path}.{name}"));
            }
        }

        foreach (var name in schema.Rules?.Required ?? [])
        {
            if (!obj.ContainsKey(name))
            {
                outcome.Add(FieldErrorType.Required, $"{path}.{name}", null, "");
            }
        }
    }

    private string Field(string path) => new Outcome(prefix).FieldOf(path);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
