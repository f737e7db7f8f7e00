using System.Text.Json.Nodes;
using Sealos.Objects.Selectors;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>Label selectors inside objects.</summary>
internal static class SelectorRules
{
    public static void Labels(JsonObject? labels, string path, ErrorList errors)
    {
        foreach (var (key, value) in labels ?? [])
        {
            errors.Check(path, key, NameRules.QualifiedName(key));
            errors.Check(path, value.AsText() ?? "", NameRules.LabelValue(value.AsText() ?? ""));
        }
    }

    public static void Selector(JsonObject? selector, string path, ErrorList errors)
    {
        if (selector is null)
        {
            return;
        }

        Labels(selector.Child("matchLabels"), $"{path}.matchLabels", errors);
        var i = 0;
        foreach (var requirement in selector.Objects("matchExpressions"))
        {
            Expression(requirement, $"{path}.matchExpressions[{i++}]", errors);
        }
    }

    /// <summary>The selector of a workload and the labels of its template, which it must match.</summary>
    public static void MatchTemplate(JsonObject? selector, JsonObject? labels, string templatePath, ErrorList errors)
    {
        try
        {
            if (!LabelSelector.FromObject(selector).Matches(labels))
            {
                errors.InvalidRaw($"{templatePath}.metadata.labels", GoText.Map(labels), "`selector` does not match template `labels`");
            }
        }
        catch (SelectorException)
        {
            // The malformed requirement is reported where it stands.
        }
    }

    private static void Expression(JsonObject requirement, string path, ErrorList errors)
    {
        var values = requirement.Texts("values").ToList();
        switch (requirement.Text("operator"))
        {
            case "In" or "NotIn":
                if (values.Count == 0)
                {
                    errors.Required($"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'");
                }

                break;
            case "Exists" or "DoesNotExist":
                if (values.Count > 0)
                {
                    errors.Forbidden($"{path}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                }

                break;
            case var unknown:
                errors.Invalid($"{path}.operator", unknown ?? "", "not a valid selector operator");
                break;
        }

        errors.Check($"{path}.key", requirement.Text("key") ?? "", NameRules.QualifiedName(requirement.Text("key") ?? ""));
        for (var i = 0; i < values.Count; i++)
        {
            errors.Check($"{path}.values[{i}]", values[i], NameRules.LabelValue(values[i]));
        }
    }
}
