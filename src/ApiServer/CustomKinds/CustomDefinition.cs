using System.Text.Json.Nodes;
using Sealos.ApiServer.Watch;
using Sealos.Objects.CustomKinds;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.CustomKinds;

/// <summary>A CustomResourceDefinition as serving its kind needs it. Never changed: another version of the object makes another.</summary>
internal sealed class CustomDefinition
{
    /// <summary>The verbs on the objects of a custom kind.</summary>
    public static readonly IReadOnlyList<string> AllVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
    private static readonly string[] LastVerbs = ["delete", "deletecollection", "get", "list", "watch"];

    public CustomDefinition(CachedObject source)
    {
        var obj = DefinitionOutline.Read(source.Utf8);
        var (spec, status) = (obj.Child("spec"), obj.Child("status"));
        var names = status.Child("acceptedNames");
        Source = source;
        Group = spec.Text("group") ?? "";
        Plural = spec.Child("names").Text("plural") ?? "";
        Singular = names.Text("singular") ?? "";
        Kind = names.Text("kind") ?? "";
        ListKind = names.Text("listKind") ?? "";
        ShortNames = [.. names.Texts("shortNames")];
        Categories = [.. names.Texts("categories")];
        IsNamespaced = spec.Text("scope") == "Namespaced";
        IsEstablished = Conditions.IsTrue(obj, Conditions.Established);
        IsTerminating = Conditions.IsTrue(obj, Conditions.Terminating);
        Generation = obj.Child("metadata").Number("generation") ?? 0;
        StoredVersions = [.. status.Texts("storedVersions")];
        Versions = [.. spec.Objects("versions").Select((v, i) => new CustomVersion(this, v, i))];
        StorageVersion = Versions.First(v => v.IsStorage).Name;
        SelectableFields = [.. Versions.SelectMany(v => v.SelectableFields).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The object, of whose bytes schemas are compiled.</summary>
    public CachedObject Source { get; }

    public string Group { get; }

    public string Plural { get; }

    public string Singular { get; }

    public string Kind { get; }

    public string ListKind { get; }

    public IReadOnlyList<string> ShortNames { get; }

    public IReadOnlyList<string> Categories { get; }

    public bool IsNamespaced { get; }

    public bool IsEstablished { get; }

    public bool IsTerminating { get; }

    public long Generation { get; }

    public IReadOnlyList<string> StoredVersions { get; }

    public IReadOnlyList<CustomVersion> Versions { get; }

    public string StorageVersion { get; }

    /// <summary>The fields that any version lets selectors name.</summary>
    public IReadOnlyList<string> SelectableFields { get; }

    /// <summary>The verbs announced: fewer once the definition is to go.</summary>
    public IReadOnlyList<string> Verbs => IsTerminating ? LastVerbs : AllVerbs;

    /// <summary>Where the objects are stored.</summary>
    public string Prefix => $"{CacheSet.Root}{Group}/{Plural}/";
}

/// <summary>One version of a custom kind.</summary>
internal sealed class CustomVersion
{
    private readonly Lazy<SchemaNode> _schema;

    public CustomVersion(CustomDefinition definition, JsonObject version, int index)
    {
        Definition = definition;
        Index = index;
        Name = version.Text("name") ?? "";
        IsServed = version.Flag("served") == true;
        IsStorage = version.Flag("storage") == true;
        MayHaveDefaults = version.Child("schema").Flag("hasDefaults") == true;
        var subresources = version.Child("subresources");
        HasStatus = subresources?["status"] is not null;
        if (subresources.Child("scale") is { } scale)
        {
            Scale = new ScalePaths(scale.Text("specReplicasPath") ?? "", scale.Text("statusReplicasPath") ?? "", scale.Text("labelSelectorPath"));
        }

        SelectableFields = [.. version.Objects("selectableFields").Select(f => (f.Text("jsonPath") ?? "").TrimStart('.'))];
        Columns = [.. version.Objects("additionalPrinterColumns")];
        if (version.Flag("deprecated") == true)
        {
            Deprecation = version.Text("deprecationWarning") ?? $"{definition.Group}/{Name} {definition.Kind} is deprecated";
        }

        _schema = new Lazy<SchemaNode>(() => SchemaCompiler.Compile(DefinitionOutline.Schema(definition.Source.Utf8, index)));
    }

    public CustomDefinition Definition { get; }

    /// <summary>Its place among the definition's versions.</summary>
    public int Index { get; }

    public string Name { get; }

    public string GroupVersion => $"{Definition.Group}/{Name}";

    public bool IsServed { get; }

    public bool IsStorage { get; }

    /// <summary>Whether the schema could fill something in when objects are read.</summary>
    public bool MayHaveDefaults { get; }

    public bool HasStatus { get; }

    public ScalePaths? Scale { get; }

    public IReadOnlyList<string> SelectableFields { get; }

    /// <summary>Columns of tables, as the definition has them.</summary>
    public IReadOnlyList<JsonObject> Columns { get; }

    /// <summary>What clients that use this version are warned with, or null.</summary>
    public string? Deprecation { get; }

    /// <summary>The schema, compiled when first needed; by it objects are pruned, defaulted, judged and applied.</summary>
    public SchemaNode Schema => _schema.Value;
}
