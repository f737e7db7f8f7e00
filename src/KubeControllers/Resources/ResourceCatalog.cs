using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;

namespace Sealos.KubeControllers.Resources;

/// <summary>Everything the API server serves, each resource in its group's preferred version.</summary>
internal sealed class ResourceCatalog
{
    private const string Accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    private readonly Dictionary<(string Group, string Kind), ServedResource> _byKind = [];

    private ResourceCatalog(List<ServedResource> resources, List<string> unreachable)
    {
        Resources = resources;
        UnreachableGroups = unreachable;
        foreach (var resource in resources)
        {
            _byKind.TryAdd((resource.Group, resource.Kind), resource);
        }
    }

    public IReadOnlyList<ServedResource> Resources { get; }

    /// <summary>Groups whose server could not be asked; what they hold is unknown.</summary>
    public IReadOnlyList<string> UnreachableGroups { get; }

    /// <summary>Asks the server.</summary>
    public static async Task<ResourceCatalog> ReadAsync(KubeClient client, CancellationToken ct)
    {
        var core = await client.SendAsync<JsonNode>(HttpMethod.Get, "/api", null, Accept, ct).ConfigureAwait(false);
        var groups = await client.SendAsync<JsonNode>(HttpMethod.Get, "/apis", null, Accept, ct).ConfigureAwait(false);
        return Parse([core, groups]);
    }

    /// <summary>Reads aggregated discovery documents.</summary>
    public static ResourceCatalog Parse(IEnumerable<JsonNode> documents)
    {
        var resources = new List<ServedResource>();
        var unreachable = new List<string>();
        foreach (var group in documents.SelectMany(d => d["items"] as JsonArray ?? []))
        {
            var name = (string?)group!["metadata"]?["name"] ?? "";
            var known = new HashSet<string>(StringComparer.Ordinal);
            foreach (var version in group["versions"] as JsonArray ?? [])
            {
                var number = (string?)version!["version"] ?? "";
                if ((string?)version["freshness"] == "Stale")
                {
                    unreachable.Add(name.Length == 0 ? number : $"{name}/{number}");
                }

                resources.AddRange((version["resources"] as JsonArray ?? []).Select(r => Resource(name, number, r!)).Where(r => known.Add(r.Plural)));
            }
        }

        return new ResourceCatalog(resources, unreachable);
    }

    /// <summary>The resource of a kind named in an owner reference, in whatever version; null when it is not served.</summary>
    public ServedResource? Find(string? apiVersion, string? kind)
    {
        var slash = apiVersion?.IndexOf('/') ?? -1;
        return _byKind.GetValueOrDefault((slash < 0 ? "" : apiVersion![..slash], kind ?? ""));
    }

    private static ServedResource Resource(string group, string version, JsonNode node) =>
        new(group, version, (string)node["resource"]!, (string?)node["responseKind"]?["kind"] ?? "", (string?)node["scope"] == "Namespaced")
        {
            Verbs = (node["verbs"] as JsonArray ?? []).Select(v => (string)v!).ToHashSet(),
            HasScale = (node["subresources"] as JsonArray ?? []).Any(s => (string?)s!["subresource"] == "scale"),
        };
}
