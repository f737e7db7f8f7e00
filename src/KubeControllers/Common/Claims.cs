using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;
using Sealos.Kinds.Meta;

namespace Sealos.KubeControllers.Common;

/// <summary>
/// Brings what an owner controls in line with its selector: adopts orphans that match, releases what no longer does.
/// With a finalizer, what belongs to the owner carries it.
/// </summary>
internal sealed class Claims<TOwner, TChild>(KubeClient client, string? finalizer = null)
    where TOwner : class, IKubeObject<TOwner>, new()
    where TChild : class, IKubeObject<TChild>, new()
{
    /// <summary>The children that belong to the owner now.</summary>
    public async Task<List<TChild>> ClaimAsync(TOwner owner, LabelSelector selector, IEnumerable<TChild> candidates, CancellationToken ct)
    {
        var claimed = new List<TChild>();
        bool? mayAdopt = owner.Metadata.DeletionTimestamp is null ? null : false;
        foreach (var child in candidates)
        {
            var controller = Owners.ControllerOf(child);
            var isMatch = LabelSelectors.Matches(selector, child.Metadata.Labels);
            if (controller is not null && controller.Uid == owner.Metadata.Uid)
            {
                if (isMatch || owner.Metadata.DeletionTimestamp is not null)
                {
                    claimed.Add(child);
                }
                else
                {
                    await ReleaseAsync(owner, child, ct).ConfigureAwait(false);
                }
            }
            else if (controller is null && isMatch && child.Metadata.DeletionTimestamp is null)
            {
                mayAdopt ??= await IsStillThereAsync(owner, ct).ConfigureAwait(false);
                if (mayAdopt == true && await AdoptAsync(owner, child, ct).ConfigureAwait(false) is { } adopted)
                {
                    claimed.Add(adopted);
                }
            }
        }

        return claimed;
    }

    // The cache may be behind a deletion, and adopting for an owner that is gone would hand the child to the garbage collector.
    private async Task<bool> IsStillThereAsync(TOwner owner, CancellationToken ct)
    {
        var live = await client.FindAsync<TOwner>(owner.Metadata.Namespace, owner.Metadata.Name!, ct).ConfigureAwait(false);
        return live is not null && live.Metadata.Uid == owner.Metadata.Uid && live.Metadata.DeletionTimestamp is null;
    }

    private Task<TChild?> AdoptAsync(TOwner owner, TChild child, CancellationToken ct)
    {
        List<OwnerReference> references = [.. (child.Metadata.OwnerReferences ?? []).Where(r => r.Uid != owner.Metadata.Uid), Owners.ControllerReference(owner)];
        return WriteReferencesAsync(child, references, isOwned: true, ct);
    }

    private Task<TChild?> ReleaseAsync(TOwner owner, TChild child, CancellationToken ct) =>
        WriteReferencesAsync(child, [.. child.Metadata.OwnerReferences!.Where(r => r.Uid != owner.Metadata.Uid)], isOwned: false, ct);

    private async Task<TChild?> WriteReferencesAsync(TChild child, List<OwnerReference> references, bool isOwned, CancellationToken ct)
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["uid"] = child.Metadata.Uid,
                ["resourceVersion"] = child.Metadata.ResourceVersion,
                ["ownerReferences"] = references.Count == 0 ? null : JsonSerializer.SerializeToNode(references, KubeJson.Options),
            },
        };
        if (finalizer is not null)
        {
            var others = (child.Metadata.Finalizers ?? []).Where(f => f != finalizer);
            patch["metadata"]!["finalizers"] = JsonSerializer.SerializeToNode<List<string>>([.. others, .. isOwned ? [finalizer] : Array.Empty<string>()], KubeJson.Options);
        }

        try
        {
            return await client.PatchAsync<TChild>(child.Metadata.Namespace, child.Metadata.Name!, patch, null, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }
}
