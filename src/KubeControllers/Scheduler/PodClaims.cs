using Sealos.Kinds.Core;
using Sealos.Kinds.Storage;
using Sealos.KubeControllers.Common;
using Sealos.KubeControllers.Volumes;

namespace Sealos.KubeControllers.Scheduler;

/// <summary>What is to become of a claim: it gets a volume that there is, or one that is to be made.</summary>
internal readonly record struct ClaimChoice(PersistentVolumeClaim Claim, PersistentVolume? Volume);

/// <summary>What a pod's claims mean for where it can go.</summary>
internal sealed class PodClaims
{
    private const string NoProvisioner = "kubernetes.io/no-provisioner";
    private const string SinglePod = "ReadWriteOncePod";

    private readonly ClusterState _cluster;
    private readonly VolumeLookup? _lookup;
    private readonly List<PersistentVolumeClaim> _bound = [];
    private readonly List<PersistentVolumeClaim> _delayed = [];
    private readonly bool _isTaken;

    public PodClaims(Pod pod, ClusterState cluster)
    {
        _cluster = cluster;
        _lookup = cluster.Storage;
        if (_lookup is null)
        {
            return;
        }

        foreach (var volume in pod.Spec?.Volumes ?? [])
        {
            if (VolumeLookup.ClaimOf(pod, volume) is { } name)
            {
                Refusal ??= Take(pod, volume, name);
            }
        }

        _isTaken = _bound.Exists(c => IsTakenByOther(pod, c));
    }

    /// <summary>Why the pod can go nowhere as its claims are now, or null.</summary>
    public string? Refusal { get; }

    /// <summary>Why the pod's claims keep it from a node, or null.</summary>
    public Verdict? Check(Node node)
    {
        if (_isTaken)
        {
            return new Verdict("node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode", true, Blockers.Room | Blockers.Storage);
        }

        foreach (var claim in _bound)
        {
            if (_lookup!.Volumes.Get(null, claim.Spec!.VolumeName!) is not { } volume)
            {
                return new Verdict("node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)", false, Blockers.Storage);
            }

            if (!VolumeMatch.IsReachable(volume, node))
            {
                return new Verdict("node(s) had volume node affinity conflict", false, Blockers.Storage | Blockers.Node);
            }
        }

        return _delayed.TrueForAll(c => CanBeServed(c, node)) ? null : new Verdict("node(s) didn't find available persistent volumes to bind", false, Blockers.Storage | Blockers.Node);
    }

    /// <summary>What the claims that wait for the pod get on the node that it goes to.</summary>
    public IReadOnlyList<ClaimChoice> ChoicesOn(Node node) => [.. _delayed.Select(c => new ClaimChoice(c, Find(c, node)))];

    private string? Take(Pod pod, Volume volume, string name)
    {
        if (_lookup!.AllClaims.Get(pod.Metadata.Namespace, name) is not { } claim)
        {
            return volume.Ephemeral is null ? $"persistentvolumeclaim \"{name}\" not found" : $"waiting for ephemeral volume controller to create the persistentvolumeclaim \"{name}\"";
        }

        if (claim.Status?.Phase == "Lost")
        {
            return $"persistentvolumeclaim \"{name}\" bound to non-existent persistentvolume \"{claim.Spec?.VolumeName}\"";
        }

        if (claim.Metadata.DeletionTimestamp is not null)
        {
            return $"persistentvolumeclaim \"{name}\" is being deleted";
        }

        if (volume.Ephemeral is not null && !Owners.IsControlledBy(claim, pod))
        {
            return $"PVC {claim.Metadata.Namespace}/{name} was not created for pod {pod.Metadata.Namespace}/{pod.Metadata.Name} (pod is not owner)";
        }

        if (StorageNames.Has(claim.Metadata.Annotations, StorageNames.BindCompleted) && claim.Spec?.VolumeName is { Length: > 0 })
        {
            _bound.Add(claim);
            return null;
        }

        if (!string.IsNullOrEmpty(claim.Spec?.VolumeName) || !_lookup.IsDelayed(claim))
        {
            return "pod has unbound immediate PersistentVolumeClaims";
        }

        _delayed.Add(claim);
        return null;
    }

    private bool IsTakenByOther(Pod pod, PersistentVolumeClaim claim) =>
        claim.Spec?.AccessModes?.Contains(SinglePod) == true
        && _lookup!.UsersOf(claim.Metadata.Namespace, claim.Metadata.Name).Any(p => p.Metadata.Uid != pod.Metadata.Uid && _cluster.NodeOf(p.Metadata.Uid!) is not null);

    private bool CanBeServed(PersistentVolumeClaim claim, Node node)
    {
        var chosen = claim.Metadata.Annotations?.GetValueOrDefault(StorageNames.SelectedNode);
        return chosen is not null ? chosen == node.Metadata.Name
            : Find(claim, node) is not null || (_lookup!.Classes.Get(null, StorageNames.ClassOf(claim)) is { } storageClass && CanProvide(storageClass, node));
    }

    private PersistentVolume? Find(PersistentVolumeClaim claim, Node node) =>
        VolumeMatch.FindBest(claim, _lookup!.CandidatesFor(claim), isDelayed: true, node);

    private static bool CanProvide(StorageClass storageClass, Node node) =>
        storageClass.Provisioner is { Length: > 0 } and not NoProvisioner
        && (storageClass.AllowedTopologies is not { Count: > 0 } topologies
            || topologies.Exists(t => (t.MatchLabelExpressions ?? []).TrueForAll(e => e.Values?.Contains(node.Metadata.Labels?.GetValueOrDefault(e.Key ?? "") ?? "") == true)));
}
