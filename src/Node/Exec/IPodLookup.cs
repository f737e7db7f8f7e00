using Sealos.Kinds.Core;

namespace Sealos.Node.Exec;

/// <summary>What the node's HTTPS server asks of those who run the pods.</summary>
internal interface IPodLookup
{
    /// <summary>All pods of this node, each with the status as the node itself knows it now.</summary>
    IReadOnlyList<Pod> List();

    /// <summary>One pod with its current status, or null.</summary>
    Pod? Find(string ns, string name);

    /// <summary>The sandbox of a pod that is ready, or null.</summary>
    string? FindSandbox(string podUid);

    /// <summary>Whether the runtime has the container with exactly this id for that container of the pod.</summary>
    bool HasContainer(string podUid, string container, string id);
}
