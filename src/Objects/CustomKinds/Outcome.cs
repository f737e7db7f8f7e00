using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.Objects.CustomKinds;

/// <summary>What a schema says of a value: errors, and how much did fit, by which the nearest of several alternatives is told.</summary>
internal sealed class Outcome(string prefix)
{
    private List<FieldError>? _errors;

    public IReadOnlyList<FieldError> Errors => _errors ?? [];

    public bool IsValid => _errors is null;

    public int Matches { get; set; }

    /// <summary>A field as errors name it.</summary>
    public string FieldOf(string path)
    {
        var name = path.StartsWith('.') ? path[1..] : path;
        return prefix.Length == 0 ? (name.Length == 0 ? "<nil>" : name) : name.Length == 0 ? prefix : $"{prefix}.{name}";
    }

    public Outcome Add(FieldError error)
    {
        (_errors ??= []).Add(error);
        return this;
    }

    public void Add(FieldErrorType type, string path, string? value, string detail) => Add(new FieldError(type, FieldOf(path), value, detail));

    /// <summary>A value that breaks a rule, which the message names again.</summary>
    public void Invalid(string path, string value, string rule) => Add(FieldErrorType.Invalid, path, value, $"{Named(path)} {rule}");

    public void WrongType(string path, string expected, string actual) =>
        Add(FieldErrorType.TypeInvalid, path, GoText.Quote(actual), $"{Named(path)} must be of type {expected}: {GoText.Quote(actual)}");

    /// <summary>An error about the whole, which names no field.</summary>
    public void Composite(string message) => Add(new FieldError(FieldErrorType.Invalid, prefix.Length == 0 ? "<nil>" : prefix, "\"\"", message));

    public void Merge(Outcome other)
    {
        Matches += other.Matches;
        if (other._errors is { } errors)
        {
            (_errors ??= []).AddRange(errors);
        }
    }

    private static string Named(string path) => $"{path} in body";
}

/// <summary>Bounds of numbers.</summary>
internal static class NumberRules
{
    public static void Check(JsonValue value, ValueRules rules, string path, Outcome outcome)
    {
        if (rules.MultipleOf is null && rules.Maximum is null && rules.Minimum is null)
        {
            return;
        }

        var text = value.ToJsonString();
        var number = double.Parse(text, CultureInfo.InvariantCulture);
        if (rules.MultipleOf is { } factor && !IsMultiple(value, number, factor))
        {
            outcome.Invalid(path, text, $"should be a multiple of {Text(factor)}");
        }

        if (rules.Maximum is { } maximum && (number > maximum || (rules.IsMaximumExclusive && number >= maximum)))
        {
            outcome.Invalid(path, text, $"should be less than {(rules.IsMaximumExclusive ? "" : "or equal to ")}{Text(maximum)}");
        }

        if (rules.Minimum is { } minimum && (number < minimum || (rules.IsMinimumExclusive && number <= minimum)))
        {
            outcome.Invalid(path, text, $"should be greater than {(rules.IsMinimumExclusive ? "" : "or equal to ")}{Text(minimum)}");
        }
    }

    private static bool IsMultiple(JsonNode value, double number, double factor)
    {
        if (factor <= 0)
        {
            return false;
        }

        if (value.AsNumber() is { } whole && double.IsInteger(factor) && Math.Abs(factor) < long.MaxValue)
        {
            return whole % (long)factor == 0;
        }

        var ratio = factor < 1 ? 1 / factor * number : number / factor;
        return double.IsInteger(ratio);
    }

    private static string Text(double number) => double.IsInteger(number) && Math.Abs(number) < 1e21
        ? number.ToString("F0", CultureInfo.InvariantCulture)
        : number.ToString("R", CultureInfo.InvariantCulture);
}

/// <summary>Which value of the old object each value of a new one replaces: an unchanged value is not judged again.</summary>
internal sealed class Correlation
{
    private readonly Stack<(JsonNode? New, JsonNode? Old, bool HasOld)> _steps = new();
    private readonly Dictionary<JsonArray, Dictionary<string, JsonObject>> _indexes = [];

    public void Enter(JsonNode? value, JsonNode? old, SchemaNode schema) => _steps.Push((value, old, old is not null));

    public bool IsUnchanged(JsonNode? value) =>
        _steps.TryPeek(out var top) && top.HasOld && ReferenceEquals(top.New, value) && JsonNode.DeepEquals(value, top.Old);

    public IDisposable Step(JsonNode? value, string name, SchemaNode schema)
    {
        JsonNode? old = null;
        var has = schema.MapType != "atomic" && _steps.Peek() is { HasOld: true, Old: JsonObject before } && before.TryGetPropertyValue(name, out old);
        return Push(value, old, has);
    }

    public IDisposable Step(JsonNode? value, SchemaNode schema)
    {
        JsonNode? old = null;
        if (_steps.Peek() is { HasOld: true, Old: JsonArray before } && schema.ListType == "map" && value is JsonObject item)
        {
            if (!_indexes.TryGetValue(before, out var index))
            {
                _indexes[before] = index = new(StringComparer.Ordinal);
                foreach (var there in before.OfType<JsonObject>())
                {
                    index.TryAdd(KeyOf(there, schema), there);
                }
            }

            old = index.GetValueOrDefault(KeyOf(item, schema));
        }

        return Push(value, old, old is not null);
    }

    private static string KeyOf(JsonObject item, SchemaNode schema) => string.Join('\n', schema.ListKeys.Select(k => item[k]?.ToJsonString()));

    private Leaving Push(JsonNode? value, JsonNode? old, bool has)
    {
        _steps.Push((value, old, has));
        return new Leaving(this);
    }

    private sealed class Leaving(Correlation correlation) : IDisposable
    {
        public void Dispose() => correlation._steps.Pop();
    }
}
