using Sealos.ControllerKit.Caching;
using Sealos.Kinds;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;

namespace Sealos.KubeControllers.Common;

/// <summary>Finds pods by who controls them, by labels and by node, without looking at all of them.</summary>
internal sealed class PodLookup
{
    private const string Controller = "controller";
    private const string Orphans = "orphans";
    private const string Labels = "labels";
    private const string Nodes = "node";

    private readonly Informer<Pod> _pods;

    public PodLookup(Informer<Pod> pods)
    {
        _pods = pods
            .AddIndex(Controller, p => Owners.ControllerOf(p)?.Uid is { } uid ? [uid] : [])
            .AddIndex(Orphans, p => Owners.ControllerOf(p) is null ? [p.Metadata.Namespace ?? ""] : [])
            .AddIndex(Labels, p => LabelSelectors.LabelKeys(p.Metadata.Namespace, p.Metadata.Labels))
            .AddIndex(Nodes, p => PodState.NodeName(p) is { } node ? [node] : []);
    }

    /// <summary>The pods an owner controls, in whatever state.</summary>
    public IReadOnlyList<Pod> OwnedBy(IKubeObject owner) => _pods.ByIndex(Controller, owner.Metadata.Uid ?? "");

    /// <summary>The pods an owner controls and those of its namespace that nobody controls.</summary>
    public IEnumerable<Pod> OwnedOrOrphaned(IKubeObject owner) => OwnedBy(owner).Concat(_pods.ByIndex(Orphans, owner.Metadata.Namespace ?? ""));

    /// <summary>The pods of every set that shares this set's controller, its own included.</summary>
    public IEnumerable<Pod> OfSiblings(ReplicaSet set, Informer<ReplicaSet> sets) =>
        Owners.ControllerOf(set)?.Uid is { } uid ? sets.ByIndex(Deployments.DeploymentController.OwnerIndex, uid).SelectMany(OwnedBy) : OwnedBy(set);

    /// <summary>The pods whose labels have all of these pairs.</summary>
    public IEnumerable<Pod> Matching(string? ns, IReadOnlyDictionary<string, string> pairs) =>
        _pods.ByIndex(Labels, LabelSelectors.SelectorKey(ns, pairs)).Where(p => LabelSelectors.Matches(pairs, p.Metadata.Labels));

    /// <summary>The pods bound to a node.</summary>
    public IReadOnlyList<Pod> OnNode(string node) => _pods.ByIndex(Nodes, node);
}
