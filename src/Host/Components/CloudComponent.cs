using Sealos.Kinds;
using Sealos.Kinds.Meta;
using Sealos.Objects.Meta;

namespace Sealos.Host.Components;

/// <summary>A part of the cloud that can be added and removed while the rest runs, as the API shows it. Cluster-wide, and the operator's alone.</summary>
public sealed class CloudComponent : IKubeObject<CloudComponent>
{
    /// <inheritdoc/>
    public static KubeKind KubeKind { get; } = new("system.sealos.io", "v1", "Component", "components", false);

    /// <inheritdoc/>
    public string? ApiVersion { get; set; }

    /// <inheritdoc/>
    public string? Kind { get; set; }

    /// <inheritdoc/>
    public ObjectMeta Metadata { get; set; } = new();

    /// <summary>What is wanted.</summary>
    public CloudComponentSpec? Spec { get; set; }

    /// <summary>What is.</summary>
    public CloudComponentStatus? Status { get; set; }
}

/// <summary>What is wanted of a component.</summary>
public sealed class CloudComponentSpec
{
    /// <summary>Whether it is to run. One that an enabled one needs runs all the same.</summary>
    public bool Enabled { get; set; }

    /// <summary>Whether its objects stay in the API when it is removed.</summary>
    public bool? KeepObjects { get; set; }
}

/// <summary>What a component is and does; its process has written it.</summary>
public sealed class CloudComponentStatus
{
    /// <summary><c>starting</c>, <c>running</c>, <c>failed</c>, <c>stopping</c> or <c>removed</c>.</summary>
    public string? State { get; set; }

    /// <summary>When it entered the state.</summary>
    public DateTimeOffset? Since { get; set; }

    /// <summary>Why it failed, or why it runs though it is not enabled.</summary>
    public string? Message { get; set; }

    /// <summary>The generation that the state speaks of.</summary>
    public long? ObservedGeneration { get; set; }

    /// <summary>What it is, in a sentence.</summary>
    public string? Description { get; set; }

    /// <summary>What no longer works without it.</summary>
    public string? Without { get; set; }

    /// <summary>The process it lives in: <c>server</c> or <c>edge</c>.</summary>
    public string? Process { get; set; }

    /// <summary>Anonymous memory of that process when it was last looked at; shared with all that lives in it.</summary>
    public long? ProcessBytes { get; set; }

    /// <summary>The memory that its removal gave back to the machine.</summary>
    public long? ReturnedBytes { get; set; }

    /// <summary>The components it needs.</summary>
    public List<string>? Needs { get; set; }

    /// <summary>The components that need it.</summary>
    public List<string>? NeededBy { get; set; }

    /// <summary>Kinds of objects that mean nothing without it.</summary>
    public List<ComponentUse>? UsedBy { get; set; }
}

/// <summary>Objects that mean nothing without a component.</summary>
public sealed class ComponentUse
{
    /// <summary>Such as <c>networking.k8s.io/v1</c>.</summary>
    public string ApiVersion { get; set; } = "";

    /// <summary>Such as <c>ingresses</c>.</summary>
    public string Resource { get; set; } = "";

    /// <summary>What becomes of them, after their number.</summary>
    public string Effect { get; set; } = "";
}
