using System.Text;
using System.Text.Json.Nodes;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>What holds for the metadata of every kind.</summary>
internal static class MetadataRules
{
    private const int MaxAnnotationBytes = 256 * 1024;
    private static readonly string[] StandardFinalizers = ["kubernetes", "orphan", "foregroundDeletion", "background"];

    public static void Create(JsonObject obj, KindSchema kind, Func<string, IEnumerable<string>> nameRule, ErrorList errors, bool isCustom = false)
    {
        var meta = obj.Child("metadata");
        CheckName(meta, nameRule, errors);
        CheckNamespace(meta, kind, errors);
        Common(meta, "metadata", errors, isCustom);
    }

    public static void Update(JsonObject obj, JsonObject old, ErrorList errors, bool isCustom = false)
    {
        var (meta, before) = (obj.Child("metadata"), old.Child("metadata"));
        Common(meta, "metadata", errors, isCustom);
        foreach (var field in (ReadOnlySpan<string>)["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"])
        {
            errors.Immutable($"metadata.{field}", meta?[field], before?[field]);
        }

        if (meta.Number("generation") is { } generation && generation < (before.Number("generation") ?? 0))
        {
            errors.Invalid("metadata.generation", generation, "must not be decremented");
        }

        if (before?["deletionTimestamp"] is not null && meta.Texts("finalizers").Except(before.Texts("finalizers")).ToList() is { Count: > 0 } added)
        {
            errors.Forbidden("metadata.finalizers", $"no new finalizers can be added if the object is being deleted, found new finalizers {GoText.Strings(added)}");
        }
    }

    /// <summary>The metadata of an object that stands inside another; it may have no name.</summary>
    public static void Embedded(JsonObject meta, string path, ErrorList errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["generateName", "name"])
        {
            if (meta.Text(field) is { Length: > 0 } name)
            {
                errors.Check($"{path}.{field}", name, NameRules.PathSegment(name));
            }
        }

        if (meta.Text("namespace") is { Length: > 0 } ns)
        {
            errors.Check($"{path}.namespace", ns, NameRules.DnsLabel(ns));
        }

        Common(meta, path, errors, isCustom: true);
    }

    /// <summary>What clients are warned of: finalizers that custom kinds may have, though they are not qualified.</summary>
    public static IEnumerable<string> FinalizerWarnings(JsonObject? meta, JsonObject? old)
    {
        foreach (var name in meta.Texts("finalizers").Except(old.Texts("finalizers")).Order(StringComparer.Ordinal))
        {
            if (!name.Contains('/', StringComparison.Ordinal) && name is not ("kubernetes" or "orphan" or "foregroundDeletion"))
            {
                var path = name.Contains('.', StringComparison.Ordinal) ? " including a path (/)" : "";
                yield return $"metadata.finalizers: {GoText.Quote(name)}: prefer a domain-qualified finalizer name{path} to avoid accidental conflicts with other finalizer writers";
            }
        }
    }

    /// <summary>Labels and annotations of a template.</summary>
    public static void Template(JsonObject? meta, string path, ErrorList errors)
    {
        Labels(meta, $"{path}.labels", errors);
        Annotations(meta, $"{path}.annotations", errors);
    }

    public static void Labels(JsonObject? holder, string path, ErrorList errors)
    {
        foreach (var (key, value) in holder.Child("labels") ?? [])
        {
            errors.Check(path, key, NameRules.QualifiedName(key));
            errors.Check(path, value.AsText() ?? "", NameRules.LabelValue(value.AsText() ?? ""));
        }
    }

    private static void Common(JsonObject? meta, string path, ErrorList errors, bool isCustom)
    {
        errors.NonNegative($"{path}.generation", meta.Number("generation"));
        Labels(meta, $"{path}.labels", errors);
        Annotations(meta, $"{path}.annotations", errors);
        OwnerReferences(meta, $"{path}.ownerReferences", errors);
        Finalizers(meta, $"{path}.finalizers", errors, isCustom);
    }

    private static void CheckName(JsonObject? meta, Func<string, IEnumerable<string>> nameRule, ErrorList errors)
    {
        if (meta.Text("generateName") is { Length: > 0 } prefix)
        {
            // A prefix may end in a dash, since letters follow it.
            errors.Check("metadata.generateName", prefix, nameRule(prefix.Length > 1 && prefix[^1] == '-' ? prefix[..^1] + "a" : prefix));
        }

        if (meta.Text("name") is { Length: > 0 } name)
        {
            errors.Check("metadata.name", name, nameRule(name));
        }
        else
        {
            errors.Required("metadata.name", "name or generateName is required");
        }
    }

    private static void CheckNamespace(JsonObject? meta, KindSchema kind, ErrorList errors)
    {
        var ns = meta.Text("namespace") ?? "";
        if (!kind.IsNamespaced)
        {
            if (ns.Length > 0)
            {
                errors.Forbidden("metadata.namespace", "not allowed on this type");
            }
        }
        else
        {
            errors.CheckRequired("metadata.namespace", ns, NameRules.DnsLabel);
        }
    }

    private static void Annotations(JsonObject? meta, string path, ErrorList errors)
    {
        var bytes = 0L;
        foreach (var (key, value) in meta.Child("annotations") ?? [])
        {
            errors.Check(path, key, NameRules.QualifiedName(key.ToLowerInvariant()));
            bytes += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value.AsText() ?? "");
        }

        if (bytes > MaxAnnotationBytes)
        {
            errors.TooLong(path, MaxAnnotationBytes);
        }
    }

    private static void OwnerReferences(JsonObject? meta, string path, ErrorList errors)
    {
        var controllers = new List<string>();
        var i = 0;
        foreach (var owner in meta.Objects("ownerReferences"))
        {
            var at = $"{path}[{i++}]";
            var apiVersion = owner.Text("apiVersion") ?? "";
            if (apiVersion.Split('/')[^1].Length == 0)
            {
                errors.Invalid($"{at}.apiVersion", apiVersion, "version must not be empty");
            }

            foreach (var field in (ReadOnlySpan<string>)["kind", "name", "uid"])
            {
                if (string.IsNullOrEmpty(owner.Text(field)))
                {
                    errors.Invalid($"{at}.{field}", "", "must not be empty");
                }
            }

            if (owner.Text("kind") == "Event" && apiVersion is "v1" or "events.k8s.io/v1")
            {
                errors.Invalid(at, apiVersion, "is disallowed from being an owner");
            }

            if (owner.Flag("controller") == true)
            {
                controllers.Add($"{owner.Text("kind")}/{owner.Text("name")}");
            }
        }

        if (controllers.Count > 1)
        {
            errors.Invalid(path, meta!["ownerReferences"], $"Only one reference can have Controller set to true. Found \"true\" in references for {controllers[0]} and {controllers[1]}");
        }
    }

    private static void Finalizers(JsonObject? meta, string path, ErrorList errors, bool isCustom)
    {
        var all = meta.Texts("finalizers").ToList();
        for (var i = 0; i < all.Count; i++)
        {
            errors.Check(path, all[i], NameRules.QualifiedName(all[i]));
            if (!isCustom && !all[i].Contains('/', StringComparison.Ordinal) && !StandardFinalizers.Contains(all[i]))
            {
                errors.Invalid($"{path}[{i}]", all[i], "name is neither a standard finalizer name nor is it fully qualified");
            }
        }

        if (all.Contains("orphan") && all.Contains("foregroundDeletion"))
        {
            errors.InvalidRaw(path, GoText.Strings(all), "finalizer set: foregroundDeletion and orphan cannot be both set");
        }
    }
}
