using System.Text.Json.Nodes;
using Sealos.ApiServer.Admission;
using Sealos.ApiServer.Strategies;
using Sealos.ApiServer.CustomKinds;
using Sealos.ApiServer.Watch;
using Sealos.Objects.CustomKinds;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;
using Sealos.Store;

namespace Sealos.ApiServer.Registry;

/// <summary>Creates objects: from a complete body to the stored object.</summary>
internal sealed class ObjectCreator(ResourceRegistry registry, ObjectStore store, AdmissionChain admission, FieldOwnership ownership, TimeProvider time)
{
    private const int NameAttempts = 8;

    public ResourceRegistry Registry => registry;

    /// <summary>Creates an object in a namespace (empty for cluster-scoped kinds).</summary>
    public async Task<CachedObject> CreateAsync(Resource resource, string @namespace, JsonObject obj, WriteContext context, CancellationToken cancellationToken)
    {
        Refuse(resource);
        var metadata = MetadataOf(obj);
        var isNamed = !string.IsNullOrEmpty(metadata.Text("name"));
        PrepareMetadata(metadata, resource, @namespace);
        var owned = ownership.OnCreate(resource, obj, context);
        var attributes = new AdmissionAttributes(Operation.Create, resource, context)
        {
            ManagedFields = owned,
            Namespace = resource is { Plural: "namespaces", Group: "" } ? metadata.Text("name") ?? "" : @namespace,
            Name = metadata.Text("name") ?? "",
            Object = obj,
        };

        // Step 6: admission changes the object.
        await admission.MutateAsync(attributes, cancellationToken).ConfigureAwait(false);
        metadata = MetadataOf(obj);
        if (attributes.Round is { HasChanged: true })
        {
            CheckNamespace(metadata, resource, @namespace);
        }

        // Named only now, so that a refusal tells of the base of the name that was asked for.
        attributes = attributes with { Name = NameOf(metadata) };

        // Step 7: the kind's own rules, then validation.
        Prepare(obj, resource);
        resource.Strategy.StampRequester(obj, context.User);
        Validate(obj, resource);
        CustomModel.Warn(obj, null, resource, context);
        context.Warnings.AddRange(resource.Strategy.WarningsOnCreate(obj));

        // Step 8: admission judges the object.
        await admission.ValidateAsync(attributes, cancellationToken).ConfigureAwait(false);

        // Step 9: the object is stored.
        var created = await StoreAsync(attributes, @namespace, (owned, isNamed)).ConfigureAwait(false);
        if (!context.DryRun)
        {
            await resource.Strategy.AfterCreateAsync(obj, this, cancellationToken).ConfigureAwait(false);
        }

        return created;
    }

