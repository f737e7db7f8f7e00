using Microsoft.Extensions.Logging;
using Sealos.ApiServer.Registry;
using Sealos.ApiServer.Watch;
using Sealos.Objects.CustomKinds;
using Sealos.Objects.Schema;

namespace Sealos.ApiServer.CustomKinds;

/// <summary>
/// Serves what definitions define: follows them as they are stored, and gives each established kind a cache and a resource for each
/// version. The pump of the caches runs this, before whoever wrote the definition is answered.
/// </summary>
internal sealed partial class CustomKindSet
{
    private static readonly TypeSchema ObjectType = KubeSchema.Default.GetType("meta/v1.PartialObjectMetadata");

    private readonly ResourceRegistry _registry;
    private readonly CacheSet _caches;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Served> _served = new(StringComparer.Ordinal);

    public CustomKindSet(ResourceRegistry registry, CacheSet caches, ILogger<CustomKindSet> logger)
    {
        _registry = registry;
        _caches = caches;
        _logger = logger;
        registry.Get("apiextensions.k8s.io", "customresourcedefinitions").Cache.Changed += Follow;
    }

    /// <summary>The objects of an established definition, whether any version is served or not.</summary>
    public Resource? Stored(string definition)
    {
        lock (_gate)
        {
            return _served.GetValueOrDefault(definition)?.Storage;
        }
    }

    private void Follow(WatchEvent change)
    {
        lock (_gate)
        {
            Change(change);
        }
    }

    private void Change(WatchEvent change)
    {
        var name = change.Subject.Name;
        if (change.Type == WatchEventType.Deleted)
        {
            Stop(name);
            return;
        }

        var definition = new CustomDefinition(change.Subject);
        if (!definition.IsEstablished)
        {
            Stop(name);
            return;
        }

        var revision = Math.Max(change.Revision, _caches.Applied);
        _served.TryGetValue(name, out var before);
        var cache = CustomDefinitions.IsBuiltIn(definition.Group, definition.Plural) ? null
            : before is not null && before.Definition.SelectableFields.SequenceEqual(definition.SelectableFields)
            ? before.Cache
            : _caches.AddLate(definition.Prefix, SelectableFields.Of(definition.SelectableFields), revision);
        if (cache is null)
        {
            // Stored before such names were refused.
            Log.BuiltIn(_logger, name);
            Stop(name);
            return;
        }

        var resources = ByPriority(definition.Versions).Select(v => Resource(v, cache)).ToList();
        _served[name] = new Served(definition, cache, [.. resources.Where(r => r.Custom!.IsServed)], resources.First(r => r.Custom!.IsStorage));
        Publish();
    }

    private void Stop(string name)
    {
        if (_served.Remove(name, out var gone))
        {
            Publish();
            _caches.Remove(gone.Definition.Prefix);
        }
    }

    private void Publish() => _registry.Serve([.. _served.Values
        .GroupBy(s => s.Definition.Group, StringComparer.Ordinal)
        .SelectMany(g => ByPriority(g.SelectMany(s => s.Resources), r => r.Version))]);

    private static IEnumerable<CustomVersion> ByPriority(IEnumerable<CustomVersion> versions) => ByPriority(versions, v => v.Name);

    private static IEnumerable<T> ByPriority<T>(IEnumerable<T> items, Func<T, string> version) => items.OrderBy(version, VersionOrder.Instance);

    private static Resource Resource(CustomVersion version, KindCache cache)
    {
        var definition = version.Definition;
        var subresources = new List<SubresourceSchema>();
        if (version.HasStatus)
        {
            subresources.Add(new SubresourceSchema("status", definition.Kind, ["get", "patch", "update"]));
        }

        if (version.Scale is not null)
        {
            subresources.Add(new SubresourceSchema("scale", "autoscaling/v1.Scale", ["get", "patch", "update"]));
        }

        var reversed = string.Join('.', definition.Group.Split('.').Reverse());
        var schema = new KindSchema(version.GroupVersion, definition.Kind, definition.Plural, definition.Singular, definition.IsNamespaced, $"custom/{reversed}.{version.Name}.{definition.Kind}")
        {
            Verbs = definition.Verbs,
            ShortNames = definition.ShortNames,
            Categories = definition.Categories,
            Subresources = subresources,
        };
        return new Resource(schema, ObjectType, cache, new CustomStrategy(version.HasStatus))
        {
            Custom = version,
            Verbs = CustomDefinition.AllVerbs,
            Printer = CustomPrinter.For(version),
            Conversion = CustomConversion.IsNeeded(version) ? new CustomConversion(version) : null,
        };
    }

    private static partial class Log
    {
        [LoggerMessage(41, LogLevel.Error, "Definition {Name} is not served: a built-in kind has its name")]
        public static partial void BuiltIn(ILogger logger, string name);
    }

    private sealed record Served(CustomDefinition Definition, KindCache Cache, IReadOnlyList<Resource> Resources, Resource Storage);
}

/// <summary>Versions as Kubernetes prefers them: v2, v1, v1beta1, v1alpha1, then all others by name.</summary>
internal sealed class VersionOrder : IComparer<string>
{
    public static readonly VersionOrder Instance = new();

    public int Compare(string? x, string? y)
    {
        var (a, b) = (Rank(x!), Rank(y!));
        if (a is null || b is null)
        {
            return a is null && b is null ? string.CompareOrdinal(x, y) : a is null ? 1 : -1;
        }

        return b.Value.CompareTo(a.Value);
    }

    private static (int Stability, int Major, int Minor)? Rank(string version)
    {
        var rest = version.AsSpan();
        if (!rest.StartsWith("v") || Number(ref rest) is not { } major)
        {
            return null;
        }

        if (rest.Length == 0)
        {
            return (3, major, 0);
        }

        var stability = rest.StartsWith("beta") ? 2 : rest.StartsWith("alpha") ? 1 : 0;
        rest = rest[Math.Min(rest.Length, stability == 2 ? 3 : 4)..];
        return stability > 0 && Number(ref rest) is { } minor && rest.Length == 0 ? (stability, major, minor) : null;
    }

    /// <summary>The number behind the first character.</summary>
    private static int? Number(ref ReadOnlySpan<char> text)
    {
        var end = 1;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        if (text.Length < 2 || end == 1 || text[1] == '0' || !int.TryParse(text[1..end], System.Globalization.NumberStyles.None, null, out var number))
        {
            return null;
        }

        text = text[end..];
        return number;
    }
}
