using System.Text.Json.Nodes;
using Sealos.ApiServer.Http;

namespace Sealos.ApiServer.Computed;

/// <summary>How this server's own parts are, under the names that clients know them by.</summary>
internal sealed class ComponentStatuses(ServerState state) : ComputedKind
{
    public override string Warning => "v1 ComponentStatus is deprecated in v1.19+";

    public override Task<IReadOnlyList<JsonObject>> ListAsync(string? @namespace, CancellationToken cancellationToken)
    {
        var isStoreOk = state.Checks().Where(c => c.Name == "store").All(c => c.IsOk);
        IReadOnlyList<JsonObject> components =
        [
            new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = "etcd-0", ["creationTimestamp"] = null },
                ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Healthy", ["status"] = isStoreOk ? "True" : "False", ["message"] = isStoreOk ? "ok" : "the store has failed" }),
            },
        ];
        return Task.FromResult(components);
    }
}
