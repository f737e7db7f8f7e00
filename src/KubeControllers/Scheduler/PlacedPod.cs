using Sealos.Kinds.Core;

namespace Sealos.KubeControllers.Scheduler;

/// <summary>A port of the node that a pod takes.</summary>
internal readonly record struct HostPort(string Address, string Protocol, int Port)
{
    private const string Any = "0.0.0.0";

    public bool ConflictsWith(HostPort other) =>
        Port == other.Port && Protocol == other.Protocol && (Address == other.Address || Address == Any || other.Address == Any);

    public static IReadOnlyList<HostPort> Of(PodSpec spec) =>
        [.. (spec.Containers ?? []).Concat((spec.InitContainers ?? []).Where(c => c.RestartPolicy == "Always")).SelectMany(c => c.Ports ?? [])
            .Where(p => p.HostPort is > 0)
            .Select(p => new HostPort(p.HostIP is { Length: > 0 } ip ? ip : Any, p.Protocol ?? "TCP", p.HostPort!.Value))];
}

/// <summary>A pod with what placing it depends on, worked out once.</summary>
internal sealed class PlacedPod
{
    public PlacedPod(Pod pod)
    {
        Pod = pod;
        Request = Resources.RequestOf(pod);
        ScoringRequest = Resources.RequestOf(pod, isForScoring: true);
        Ports = HostPort.Of(pod.Spec!);
        Affinity = AffinityTerm.Read(pod, pod.Spec!.Affinity?.PodAffinity?.RequiredDuringSchedulingIgnoredDuringExecution);
        AntiAffinity = AffinityTerm.Read(pod, pod.Spec.Affinity?.PodAntiAffinity?.RequiredDuringSchedulingIgnoredDuringExecution);
        Preferred =
        [
            .. AffinityTerm.Read(pod, pod.Spec.Affinity?.PodAffinity?.PreferredDuringSchedulingIgnoredDuringExecution, 1),
            .. AffinityTerm.Read(pod, pod.Spec.Affinity?.PodAntiAffinity?.PreferredDuringSchedulingIgnoredDuringExecution, -1),
        ];
    }

    /// <summary>The pod as last seen; replaced as long as nothing changes that placing depends on.</summary>
    public Pod Pod { get; set; }

    public string Uid => Pod.Metadata.Uid ?? "";

    public int Priority => Pod.Spec!.Priority ?? 0;

    public Resources Request { get; }

    public Resources ScoringRequest { get; }

    public IReadOnlyList<HostPort> Ports { get; }

    public IReadOnlyList<AffinityTerm> Affinity { get; }

    public IReadOnlyList<AffinityTerm> AntiAffinity { get; }

    /// <summary>Terms that only count in comparing nodes; those of anti-affinity have negative weights.</summary>
    public IReadOnlyList<AffinityTerm> Preferred { get; }

    public bool HasTerms => Affinity.Count + AntiAffinity.Count + Preferred.Count > 0;
}
