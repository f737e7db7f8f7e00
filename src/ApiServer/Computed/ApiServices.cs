using System.Text.Json.Nodes;
using Sealos.ApiServer.Registry;

namespace Sealos.ApiServer.Computed;

/// <summary>Who serves each version of each group: this server, always. Others cannot be registered yet.</summary>
internal sealed class ApiServices(ResourceRegistry registry) : ComputedKind
{
    // Kubernetes' own numbers for the order of groups: the core first, custom kinds last.
    private static readonly (int Group, int Version) CorePriority = (18000, 1);
    private static readonly (int Group, int Version) BuiltInPriority = (17000, 15);
    private static readonly (int Group, int Version) CustomPriority = (1000, 100);

    public override Task<IReadOnlyList<JsonObject>> ListAsync(string? @namespace, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<JsonObject>>(
        [
            .. registry.All.GroupBy(r => (r.Group, r.Version)).OrderBy(g => Name(g.Key.Group, g.Key.Version), StringComparer.Ordinal)
                .Select(g => Describe(g.Key.Group, g.Key.Version, Priority(g.First()))),
        ]);

    private static (int Group, int Version) Priority(Resource resource) =>
        resource.Custom is not null ? CustomPriority : resource.Group.Length == 0 ? CorePriority : BuiltInPriority;

    private static string Name(string group, string version) => $"{version}.{group}";

    private static JsonObject Describe(string group, string version, (int Group, int Version) priority) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = Name(group, version),
            ["creationTimestamp"] = null,
            ["labels"] = new JsonObject { ["kube-aggregator.kubernetes.io/automanaged"] = "onstart" },
        },
        ["spec"] = new JsonObject { ["group"] = group, ["version"] = version, ["groupPriorityMinimum"] = priority.Group, ["versionPriority"] = priority.Version },
        ["status"] = new JsonObject
        {
            ["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = "Available",
                ["status"] = "True",
                ["reason"] = "Local",
                ["message"] = "Local APIServices are always available",
            }),
        },
    };
}
