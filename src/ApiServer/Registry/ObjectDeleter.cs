using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Admission;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Serialization;
using Sealos.Store;

namespace Sealos.ApiServer.Registry;

/// <summary>A deletion's outcome: the last content, and whether it is gone or only marked.</summary>
internal readonly record struct DeleteResult(CachedObject Object, bool Gone);

/// <summary>
/// Deletes objects: at once, or first by marking them when finalizers or a grace period hold them.
/// </summary>
internal sealed class ObjectDeleter(ObjectStore store, AdmissionChain admission, TimeProvider time)
{
    private const string ForegroundFinalizer = "foregroundDeletion";
    private const string OrphanFinalizer = "orphan";

    /// <summary>Whether an object that is being deleted has nothing left that holds it.</summary>
    public static bool IsFinished(JsonObject obj, Resource resource)
    {
        var metadata = obj.Child("metadata");
        return metadata.Text("deletionTimestamp") is not null
            && metadata.Number("deletionGracePeriodSeconds") is null or 0
            && metadata.Array("finalizers") is null or { Count: 0 }
            && !resource.Strategy.IsHeld(obj);
    }

    /// <summary>Deletes an object.</summary>
    public async Task<DeleteResult> DeleteAsync(Resource resource, CachedObject target, DeleteOptions options, WriteContext context, CancellationToken cancellationToken)
    {
        var current = target;
        while (true)
        {
            CheckPreconditions(resource, current, options);
            var old = current.Parse();
            var attributes = new AdmissionAttributes(Operation.Delete, resource, context)
            {
                Namespace = current.Namespace,
                Name = current.Name,
                OldObject = old,
                OldManagedFields = current.ManagedFields,
            };
            await admission.MutateAsync(attributes, cancellationToken).ConfigureAwait(false);
            await admission.ValidateAsync(attributes, cancellationToken).ConfigureAwait(false);
            try
            {
                return await TryDeleteAsync(resource, current, options, context).ConfigureAwait(false);
            }
            catch (RevisionConflictException)
            {
                current = resource.Cache.Get(current.Namespace, current.Name) ?? throw resource.NotFound(current.Name);
            }
        }
    }

    private async Task<DeleteResult> TryDeleteAsync(Resource resource, CachedObject current, DeleteOptions options, WriteContext context)
    {
        var obj = current.Parse();
        Mark(obj, resource, options);
        if (IsFinished(obj, resource))
        {
            if (!context.DryRun)
            {
                await store.DeleteAsync(resource, current.Namespace, current.Name, current.Revision).ConfigureAwait(false);
            }

            return new DeleteResult(current, Gone: true);
        }

        ObjectCreator.Canonicalize(obj, resource);
        var stored = ObjectBytes.Write(obj, current.ManagedFields.Span);
        if (ObjectBytes.SameContent(current.Utf8, stored))
        {
            return new DeleteResult(current, Gone: false);
        }

        var marked = context.DryRun
            ? ObjectStore.Unwritten(resource, stored, current.Namespace, current.Name, current.Revision)
            : await store.PutAsync(resource, stored, current.Namespace, current.Name, current.Revision).ConfigureAwait(false);
        return new DeleteResult(marked, Gone: false);
    }

    private void Mark(JsonObject obj, Resource resource, DeleteOptions options)
    {
        var strategy = resource.Strategy;
        var metadata = obj.Child("metadata")!;
        SetPropagation(metadata, options.Propagation, strategy.DefaultPropagation);
        var grace = strategy.GraceSeconds(obj, options) ?? 0;
        if (metadata.Text("deletionTimestamp") is { } marked)
        {
            Shorten(metadata, marked, grace);
            return;
        }

        metadata["deletionTimestamp"] = KubeTime.Format(time.GetUtcNow().AddSeconds(grace));
        metadata["deletionGracePeriodSeconds"] = grace;
        if (strategy.HasGeneration)
        {
            metadata["generation"] = (metadata.Number("generation") ?? 0) + 1;
        }

        strategy.MarkDeleted(obj);
    }

    /// <summary>A second deletion can only bring the end nearer.</summary>
    private void Shorten(JsonObject metadata, string marked, long grace)
    {
        var before = metadata.Number("deletionGracePeriodSeconds") ?? 0;
        if (grace < before && KubeTime.TryParse(marked, out var end))
        {
            var started = end.AddSeconds(-before);
            var now = time.GetUtcNow();
            metadata["deletionTimestamp"] = KubeTime.Format(grace == 0 ? now : Max(started, now).AddSeconds(grace));
            metadata["deletionGracePeriodSeconds"] = grace;
        }
    }

    private static DateTimeOffset Max(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static void SetPropagation(JsonObject metadata, Propagation propagation, Propagation byDefault)
    {
        if (propagation == Propagation.Default)
        {
            // Who deletes without saying how leaves an earlier decision as it is.
            if (metadata.Text("deletionTimestamp") is not null || metadata.Texts("finalizers").Any(f => f is ForegroundFinalizer or OrphanFinalizer))
            {
                return;
            }

            propagation = byDefault;
        }

        var finalizers = metadata.Texts("finalizers").Where(f => f is not (ForegroundFinalizer or OrphanFinalizer)).ToList();
        if (propagation == Propagation.Foreground)
        {
            finalizers.Add(ForegroundFinalizer);
        }
        else if (propagation == Propagation.Orphan)
        {
            finalizers.Add(OrphanFinalizer);
        }

        if (finalizers.Count == 0)
        {
            metadata.Remove("finalizers");
        }
        else
        {
            metadata["finalizers"] = new JsonArray([.. finalizers.Select(f => (JsonNode)f)]);
        }
    }

    /// <summary>Refuses when the object is not the one, or not the version, that the client means.</summary>
    public static void CheckPreconditions(Resource resource, CachedObject current, DeleteOptions options)
    {
        if (!string.IsNullOrEmpty(options.Uid) && options.Uid != current.Uid)
        {
            throw ApiException.Conflict(resource.Group, resource.Kind, current.Name, $"the UID in the precondition ({options.Uid}) does not match the UID in record ({current.Uid}). The object might have been deleted and then recreated");
        }

        if (!string.IsNullOrEmpty(options.ResourceVersion) && options.ResourceVersion != current.Revision.ToString(CultureInfo.InvariantCulture))
        {
            throw ApiException.Conflict(resource.Group, resource.Kind, current.Name, $"the ResourceVersion in the precondition ({options.ResourceVersion}) does not match the ResourceVersion in record ({current.Revision}). The object might have been modified");
        }
    }
}
