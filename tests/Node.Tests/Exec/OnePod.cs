using Sealos.Kinds.Core;
using Sealos.Node.Exec;

namespace Sealos.Node.Tests.Exec;

/// <summary>A node with one pod.</summary>
internal sealed class OnePod(Pod pod, string? sandbox = null) : IPodLookup
{
    /// <summary>The id of a container that is not the pod's.</summary>
    public const string Foreign = "foreign";

    public IReadOnlyList<Pod> List() => [pod];

    public Pod? Find(string ns, string name) => (pod.Metadata.Namespace, pod.Metadata.Name) == (ns, name) ? pod : null;

    public string? FindSandbox(string podUid) => sandbox;

    public bool HasContainer(string podUid, string container, string id) => podUid == pod.Metadata.Uid && id != Foreign;
}
