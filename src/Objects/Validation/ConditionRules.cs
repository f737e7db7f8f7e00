using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>Conditions of the form that all newer kinds share.</summary>
internal static partial class ConditionRules
{
    private const int MaxReason = 1024;
    private const int MaxMessage = 32 * 1024;
    private const string ReasonFormat = "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?";
    private static readonly string[] Statuses = ["False", "True", "Unknown"];

    public static void Check(JsonObject? status, ErrorList errors)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        var i = 0;
        foreach (var condition in status.Objects("conditions"))
        {
            var path = $"status.conditions[{i++}]";
            var type = condition.Text("type") ?? "";
            if (!known.Add(type))
            {
                errors.Duplicate($"{path}.type", type);
            }

            errors.Check($"{path}.type", type, NameRules.QualifiedName(type));
            CheckOne(condition, path, errors);
        }
    }

    private static void CheckOne(JsonObject condition, string path, ErrorList errors)
    {
        if (condition.Text("status") is not { } status || !Statuses.Contains(status))
        {
            errors.NotSupported($"{path}.status", condition.Text("status") ?? "", Statuses);
        }

        if (condition.Number("observedGeneration") is < 0 and var generation)
        {
            errors.Invalid($"{path}.observedGeneration", generation, "must be greater than or equal to zero");
        }

        if (condition.Text("lastTransitionTime") is not { Length: > 0 })
        {
            errors.Required($"{path}.lastTransitionTime", "must be set");
        }

        if (condition.Text("reason") is not { Length: > 0 } reason)
        {
            errors.Required($"{path}.reason", "must be set");
        }
        else
        {
            Reason(reason, $"{path}.reason", errors);
        }

        if ((condition.Text("message")?.Length ?? 0) > MaxMessage)
        {
            errors.TooLong($"{path}.message", MaxMessage);
        }
    }

    private static void Reason(string reason, string path, ErrorList errors)
    {
        if (!ReasonRegex().IsMatch(reason))
        {
            errors.Invalid(path, reason, NameRules.Explain("a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'", ReasonFormat, "my_name", "MY_NAME", "MyName", "ReasonA,ReasonB", "ReasonA:ReasonB"));
        }

        if (reason.Length > MaxReason)
        {
            errors.TooLong(path, MaxReason);
        }
    }

    [GeneratedRegex("^" + ReasonFormat + @"\z")]
    private static partial Regex ReasonRegex();
}
