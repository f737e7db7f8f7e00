using System.Text.Json.Nodes;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.Objects.CustomKinds;

/// <summary>What a CustomResourceDefinition must be.</summary>
internal static class DefinitionRules
{
    private const string ApprovalAnnotation = "api-approved.kubernetes.io";
    private const string Review = "see https://github.com/kubernetes/enhancements/pull/1111";

    public static void CheckNew(JsonObject obj, ErrorList errors)
    {
        var name = obj.Child("metadata").Text("name") ?? "";
        var spec = obj.Child("spec");
        if (name != $"{spec.Child("names").Text("plural")}.{spec.Text("group")}")
        {
            errors.Invalid("metadata.name", name, "must be spec.names.plural+\".\"+spec.group");
        }

        BuiltInPlural(spec, errors);
        BuiltInKind(spec, spec.Child("names"), "spec.names", errors);
        Approval(obj, null, errors);
    }

    public static void Check(JsonObject obj, ErrorList errors)
    {
        var spec = obj.Child("spec") ?? [];
        Group(spec.Text("group") ?? "", errors);
        if (string.IsNullOrEmpty(spec.Text("scope")))
        {
            errors.Required("spec.scope");
        }

        VersionRules.Check(spec, errors);
        Names(spec.Child("names"), errors);
        VersionRules.CheckShared(spec, errors);
        Conversion(spec.Child("conversion"), errors);
        AcceptedNames(obj.Child("status", "acceptedNames"), "status.acceptedNames", errors);
        StoredVersions(obj.Child("status"), spec, errors);
        if (spec.Flag("preserveUnknownFields") == true)
        {
            errors.InvalidRaw("spec.preserveUnknownFields", "true", "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead");
        }
    }

    public static void Change(JsonObject obj, JsonObject old, ErrorList errors)
    {
        var (spec, before) = (obj.Child("spec"), old.Child("spec"));
        var isEstablished = old.Child("status").Objects("conditions").Any(c => c.Text("type") == "Established" && c.Text("status") == "True");
        if (isEstablished)
        {
            errors.Immutable("spec.scope", spec?["scope"], before?["scope"]);
            errors.Immutable("spec.names.kind", spec.Child("names")?["kind"], before.Child("names")?["kind"]);
        }

        if (spec.Child("names").Text("kind") != before.Child("names").Text("kind"))
        {
            BuiltInKind(spec, spec.Child("names"), "spec.names", errors);
        }

        errors.Immutable("spec.group", spec?["group"], before?["group"]);
        errors.Immutable("spec.names.plural", spec.Child("names")?["plural"], before.Child("names")?["plural"]);
        Approval(obj, old, errors);
    }

    /// <summary>What must hold of a definition whose status is written: what is served is taken from there.</summary>
    public static void Part(JsonObject obj, JsonObject old, string subresource, ErrorList errors)
    {
        var (spec, status) = (obj.Child("spec")!, obj.Child("status"));
        var accepted = status.Child("acceptedNames");
        if (status.Objects("conditions").Any(c => c.Text("type") == "Established" && c.Text("status") == "True"))
        {
            NamesRequired(accepted, "status.acceptedNames", errors);
        }

        AcceptedNames(accepted, "status.acceptedNames", errors);
        BuiltInKind(spec, accepted, "status.acceptedNames", errors);
        StoredVersions(status, spec, errors);
    }

    /// <summary>Whether a kind of the system itself, served or not, has a group and plural.</summary>
    public static bool IsBuiltIn(string group, string plural) => KubeSchema.Default.Kinds.Any(k => k.Group == group && k.Plural == plural);

    /// <summary>Whether the community guards a group, and what a definition in it says about its approval.</summary>
    public static (bool IsProtected, string State, string Reason) ApprovalOf(JsonObject definition)
    {
        var group = definition.Child("spec").Text("group") ?? "";
        if (group is not ("k8s.io" or "kubernetes.io") && !group.EndsWith(".k8s.io", StringComparison.Ordinal) && !group.EndsWith(".kubernetes.io", StringComparison.Ordinal))
        {
            return (false, "", "");
        }

        var given = definition.Child("metadata", "annotations").Text(ApprovalAnnotation) ?? "";
        return given switch
        {
            "" => (true, "Missing", $"protected groups must have approval annotation \"{ApprovalAnnotation}\", {Review}"),
            _ when given.StartsWith("unapproved", StringComparison.Ordinal) => (true, "Unapproved", $"not approved: {GoText.Quote(given)}"),
            _ when Uri.TryCreate(given, UriKind.Absolute, out var uri) && uri.Host.Length > 0 => (true, "Approved", $"approved in {given}"),
            _ => (true, "Invalid", $"protected groups must have approval annotation \"{ApprovalAnnotation}\" with either a URL or a reason starting with \"unapproved\", {Review}"),
        };
    }

    private static void Group(string group, ErrorList errors)
    {
        if (group.Length == 0)
        {
            errors.Required("spec.group");
        }
        else if (string.Join(',', NameRules.DnsSubdomain(group)) is { Length: > 0 } wrong)
        {
            errors.Invalid("spec.group", group, wrong);
        }
        else if (!group.Contains('.', StringComparison.Ordinal))
        {
            errors.Invalid("spec.group", group, "should be a domain with at least one dot");
        }
    }

