namespace Sealos.Objects.Meta;

/// <summary>What is needed to address a kind over HTTP.</summary>
/// <param name="Group">API group, empty for core.</param>
/// <param name="Version">Version, such as <c>v1</c>.</param>
/// <param name="Kind">Kind, such as <c>Pod</c>.</param>
/// <param name="Plural">The resource in paths, such as <c>pods</c>.</param>
/// <param name="IsNamespaced">Whether objects live in a namespace.</param>
public sealed record KubeKind(string Group, string Version, string Kind, string Plural, bool IsNamespaced)
{
    /// <summary><c>v1</c> or <c>apps/v1</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>The path of the collection, or of one object when <paramref name="name"/> is given.</summary>
    public string Path(string? @namespace, string? name = null, string? subresource = null)
    {
        var path = Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";
        if (IsNamespaced && @namespace is not null)
        {
            path += $"/namespaces/{Uri.EscapeDataString(@namespace)}";
        }

        path += "/" + Plural;
        if (name is not null)
        {
            path += "/" + Uri.EscapeDataString(name);
        }

        return subresource is null ? path : $"{path}/{subresource}";
    }
}
