using System.Collections.Frozen;
using Sealos.ApiServer.Strategies;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Schema;

namespace Sealos.ApiServer.Registry;

/// <summary>All resources that are served, by how paths and objects name them.</summary>
internal sealed class ResourceRegistry
{
    private readonly FrozenDictionary<(string Group, string Version, string Plural), Resource> _byPath;
    private readonly FrozenDictionary<(string Group, string Plural), Resource> _byPlural;

    public ResourceRegistry(KubeSchema schema, CacheSet caches, StrategySet strategies)
    {
        Schema = schema;
        var resources = new List<Resource>();
        var byPrefix = new Dictionary<string, KindCache>(StringComparer.Ordinal);
        foreach (var kind in schema.Kinds)
        {
            if (ServedKinds.Find(kind) is not { } served)
            {
                continue;
            }

            KindCache? cache = null;
            if (served.StoredAs is { } stored)
            {
                var prefix = $"{CacheSet.Root}{stored}/";
                if (!byPrefix.TryGetValue(prefix, out cache))
                {
                    cache = caches.Add(prefix, SelectableFields.For(kind.Group, kind.Kind));
                    byPrefix.Add(prefix, cache);
                }
            }

            var offered = kind with { Subresources = [.. kind.Subresources.Where(s => served.Subresources.Contains(s.Name))] };
            resources.Add(new Resource(offered, schema.GetType(kind), cache, strategies.For(kind))
            {
                Conversion = ViewConversion.For(kind),
            });
        }

        All = resources;
        _byPath = resources.ToFrozenDictionary(r => (r.Group, r.Version, r.Plural));
        _byPlural = resources.DistinctBy(r => (r.Group, r.Plural)).ToFrozenDictionary(r => (r.Group, r.Plural));
    }

    public KubeSchema Schema { get; }

    /// <summary>All resources, in the order of discovery.</summary>
    public IReadOnlyList<Resource> All { get; }

    public Resource? Find(string group, string version, string plural) => _byPath.GetValueOrDefault((group, version, plural));

    /// <summary>A resource that is known to be served.</summary>
    public Resource Get(string group, string plural) => _byPlural[(group, plural)];

    /// <summary>Whether any resource of a group and version is served.</summary>
    public bool HasGroupVersion(string group, string version) => All.Any(r => r.Group == group && r.Version == version);
}
