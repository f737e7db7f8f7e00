using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Discovery;

/// <summary>An answer that changes only with the kinds that are served.</summary>
internal sealed record Document(byte[] Body, string ETag)
{
    public static Document Of(JsonNode json)
    {
        var body = JsonText.Write(json);
        return new Document(body, $"\"{Convert.ToHexString(SHA512.HashData(body))}\"");
    }
}

/// <summary>What there is to ask for: in the old form, a document a group and version, and in the new one, all at once. Made when asked for.</summary>
internal sealed class DiscoveryDocuments
{
    private readonly IReadOnlyList<Resource> _resources;
    private readonly Lazy<Document> _groups;
    private readonly Lazy<IReadOnlyDictionary<string, Document>> _aggregatedCore;
    private readonly Lazy<IReadOnlyDictionary<string, Document>> _aggregatedGroups;

    public DiscoveryDocuments(IReadOnlyList<Resource> resources)
    {
        _resources = resources;
        _groups = new Lazy<Document>(() => Document.Of(new JsonObject
        {
            ["kind"] = "APIGroupList",
            ["apiVersion"] = "v1",
            ["groups"] = new JsonArray([.. ByGroup().Select(g => Group(g.Name, g.Resources, isRoot: false))]),
        }));
        _aggregatedCore = new Lazy<IReadOnlyDictionary<string, Document>>(() => Aggregated([("", [.. resources.Where(r => r.Group.Length == 0)])]));
        _aggregatedGroups = new Lazy<IReadOnlyDictionary<string, Document>>(() => Aggregated(ByGroup()));
    }

    /// <summary><c>/api</c>.</summary>
    public Document Versions { get; } = Document.Of(new JsonObject
    {
        ["kind"] = "APIVersions",
        ["versions"] = new JsonArray("v1"),
        ["serverAddressByClientCIDRs"] = new JsonArray(new JsonObject { ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = "" }),
    });

    /// <summary><c>/apis</c>.</summary>
    public Document Groups => _groups.Value;

    /// <summary><c>/api</c> in the new form, by the form's version.</summary>
    public IReadOnlyDictionary<string, Document> AggregatedCore => _aggregatedCore.Value;

    /// <summary><c>/apis</c> in the new form, by the form's version.</summary>
    public IReadOnlyDictionary<string, Document> AggregatedGroups => _aggregatedGroups.Value;

    /// <summary><c>/apis/{group}</c>, or null when nothing of it is served.</summary>
    public Document? FindGroup(string group) =>
        _resources.Where(r => r.Group == group && group.Length > 0).ToList() is { Count: > 0 } found ? Document.Of(Group(group, found, isRoot: true)) : null;

    /// <summary><c>/api/v1</c> or <c>/apis/{group}/{version}</c>, or null when nothing of it is served.</summary>
    public Document? FindVersion(string groupVersion) =>
        _resources.Where(r => r.GroupVersion == groupVersion).ToList() is { Count: > 0 } found ? Document.Of(ResourceList(groupVersion, found)) : null;

    private List<(string Name, List<Resource> Resources)> ByGroup() =>
        [.. _resources.Where(r => r.Group.Length > 0).GroupBy(r => r.Group).Select(g => (g.Key, g.ToList()))];

    private static JsonObject Group(string name, List<Resource> resources, bool isRoot)
    {
        var versions = resources.Select(r => r.Version).Distinct()
            .Select(v => (JsonNode)new JsonObject { ["groupVersion"] = $"{name}/{v}", ["version"] = v })
            .ToArray();
        var group = isRoot ? new JsonObject { ["kind"] = "APIGroup", ["apiVersion"] = "v1" } : [];
        group["name"] = name;
        group["versions"] = new JsonArray(versions);
        group["preferredVersion"] = versions[0].DeepClone();
        return group;
    }

    private static JsonObject ResourceList(string groupVersion, IEnumerable<Resource> resources)
    {
        var entries = new JsonArray();
        foreach (var resource in resources)
        {
            var entry = new JsonObject
            {
                ["name"] = resource.Plural,
                ["singularName"] = resource.Schema.Singular,
                ["namespaced"] = resource.IsNamespaced,
                ["kind"] = resource.Kind,
                ["verbs"] = Texts(resource.Schema.Verbs),
            };
            AddNames(entry, resource.Schema);
            if (resource.IsStored)
            {
                entry["storageVersionHash"] = StorageHash(resource);
            }

            entries.Add(entry);
            foreach (var subresource in resource.Subresources)
            {
                entries.Add(SubresourceEntry(resource, subresource));
            }
        }

        return new JsonObject { ["kind"] = "APIResourceList", ["apiVersion"] = "v1", ["groupVersion"] = groupVersion, ["resources"] = entries };
    }

