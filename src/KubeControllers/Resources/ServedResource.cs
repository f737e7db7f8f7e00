namespace Sealos.KubeControllers.Resources;

/// <summary>A collection the API server serves, as discovery tells of it.</summary>
internal sealed record ServedResource(string Group, string Version, string Plural, string Kind, bool IsNamespaced)
{
    public IReadOnlySet<string> Verbs { get; init; } = new HashSet<string>();

    /// <summary>Whether its objects can be scaled, whatever they are.</summary>
    public bool HasScale { get; init; }

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>What messages call it: <c>configmaps.</c>, <c>deployments.apps</c>.</summary>
    public string DisplayName => $"{Plural}.{Group}";

    /// <summary>The path of the collection, or of one object.</summary>
    public string Path(string? ns, string? name = null) =>
        new Sealos.Objects.Meta.KubeKind(Group, Version, Kind, Plural, IsNamespaced).Path(ns, name);

    /// <summary>The same collection, whatever verbs it has now.</summary>
    public bool IsSameAs(ServedResource other) => Group == other.Group && Version == other.Version && Plural == other.Plural && IsNamespaced == other.IsNamespaced;
}