    private static void BuiltInPlural(JsonObject? spec, ErrorList errors)
    {
        var (group, plural) = (spec.Text("group") ?? "", spec.Child("names").Text("plural") ?? "");
        if (IsBuiltIn(group, plural))
        {
            errors.Forbidden("spec.names.plural", $"{plural}.{group} is a built-in resource");
        }
    }

    private static void BuiltInKind(JsonObject? spec, JsonObject? names, string path, ErrorList errors)
    {
        var group = spec.Text("group") ?? "";
        if (names.Text("kind") is { Length: > 0 } kind && KubeSchema.Default.Kinds.Any(k => k.Group == group && k.Kind == kind))
        {
            errors.Forbidden($"{path}.kind", $"{kind} is a built-in kind of group {group}");
        }
    }

    private static void Names(JsonObject? names, ErrorList errors)
    {
        NamesRequired(names, "spec.names", errors);
        AcceptedNames(names, "spec.names", errors);
    }

    private static void NamesRequired(JsonObject? names, string path, ErrorList errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["plural", "singular", "kind", "listKind"])
        {
            if (string.IsNullOrEmpty(names.Text(field)))
            {
                errors.Required($"{path}.{field}");
            }
        }
    }

    private static void AcceptedNames(JsonObject? names, string path, ErrorList errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["plural", "singular"])
        {
            Label($"{path}.{field}", names.Text(field), "", errors);
        }

        foreach (var field in (ReadOnlySpan<string>)["kind", "listKind"])
        {
            Label($"{path}.{field}", names.Text(field), "may have mixed case, but should otherwise match: ", errors);
        }

        Labels(names, "shortNames", path, errors);
        if (names.Text("kind") is { Length: > 0 } kind && kind == names.Text("listKind"))
        {
            errors.Invalid($"{path}.listKind", kind, "kind and listKind may not be the same");
        }

        Labels(names, "categories", path, errors);
    }

    private static void Labels(JsonObject? names, string field, string path, ErrorList errors)
    {
        var i = 0;
        foreach (var name in names.Texts(field))
        {
            var wrong = string.Join(',', NameRules.ServiceName(name));
            if (wrong.Length > 0)
            {
                errors.Invalid($"{path}.{field}[{i}]", name, wrong);
            }

            i++;
        }
    }

    private static void Label(string path, string? name, string prefix, ErrorList errors)
    {
        if (!string.IsNullOrEmpty(name) && string.Join(',', NameRules.ServiceName(prefix.Length > 0 ? name.ToLowerInvariant() : name)) is { Length: > 0 } wrong)
        {
            errors.Invalid(path, name, prefix + wrong);
        }
    }

    private static void Conversion(JsonObject? conversion, ErrorList errors)
    {
        switch (conversion?.Text("strategy"))
        {
            case "Webhook":
                errors.Forbidden("spec.conversion.strategy", "conversion by a webhook is not built yet");
                break;
            case "None" when conversion["webhook"] is not null:
                errors.Forbidden("spec.conversion.webhookClientConfig", "should not be set when strategy is not set to Webhook");
                break;
        }
    }

    private static void StoredVersions(JsonObject? status, JsonObject spec, ErrorList errors)
    {
        var stored = status.Texts("storedVersions").ToList();
        var shown = $"[{string.Join(',', stored.Select(GoText.Quote))}]";
        if (stored.Count == 0)
        {
            errors.InvalidRaw("status.storedVersions", status?["storedVersions"] is null ? "[]string(nil)" : shown, "must have at least one stored version");
            return;
        }

        var versions = spec.Objects("versions").ToList();
        foreach (var version in versions.Where(v => v.Flag("storage") == true && !stored.Contains(v.Text("name") ?? "")))
        {
            errors.InvalidRaw("status.storedVersions", shown, $"must have the storage version {version.Text("name")}");
        }

        for (var i = 0; i < stored.Count; i++)
        {
            if (!versions.Exists(v => v.Text("name") == stored[i]))
            {
                errors.Invalid($"status.storedVersions[{i}]", stored[i], $"missing from spec.versions; {stored[i]} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in {stored[i]} and removes {stored[i]} from status.storedVersions");
            }
        }
    }

    private static void Approval(JsonObject obj, JsonObject? old, ErrorList errors)
    {
        var (isProtected, state, reason) = ApprovalOf(obj);
        if (!isProtected || (old is not null && ApprovalOf(old).State == state))
        {
            return;
        }

        const string Field = $"metadata.annotations[{ApprovalAnnotation}]";
        if (state == "Missing")
        {
            errors.Required(Field, reason);
        }
        else if (state == "Invalid")
        {
            errors.Invalid(Field, obj.Child("metadata", "annotations").Text(ApprovalAnnotation) ?? "", reason);
        }
    }
}

/// <summary>What others ask of definitions.</summary>
public static class CustomDefinitions
{
    /// <summary>Whether the community guards a definition's group, and what the definition says about its approval.</summary>
    public static (bool IsProtected, string State, string Reason) ApprovalOf(JsonObject definition) => DefinitionRules.ApprovalOf(definition);

    /// <summary>Whether a kind of the system itself, served or not, has a group and plural, so that no definition may.</summary>
    public static bool IsBuiltIn(string group, string plural) => DefinitionRules.IsBuiltIn(group, plural);
}
