using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Common;
using Sealos.KubeControllers.Resources;

namespace Sealos.KubeControllers.DisruptionBudgets;

/// <summary>How many pods the controllers of some pods want: from the caches for Kubernetes' own kinds, from the scale subresource for all others.</summary>
internal sealed class ControllerScales
{
    private readonly ScaleClient _scales;
    private readonly Informer<ReplicaSet> _sets;
    private readonly Informer<Deployment> _deployments;
    private readonly Informer<StatefulSet>? _stateful;
    private readonly Informer<ReplicationController>? _controllers;

    public ControllerScales(ControllerContext context, ResourceCatalog catalog)
    {
        _scales = new ScaleClient(context.Client, context.Time);
        _sets = context.Informer<ReplicaSet>();
        _deployments = context.Informer<Deployment>();
        _stateful = catalog.Find("apps/v1", "StatefulSet") is null ? null : context.Informer<StatefulSet>();
        _controllers = catalog.Find("v1", "ReplicationController") is null ? null : context.Informer<ReplicationController>();
    }

    /// <summary>The sum over all controllers, and the pods that have none.</summary>
    public async Task<(int Expected, IReadOnlyList<Pod> Unmanaged)> SumAsync(IEnumerable<Pod> pods, CancellationToken ct)
    {
        var unmanaged = new List<Pod>();
        var scales = new Dictionary<string, int>(StringComparer.Ordinal);
        var asked = new HashSet<string>(StringComparer.Ordinal);
        foreach (var pod in pods)
        {
            if (Owners.ControllerOf(pod) is not { } owner)
            {
                unmanaged.Add(pod);
            }
            else if (asked.Add(owner.Uid ?? ""))
            {
                var (uid, scale) = await FindAsync(owner, pod.Metadata.Namespace, ct).ConfigureAwait(false)
                    ?? throw new InvalidBudgetException($"found no controllers for pod \"{pod.Metadata.Name}\"");
                scales[uid] = scale;
            }
        }

        return (scales.Values.Sum(), unmanaged);
    }

    private async Task<(string Uid, int Scale)?> FindAsync(OwnerReference owner, string? ns, CancellationToken ct) =>
        OfReplicaSet(owner, ns)
        ?? Of(_stateful, owner, ns, s => s.Spec?.Replicas)
        ?? Of(_controllers, owner, ns, c => c.Spec?.Replicas)
        ?? await OfScaleAsync(owner, ns, ct).ConfigureAwait(false);

    // While a Deployment rolls out several sets share its replicas, so the Deployment counts, once.
    private (string, int)? OfReplicaSet(OwnerReference owner, string? ns)
    {
        if (!Owners.IsKind<ReplicaSet>(owner) || _sets.Get(ns, owner.Name!) is not { } set || set.Metadata.Uid != owner.Uid)
        {
            return null;
        }

        return Owners.ControllerOf(set) is { Kind: "Deployment" } parent ? Of(_deployments, parent, ns, d => d.Spec?.Replicas) : (owner.Uid!, set.Spec?.Replicas ?? 1);
    }

    private static (string, int)? Of<T>(Informer<T>? informer, OwnerReference owner, string? ns, Func<T, int?> replicas)
        where T : class, IKubeObject<T>, new() =>
        Owners.IsKind<T>(owner) && informer?.Get(ns, owner.Name!) is { } found && found.Metadata.Uid == owner.Uid ? (owner.Uid!, replicas(found) ?? 1) : null;

    private async Task<(string, int)?> OfScaleAsync(OwnerReference owner, string? ns, CancellationToken ct)
    {
        if (await _scales.FindAsync(owner.ApiVersion, owner.Kind, ct).ConfigureAwait(false) is not { } resource)
        {
            throw new InvalidBudgetException($"no matches for kind \"{owner.Kind}\" in version \"{owner.ApiVersion}\"");
        }

        if (!resource.HasScale)
        {
            throw new InvalidBudgetException($"{resource.DisplayName.TrimEnd('.')} does not implement the scale subresource");
        }

        try
        {
            var scale = await _scales.GetAsync(resource, ns, owner.Name!, ct).ConfigureAwait(false);
            return scale.Metadata.Uid == owner.Uid ? (owner.Uid!, scale.Spec?.Replicas ?? 0) : null;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }
}

/// <summary>A budget's numbers cannot be found out; its status says why.</summary>
internal sealed class InvalidBudgetException(string message) : Exception(message);