    /// <summary>By this clients that move objects to a new form know when the form in which they are stored changes.</summary>
    private static string StorageHash(Resource resource)
    {
        var stored = resource.Custom is { } custom ? $"{resource.Group}/{custom.Definition.StorageVersion}/{resource.Kind}"
            : resource.Conversion?.StoredKind ?? $"{resource.Group}/{resource.Version}/{resource.Kind}";
        return Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(stored)).AsSpan(0, 8));
    }

    private static JsonObject SubresourceEntry(Resource resource, SubresourceSchema subresource)
    {
        var (group, version, kind) = ResponseKind(subresource.ResponseKind);
        var entry = new JsonObject { ["name"] = $"{resource.Plural}/{subresource.Name}", ["singularName"] = "", ["namespaced"] = resource.IsNamespaced };
        if (version.Length > 0)
        {
            entry["group"] = group;
            entry["version"] = version;
        }

        entry["kind"] = kind;
        entry["verbs"] = Texts(subresource.Verbs);
        return entry;
    }

    private static Dictionary<string, Document> Aggregated(List<(string Name, List<Resource> Resources)> groups)
    {
        var items = new JsonArray();
        foreach (var (name, resources) in groups)
        {
            var metadata = new JsonObject { ["creationTimestamp"] = null };
            if (name.Length > 0)
            {
                metadata["name"] = name;
            }

            items.Add(new JsonObject
            {
                ["metadata"] = metadata,
                ["versions"] = new JsonArray([.. resources.GroupBy(r => r.Version).Select(v => (JsonNode)new JsonObject
                {
                    ["version"] = v.Key,
                    ["resources"] = new JsonArray([.. v.Select(AggregatedResource)]),
                    ["freshness"] = "Current",
                })]),
            });
        }

        return new[] { "v2", "v2beta1" }.ToDictionary(
            version => version,
            version => Document.Of(new JsonObject
            {
                ["kind"] = "APIGroupDiscoveryList",
                ["apiVersion"] = $"apidiscovery.k8s.io/{version}",
                ["metadata"] = new JsonObject(),
                ["items"] = items.DeepClone(),
            }),
            StringComparer.Ordinal);
    }

    private static JsonNode AggregatedResource(Resource resource)
    {
        var entry = new JsonObject
        {
            ["resource"] = resource.Plural,
            ["responseKind"] = Kind("", "", resource.Kind),
            ["scope"] = resource.IsNamespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = resource.Schema.Singular,
            ["verbs"] = Texts(resource.Schema.Verbs),
        };
        AddNames(entry, resource.Schema);
        if (resource.Subresources.Count > 0)
        {
            entry["subresources"] = new JsonArray([.. resource.Subresources.Select(s =>
            {
                var (group, version, kind) = ResponseKind(s.ResponseKind);
                return (JsonNode)new JsonObject { ["subresource"] = s.Name, ["responseKind"] = Kind(group, version, kind), ["verbs"] = Texts(s.Verbs) };
            })]);
        }

        return entry;
    }

    private static void AddNames(JsonObject entry, KindSchema schema)
    {
        if (schema.ShortNames.Count > 0)
        {
            entry["shortNames"] = Texts(schema.ShortNames);
        }

        if (schema.Categories.Count > 0)
        {
            entry["categories"] = Texts(schema.Categories);
        }
    }

    private static JsonObject Kind(string group, string version, string kind) => new() { ["group"] = group, ["version"] = version, ["kind"] = kind };

    /// <summary>The kind a subresource answers with; of another group when it says so (<c>autoscaling/v1.Scale</c>).</summary>
    private static (string Group, string Version, string Kind) ResponseKind(string text)
    {
        var dot = text.LastIndexOf('.');
        if (dot < 0)
        {
            return ("", "", text);
        }

        var groupVersion = text[..dot];
        var slash = groupVersion.IndexOf('/');
        return (groupVersion[..slash], groupVersion[(slash + 1)..], text[(dot + 1)..]);
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Order(StringComparer.Ordinal).Select(t => (JsonNode)t)]);
}
