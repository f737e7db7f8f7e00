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
    private readonly Lock _lock = new();
    private readonly HashSet<string> _withheld;
    private volatile ResourceSet _current;

    public ResourceRegistry(KubeSchema schema, CacheSet caches, StrategySet strategies, IEnumerable<string>? withheld = null)
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
        _withheld = [.. withheld ?? []];
        _current = new ResourceSet(resources, [], _withheld);
        _byPath = resources.ToFrozenDictionary(r => (r.Group, r.Version, r.Plural));
        _byPlural = resources.DistinctBy(r => (r.Group, r.Plural)).ToFrozenDictionary(r => (r.Group, r.Plural));
    }

    public KubeSchema Schema { get; }

    /// <summary>What is served now; replaced whole when custom kinds come and go.</summary>
    public ResourceSet Current => _current;

    /// <summary>All resources, in the order of discovery.</summary>
    public IReadOnlyList<Resource> All => _current.All;

    public Resource? Find(string group, string version, string plural) =>
        _byPath.TryGetValue((group, version, plural), out var builtIn)
            ? _current.IsWithheld(group) ? null : builtIn
            : _current.FindCustom(group, version, plural);

    /// <summary>A resource that is known to be served.</summary>
    public Resource Get(string group, string plural) => _byPlural[(group, plural)];

    /// <summary>Serves these custom kinds from now on.</summary>
    public void Serve(IReadOnlyList<Resource> custom)
    {
        lock (_lock)
        {
            _current = new ResourceSet(_builtIn, custom, _withheld);
        }
    }

    /// <summary>Serves a built-in group from now on, or withholds it as if it did not exist.</summary>
    /// <exception cref="InvalidOperationException">Objects of it are stored, which would outlive their kind.</exception>
    public void Serve(string group, bool isServed)
    {
        if (_builtIn.Exists(r => r.Group == group && r.IsStored))
        {
            throw new InvalidOperationException($"objects of group {group} are stored; it cannot be withheld");
        }

        lock (_lock)
        {
            if (isServed ? _withheld.Remove(group) : _withheld.Add(group))
            {
                _current = new ResourceSet(_builtIn, _current.Custom, _withheld);
            }
        }
    }
}

/// <summary>The resources served at one moment. Never changed.</summary>
internal sealed class ResourceSet(IReadOnlyList<Resource> builtIn, IReadOnlyList<Resource> custom, IReadOnlySet<string> withheld)
{
    private readonly FrozenSet<string> _withheld = withheld.ToFrozenSet(StringComparer.Ordinal);
    private readonly Dictionary<(string, string, string), Resource> _custom = custom.ToDictionary(r => (r.Group, r.Version, r.Plural));

    /// <summary>All resources, in the order of discovery.</summary>
    public IReadOnlyList<Resource> All { get; } = custom.Count == 0 && withheld.Count == 0 ? builtIn : [.. builtIn.Where(r => !withheld.Contains(r.Group)), .. custom];

    public IReadOnlyList<Resource> Custom => custom;

    public bool IsWithheld(string group) => _withheld.Contains(group);

    public Resource? FindCustom(string group, string version, string plural) => _custom.GetValueOrDefault((group, version, plural));
}
