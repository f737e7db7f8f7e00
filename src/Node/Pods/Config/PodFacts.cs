using Sealos.Kinds.Core;

namespace Sealos.Node.Pods.Config;

/// <summary>Short words for what is asked of a pod again and again.</summary>
internal static class PodFacts
{
    /// <summary>What kubelet grants a pod that says nothing.</summary>
    public const long DefaultGraceSeconds = 30;

    extension(Pod pod)
    {
        public string Uid => pod.Metadata.Uid ?? "";

        public string Name => pod.Metadata.Name ?? "";

        public string Namespace => pod.Metadata.Namespace ?? "";

        /// <summary>As messages name a pod: <c>name_namespace(uid)</c>.</summary>
        public string FullName => $"{pod.Name}_{pod.Namespace}({pod.Uid})";

        public IReadOnlyList<Container> Containers => pod.Spec?.Containers ?? [];

        public IReadOnlyList<Container> InitContainers => pod.Spec?.InitContainers ?? [];

        /// <summary>Ephemeral containers in the common form.</summary>
        public IReadOnlyList<Container> EphemeralContainers => [.. (pod.Spec?.EphemeralContainers ?? []).Select(AsContainer)];

        public string RestartPolicy => pod.Spec?.RestartPolicy ?? "Always";

        /// <summary>Whether the pod comes from a file on this machine. Anybody can write the annotation, but uids of the API's own making have hyphens.</summary>
        public bool IsStatic => pod.Metadata.Annotations?.GetValueOrDefault(Keys.ConfigSource) == "file" && !pod.IsMirror && !pod.Uid.Contains('-');

        /// <summary>Whether the pod only shows in the API what a file on this machine says.</summary>
        public bool IsMirror => pod.Metadata.Annotations?.ContainsKey(Keys.ConfigMirror) == true;

        public bool IsHostNetwork => pod.Spec?.HostNetwork == true;

        public bool IsDeleting => pod.Metadata.DeletionTimestamp is not null;

        public bool IsFinished => pod.Status?.Phase is "Succeeded" or "Failed";

        /// <summary>How long the pod may take to stop; at least a second unless it asks for none.</summary>
        public TimeSpan Grace => TimeSpan.FromSeconds(Math.Max(1, (pod.IsDeleting ? pod.Metadata.DeletionGracePeriodSeconds : null) ?? pod.Spec?.TerminationGracePeriodSeconds ?? DefaultGraceSeconds));

        /// <summary>The name the pod has inside: its hostname, or its own name cut to what a host name may be.</summary>
        public string Hostname => pod.Spec?.Hostname is { Length: > 0 } name ? name : Cut(pod.Name);
    }

    extension(Container container)
    {
        /// <summary>An init container that stays: the next one starts when it has started.</summary>
        public bool IsSidecar => container.RestartPolicy == "Always";

        public string RequiredName => container.Name ?? "";
    }

    /// <summary>The field path by which events tell containers of a pod apart.</summary>
    public static string FieldPath(Pod pod, string container)
    {
        var list = pod.InitContainers.Any(c => c.Name == container) ? "initContainers"
            : pod.Containers.Any(c => c.Name == container) ? "containers" : "ephemeralContainers";
        return $"spec.{list}{{{container}}}";
    }

    private static string Cut(string name) => name.Length <= 63 ? name : name[..63].TrimEnd('-', '.');

    private static Container AsContainer(EphemeralContainer e) => new()
    {
        Name = e.Name,
        Image = e.Image,
        Command = e.Command,
        Args = e.Args,
        WorkingDir = e.WorkingDir,
        EnvFrom = e.EnvFrom,
        Env = e.Env,
        Resources = e.Resources,
        VolumeMounts = e.VolumeMounts,
        TerminationMessagePath = e.TerminationMessagePath,
        TerminationMessagePolicy = e.TerminationMessagePolicy,
        ImagePullPolicy = e.ImagePullPolicy,
        SecurityContext = e.SecurityContext,
        Stdin = e.Stdin,
        StdinOnce = e.StdinOnce,
        Tty = e.Tty,
    };
}
