namespace Sealos.OsServices.Admission;

/// <summary>What pods of workspaces get whether they name it or not, as the operator has chosen it.</summary>
internal interface IPodChoices
{
    /// <summary>The priority class of all of them; null leaves them the cluster's default.</summary>
    PodPriority? Priority { get; }

    /// <summary>The runtime class of a workspace's pods; null leaves them the usual runtime, or one that they name.</summary>
    string? RuntimeClassOf(string workspace);

    /// <summary>The pull policy of a workspace's containers; null leaves it to them.</summary>
    string? PullPolicyOf(string workspace);

    /// <summary>Whether the cluster has a runtime class.</summary>
    bool HasRuntimeClass(string name);

    /// <summary>Whether pods get a priority class that name none.</summary>
    bool IsDefaultPriority(string name);
}

/// <summary>A priority class as it stands in a pod.</summary>
/// <param name="Class">Its name.</param>
/// <param name="Value">What the API server makes of it; null where there is no such class.</param>
/// <param name="Preemption">Whether its pods may push aside others.</param>
internal sealed record PodPriority(string Class, long? Value, string Preemption);
