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
    private readonly List<Resource> _builtIn;
    private volatile ResourceSet _current;

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
                OtherVersion = kind is { GroupVersion: "autoscaling/v2", Kind: "HorizontalPodAutoscaler" } ? "autoscaling/v1" : null,
            });
        }

        _builtIn = resources;
        _current = new ResourceSet(resources, []);
        _byPath = resources.ToFrozenDictionary(r => (r.Group, r.Version, r.Plural));
        _byPlural = resources.DistinctBy(r => (r.Group, r.Plural)).ToFrozenDictionary(r => (r.Group, r.Plural));
    }

    public KubeSchema Schema { get; }

    /// <summary>What is served now; replaced whole when custom kinds come and go.</summary>
    public ResourceSet Current => _current;

    /// <summary>All resources, in the order of discovery.</summary>
    public IReadOnlyList<Resource> All => _current.All;

    public Resource? Find(string group, string version, string plural) =>
        _byPath.GetValueOrDefault((group, version, plural)) ?? _current.FindCustom(group, version, plural);

    /// <summary>A resource that is known to be served.</summary>
    public Resource Get(string group, string plural) => _byPlural[(group, plural)];

    /// <summary>Serves these custom kinds from now on; one thread does this.</summary>
    public void Serve(IReadOnlyList<Resource> custom) => _current = new ResourceSet(_builtIn, custom);
}

/// <summary>The resources served at one moment. Never changed.</summary>
internal sealed class ResourceSet(IReadOnlyList<Resource> builtIn, IReadOnlyList<Resource> custom)
{
    private readonly Dictionary<(string, string, string), Resource> _custom = custom.ToDictionary(r => (r.Group, r.Version, r.Plural));

    /// <summary>All resources, in the order of discovery.</summary>
    public IReadOnlyList<Resource> All { get; } = custom.Count == 0 ? builtIn : [.. builtIn, .. custom];

    public Resource? FindCustom(string group, string version, string plural) => _custom.GetValueOrDefault((group, version, plural));
}
