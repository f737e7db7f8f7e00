using System.Collections.Frozen;

namespace Sealos.Objects.Schema;

/// <summary>The schema of every built-in kind, with the look-ups a request needs. Immutable and shared.</summary>
public sealed class KubeSchema
{
    private static readonly Lazy<KubeSchema> Shared = new(LoadEmbedded);

    private readonly FrozenDictionary<string, TypeSchema> _types;
    private readonly FrozenDictionary<(string GroupVersion, string Kind), KindSchema> _byKind;
    private readonly FrozenDictionary<(string GroupVersion, string Plural), KindSchema> _byResource;

    /// <summary>Indexes a parsed schema file.</summary>
    public KubeSchema(SchemaFile file)
    {
        _types = file.Types.ToFrozenDictionary(StringComparer.Ordinal);
        Kinds = file.Kinds;
        _byKind = Kinds.ToFrozenDictionary(k => (k.GroupVersion, k.Kind));
        _byResource = Kinds.Where(k => k.IsServed).ToFrozenDictionary(k => (k.GroupVersion, k.Plural));
    }

    /// <summary>The schema file that is part of this assembly.</summary>
    public static KubeSchema Default => Shared.Value;

    /// <summary>All kinds, in the order discovery announces them.</summary>
    public IReadOnlyList<KindSchema> Kinds { get; }

    /// <summary>Finds a kind as an object names it; options and other bodies that exist in every group are found in any.</summary>
    public KindSchema? FindKind(string groupVersion, string kind) =>
        _byKind.GetValueOrDefault((groupVersion, kind)) ?? (kind == "DeleteOptions" ? _byKind.GetValueOrDefault(("meta.k8s.io/v1", kind)) : null);

    /// <summary>Finds a served kind as a path names it.</summary>
    public KindSchema? FindResource(string group, string version, string plural) =>
        _byResource.GetValueOrDefault((group.Length == 0 ? version : $"{group}/{version}", plural));

    /// <summary>The type of that name.</summary>
    /// <exception cref="KeyNotFoundException">The schema has no such type.</exception>
    public TypeSchema GetType(string name) =>
        _types.TryGetValue(name, out var type) ? type : throw new KeyNotFoundException($"the schema has no type {name}");

    /// <summary>The root type of a kind.</summary>
    public TypeSchema GetType(KindSchema kind) => GetType(kind.Type);

    private static KubeSchema LoadEmbedded()
    {
        using var stream = typeof(KubeSchema).Assembly.GetManifestResourceStream("kubernetes.schema")
            ?? throw new InvalidOperationException("kubernetes.schema is not embedded in the assembly");
        using var reader = new StreamReader(stream);
        return new KubeSchema(SchemaFile.Parse(reader));
    }
}
