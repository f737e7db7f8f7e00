using Sealos.Kinds;
using Sealos.Kinds.Meta;
using Sealos.Objects.Meta;

namespace Sealos.OsServices.Admission;

/// <summary>What is remembered of a workspace: its namespace's labels and annotations.</summary>
internal sealed class WorkspaceFacts : IKubeObject<WorkspaceFacts>
{
    public static KubeKind KubeKind { get; } = new("", "v1", "Namespace", "namespaces", false);

    public string? ApiVersion { get; set; }

    public string? Kind { get; set; }

    public ObjectMeta Metadata { get; set; } = new();
}
