using System.Text.Json.Nodes;
using Sealos.ApiServer.CustomKinds;
using Sealos.ApiServer.Printing;
using Sealos.ApiServer.Strategies;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Ownership;
using Sealos.Objects.Schema;

namespace Sealos.ApiServer.Registry;

/// <summary>A resource that is served: its schema, where its objects live, and what is special about it.</summary>
internal sealed class Resource(KindSchema schema, TypeSchema type, KindCache? cache, Strategy strategy)
{
    public KindSchema Schema => schema;

    /// <summary>Set for a custom kind: its version's schema takes the place of <see cref="Type"/>.</summary>
    public CustomVersion? Custom { get; init; }

    /// <summary>The kind of lists.</summary>
    public string ListKind => Custom?.Definition.ListKind ?? schema.Kind + "List";

    /// <summary>The root type of bodies.</summary>
    public TypeSchema Type => type;

    /// <summary>The root type as field ownership sees it.</summary>
    public FieldType FieldType => field ??= Custom is { } custom ? CustomFieldTypes.For(custom.Schema) : FieldTypes.For(type);

    /// <summary>An object before anything is set in it; not to be changed.</summary>
    public JsonObject Blank => Custom is null
        ? FieldTypes.BlankOf(type)
        : field ??= new JsonObject { ["apiVersion"] = GroupVersion, ["kind"] = Kind, ["metadata"] = new JsonObject() };

    public string Group { get; } = schema.Group;

    public string GroupVersion => schema.GroupVersion;

    public string Version { get; } = schema.Version;

    public string Kind => schema.Kind;

    public string Plural => schema.Plural;

    public bool IsNamespaced => schema.IsNamespaced;

    /// <summary>The objects; kinds that are only asked, such as reviews, have none.</summary>
    public KindCache Cache => cache ?? throw ApiException.MethodNotAllowed();

    public bool IsStored => cache is not null;

    /// <summary>Whether its objects are found out when they are asked for, rather than stored.</summary>
    public bool IsComputed { get; } = cache is null && schema.Verbs.Contains("list");

    public Strategy Strategy => strategy;

    /// <summary>Set for a resource whose objects are stored in the form of another.</summary>
    public ViewConversion? Conversion { get; init; }

    /// <summary>How tables show a custom kind.</summary>
    public KindPrinter? Printer { get; init; }

    /// <summary>Verbs served on objects.</summary>
    public IReadOnlyList<string> Verbs { get; init; } = schema.Verbs;

    /// <summary>Subresources served, as discovery announces them.</summary>
    public IReadOnlyList<SubresourceSchema> Subresources => schema.Subresources;

    /// <summary>Whether the status is written through a subresource of its own.</summary>
    public bool HasStatus { get; } = schema.Subresources.Any(s => s.Name == "status");

    /// <summary>The store's key of an object.</summary>
    public string Key(string @namespace, string name) => IsNamespaced ? $"{Cache.Prefix}{@namespace}/{name}" : Cache.Prefix + name;

    /// <summary>Whether objects can be had in a version that managedFields name.</summary>
    public bool Serves(string groupVersion) => groupVersion == GroupVersion || groupVersion == OtherVersion
        || (Custom is { } custom ? custom.Definition.Versions.Any(v => v.IsServed && v.GroupVersion == groupVersion) : Conversion is not null);

    /// <summary>Another group and version under which the same objects are served.</summary>
    public string? OtherVersion { get; init; }

    public SubresourceSchema? FindSubresource(string name) => Subresources.FirstOrDefault(s => s.Name == name);

    public ApiException NotFound(string name) => ApiException.NotFound(Group, Plural, name);
}
