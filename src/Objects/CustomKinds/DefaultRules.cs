using System.Text.Json.Nodes;
using Sealos.Objects.Validation;

namespace Sealos.Objects.CustomKinds;

/// <summary>Defaults must themselves be what the schema asks for.</summary>
internal static class DefaultRules
{
    public static void Check(SchemaNode node, SchemaPath path, ErrorList errors) => Check(node, path, isMeta: false, isRoot: true, errors);

    // Below additionalProperties nothing is checked, as in Kubernetes.
    private static void Check(SchemaNode node, SchemaPath path, bool isMeta, bool isRoot, ErrorList errors)
    {
        if (!node.HasDefaults)
        {
            return;
        }

        if (node.Default is { } value && !isMeta)
        {
            CheckValue(node, value, path.Child("default"), errors);
        }

        if (node.Items is { } items)
        {
            Check(items, path.Child("items"), isMeta, isRoot: false, errors);
        }

        foreach (var (name, property) in node.Properties)
        {
            var inner = isMeta || ((isRoot || node.IsEmbedded) && name is "metadata" or "kind" or "apiVersion");
            Check(property, path.Child("properties").Key(name), inner && !property.IsEmbedded, isRoot: false, errors);
        }
    }

    private static void CheckValue(SchemaNode node, JsonNode value, SchemaPath path, ErrorList errors)
    {
        var at = path.ToString();
        if (CustomPruner.PruneDefault(value.DeepClone(), node))
        {
            errors.InvalidRaw(at, GoValue.Of(value), "must not have unknown fields");
        }

        var embedded = new ErrorList();
        EmbeddedRules.Check(value, node, embedded);
        foreach (var error in embedded.Errors)
        {
            errors.Add(error with { Field = $"{at}.{error.Field}" });
        }

        if (embedded.Count == 0)
        {
            foreach (var error in CustomValidator.Validate(value, node, at))
            {
                errors.Add(error);
            }
        }
    }
}
