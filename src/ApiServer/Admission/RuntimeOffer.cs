using System.Text.Json.Nodes;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission;

/// <summary>What the container runtimes of the nodes can do, as the nodes tell it. Looked up where a pod asks for it, which few do.</summary>
internal sealed class RuntimeOffer(KindCache nodes)
{
    /// <summary>Whether some node can keep a container's groups to those that its pod names.</summary>
    public bool HasGroupsPolicy() => Exists(status => status.Child("features").Flag("supplementalGroupsPolicy") == true);

    /// <summary>Whether some node can make mounts read-only with all that lies below them.</summary>
    public bool CanMountReadOnly() => Exists(status => status.Objects("runtimeHandlers").Any(h => h.Child("features").Flag("recursiveReadOnlyMounts") == true));

    private bool Exists(Func<JsonObject?, bool> has)
    {
        using var all = nodes.List(null);
        foreach (var node in all.Items)
        {
            if (has((JsonText.ParseNode(node.Utf8) as JsonObject).Child("status")))
            {
                return true;
            }
        }

        return false;
    }
}
