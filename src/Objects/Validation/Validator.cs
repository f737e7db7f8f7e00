using System.Text.Json.Nodes;
using Sealos.Objects.Schema;

namespace Sealos.Objects.Validation;

/// <summary>
/// Judges whole objects that were pruned and defaulted. All errors are reported, metadata first. Kinds that are never stored
/// (reviews, bindings) have no metadata to judge.
/// </summary>
public static class Validator
{
    /// <summary>What is wrong with an object that is to be created.</summary>
    public static IReadOnlyList<FieldError> ValidateCreate(JsonObject obj, KindSchema kind)
    {
        var errors = new ErrorList();
        var rules = KindRules.For(kind.Group, kind.Kind);
        if (kind.Verbs.Contains("get"))
        {
            MetadataRules.Create(obj, kind, rules.Name, errors);
        }

        new SchemaRules(KubeSchema.Default, errors).Check(obj, KubeSchema.Default.GetType(kind));
        rules.Check?.Invoke(obj, errors);
        rules.CheckNew?.Invoke(obj, errors);
        return errors.Errors;
    }

    /// <summary>What is wrong with an object that is to replace <paramref name="old"/>.</summary>
    public static IReadOnlyList<FieldError> ValidateUpdate(JsonObject obj, JsonObject old, KindSchema kind) => ValidateUpdate(obj, old, kind, null);

    /// <summary>What is wrong with an object that is to replace <paramref name="old"/> by way of a subresource, which changes only its own part.</summary>
    public static IReadOnlyList<FieldError> ValidateUpdate(JsonObject obj, JsonObject old, KindSchema kind, string? subresource)
    {
        var errors = new ErrorList();
        var rules = KindRules.For(kind.Group, kind.Kind);
        MetadataRules.Update(obj, old, errors);
        if (subresource is not null && rules.Part is { } part)
        {
            part(obj, old, subresource, errors);
            return errors.Errors;
        }

        switch (subresource)
        {
            case "status":
                // What stands in spec was accepted before and is not judged again.
                return errors.Errors;
            case "ephemeralcontainers":
                rules.Check?.Invoke(obj, errors);
                PodUpdateRules.EphemeralContainers(obj, old, errors);
                return errors.Errors;
            case "resize":
                new SchemaRules(KubeSchema.Default, errors).Check(obj, KubeSchema.Default.GetType(kind));
                rules.Check?.Invoke(obj, errors);
                PodResizeRules.Resize(obj, old, errors);
                return errors.Errors;
        }

        new SchemaRules(KubeSchema.Default, errors).Check(obj, KubeSchema.Default.GetType(kind));
        rules.Check?.Invoke(obj, errors);
        rules.Change?.Invoke(obj, old, errors);
        return errors.Errors;
    }
}