    /// <summary>Completes and creates an object of the system's own, unless one of that name exists.</summary>
    public async Task EnsureAsync(Resource resource, string @namespace, JsonObject obj, CancellationToken cancellationToken)
    {
        if (resource.Cache.Get(@namespace, obj.Child("metadata").Text("name")!) is not null)
        {
            return;
        }

        var context = new WriteContext(WriteContext.System) { Manager = WriteContext.SystemManager };
        var complete = ObjectDecoder.Complete(new Http.DecodedBody(obj, []), resource, Http.FieldValidation.Strict, context.Warnings);
        try
        {
            await CreateAsync(resource, @namespace, complete, context, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.Reason == "AlreadyExists")
        {
            // Someone else was quicker, which is as good.
        }
    }

    private async Task<CachedObject> StoreAsync(AdmissionAttributes attributes, string @namespace, (ReadOnlyMemory<byte> Owned, bool IsNamed) how)
    {
        var (_, resource, context) = attributes;
        var charge = admission.Reserve(attributes);
        IReservation? reservation = null;
        try
        {
            reservation = resource.Strategy.Reserve(attributes.Object!, null);
            var result = await PutNewAsync(new NewObject(resource, @namespace, attributes.Object!, how.Owned, how.IsNamed), context).ConfigureAwait(false);
            if (!context.DryRun)
            {
                charge?.Commit();
                reservation?.Commit();
                (charge, reservation) = (null, null);
            }

            return result;
        }
        finally
        {
            reservation?.Rollback();
            charge?.Rollback();
        }
    }

    private async Task<CachedObject> PutNewAsync(NewObject created, WriteContext context)
    {
        var (resource, @namespace, obj, owned, isNamed) = created;
        Canonicalize(obj, resource);
        for (var attempt = 1; ; attempt++)
        {
            var metadata = MetadataOf(obj);
            var name = metadata.Text("name")!;
            if (resource.Cache.Get(@namespace, name) is null)
            {
                var stored = ObjectBytes.Write(obj, owned.Span);
                if (context.DryRun)
                {
                    return ObjectStore.Unwritten(resource, stored, @namespace, name, 0);
                }

                Refuse(resource);
                try
                {
                    var put = await store.PutAsync(resource, stored, @namespace, name, 0).ConfigureAwait(false);
                    if (CustomModel.WhyNoMore(resource, registry) is { } late)
                    {
                        // The definition may have looked for its objects before this one was there.
                        await TakeBackAsync(resource, put).ConfigureAwait(false);
                        throw late;
                    }

                    return put;
                }
                catch (RevisionConflictException)
                {
                    // Created meanwhile: the same as if it had been in the cache.
                }
            }

            if (isNamed || attempt == NameAttempts || metadata.Text("generateName") is not { Length: > 0 } baseName)
            {
                throw ApiException.AlreadyExists(resource.Group, resource.Plural, name);
            }

            metadata["name"] = NameGenerator.Generate(baseName);
            resource.Strategy.Renamed(obj, name);
        }
    }

    private void Refuse(Resource resource)
    {
        if (CustomModel.WhyNoMore(resource, registry) is { } why)
        {
            throw why;
        }
    }

    private async Task TakeBackAsync(Resource resource, CachedObject put)
    {
        try
        {
            await store.DeleteAsync(resource, put.Namespace, put.Name, put.Revision).ConfigureAwait(false);
        }
        catch (RevisionConflictException)
        {
            // Deleted meanwhile, with the other objects of its definition.
        }
    }

    private void Prepare(JsonObject obj, Resource resource)
    {
        var metadata = MetadataOf(obj);
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = KubeTime.Format(time.GetUtcNow());
        metadata.Remove("deletionTimestamp");
        metadata.Remove("deletionGracePeriodSeconds");
        metadata.Remove("generation");
        if (resource.Strategy.HasGeneration)
        {
            metadata["generation"] = 1;
        }

        resource.Strategy.PrepareForCreate(obj, resource);
    }

    private static void PrepareMetadata(JsonObject metadata, Resource resource, string @namespace)
    {
        if (metadata.Text("resourceVersion") is { Length: > 0 })
        {
            throw new ApiException(500, null, "resourceVersion should not be set on objects to be created");
        }

        CheckNamespace(metadata, resource, @namespace);
    }

    private static string NameOf(JsonObject metadata)
    {
        if (string.IsNullOrEmpty(metadata.Text("name")) && metadata.Text("generateName") is { Length: > 0 } baseName)
        {
            metadata["name"] = NameGenerator.Generate(baseName);
        }

        return metadata.Text("name") ?? "";
    }

    /// <summary>The namespace in the body may be left out, but not be another than the URL's.</summary>
    public static void CheckNamespace(JsonObject metadata, Resource resource, string @namespace)
    {
        var given = metadata.Text("namespace");
        if (!string.IsNullOrEmpty(given) && given != @namespace)
        {
            throw ApiException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }

        if (resource.IsNamespaced)
        {
            metadata["namespace"] = @namespace;
        }
        else
        {
            metadata.Remove("namespace");
        }
    }

    private static void Validate(JsonObject obj, Resource resource)
    {
        var errors = CustomModel.ValidateCreate(obj, resource).Concat(resource.Strategy.ValidateCreate(obj)).ToList();
        if (errors.Count > 0)
        {
            throw ApiException.Invalid(resource.Group, resource.Kind, MetadataOf(obj).Text("name") ?? "", errors);
        }
    }

    /// <summary>Gives the object the one form that equal objects share, whatever was added to it on the way.</summary>
    public static void Canonicalize(JsonObject obj, Resource resource)
    {
        resource.Conversion?.ToStored(obj);
        if (resource.Custom is not null)
        {
            CustomObjects.Canonicalize(obj);
            return;
        }

        Pruner.Prune(obj, resource.Conversion?.StoredType ?? resource.Type);
    }

    /// <summary>The object's metadata, which is made when missing.</summary>
    public static JsonObject MetadataOf(JsonObject obj)
    {
        if (obj["metadata"] is JsonObject metadata)
        {
            return metadata;
        }

        metadata = [];
        obj["metadata"] = metadata;
        return metadata;
    }

    private sealed record NewObject(Resource Resource, string Namespace, JsonObject Object, ReadOnlyMemory<byte> Owned, bool IsNamed);
}
