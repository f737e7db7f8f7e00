namespace Sealos.Node.Pods.Config;

/// <summary>Labels and annotations on sandboxes and containers, from which a new server knows what it adopts.</summary>
internal static class Keys
{
    public const string PodName = "io.kubernetes.pod.name";
    public const string PodNamespace = "io.kubernetes.pod.namespace";
    public const string PodUid = "io.kubernetes.pod.uid";
    public const string ContainerName = "io.kubernetes.container.name";

    public const string Hash = "io.kubernetes.container.hash";
    public const string RestartCount = "io.kubernetes.container.restartCount";
    public const string TerminationMessagePath = "io.kubernetes.container.terminationMessagePath";
    public const string TerminationMessagePolicy = "io.kubernetes.container.terminationMessagePolicy";
    public const string Ports = "io.kubernetes.container.ports";
    public const string PreStopHandler = "io.kubernetes.container.preStopHandler";
    public const string PodDeletionGrace = "io.kubernetes.pod.deletionGracePeriod";
    public const string PodTerminationGrace = "io.kubernetes.pod.terminationGracePeriod";

    /// <summary>Containers whose specs bear the same value share a shim of containerd's.</summary>
    public const string ShimGroup = "io.containerd.runc.v2.group";

    public const string ConfigSeen = "kubernetes.io/config.seen";
    public const string ConfigSource = "kubernetes.io/config.source";
    public const string ConfigHash = "kubernetes.io/config.hash";
    public const string ConfigMirror = "kubernetes.io/config.mirror";
}
