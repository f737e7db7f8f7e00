using Sealos.ControllerKit.CustomKinds;
using Sealos.Kinds;
using Sealos.Kinds.Meta;
using Sealos.Objects.Meta;

namespace Sealos.OsServices.Admission.Hosts;

/// <summary>A public host that belongs to a workspace. Its name is the host, so that creating it is the lock: no two can be there.</summary>
public sealed class HostClaim : IKubeObject<HostClaim>
{
    /// <summary>Index: the workspace.</summary>
    internal const string ByWorkspace = "workspace";

    /// <inheritdoc/>
    public static KubeKind KubeKind { get; } = new("network.sealos.io", "v1", "HostClaim", "hostclaims", false);

    /// <summary>Its definition; it comes after the kind, which it needs.</summary>
    public static CustomKind Definition { get; } = new(KubeKind, """
        {"type":"object","required":["spec"],"properties":{
          "spec":{"type":"object","required":["namespace"],"properties":{
            "namespace":{"type":"string","minLength":1,"maxLength":63,"description":"The workspace that the host belongs to."},
            "usedAt":{"type":"string","format":"date-time","description":"When an Ingress last asked for it; a while later it is given back unless one uses it."}}},
          "status":{"type":"object","properties":{"proof":{"type":"string","description":"Why the workspace may have it: SubDomain, TXT or CNAME."}}}}}
        """)
    {
        Columns = [new("Workspace", "string", ".spec.namespace"), new("Proof", "string", ".status.proof"), new("Age", "date", ".metadata.creationTimestamp")],
    };

    /// <inheritdoc/>
    public string? ApiVersion { get; set; }

    /// <inheritdoc/>
    public string? Kind { get; set; }

    /// <inheritdoc/>
    public ObjectMeta Metadata { get; set; } = new();

    /// <summary>Whose it is.</summary>
    public HostClaimSpec? Spec { get; set; }

    /// <summary>Why it is theirs.</summary>
    public HostClaimStatus? Status { get; set; }
}

/// <summary>Whose a host is.</summary>
public sealed class HostClaimSpec
{
    /// <summary>The workspace.</summary>
    public string Namespace { get; set; } = "";

    /// <summary>When an Ingress last asked for it.</summary>
    public DateTimeOffset? UsedAt { get; set; }
}

/// <summary>Why a host is somebody's.</summary>
public sealed class HostClaimStatus
{
    /// <summary><c>SubDomain</c>, <c>TXT</c> or <c>CNAME</c>.</summary>
    public string? Proof { get; set; }
}
