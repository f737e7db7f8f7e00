using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Admission;
using Sealos.ApiServer.Strategies;
using Sealos.ApiServer.CustomKinds;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;
using Sealos.Store;

namespace Sealos.ApiServer.Registry;

/// <summary>An update's outcome: the object as it is now, and whether the update made it.</summary>
internal readonly record struct UpdateResult(CachedObject Object, bool Created);

/// <summary>An update to be tried: from the object as it is to the object as it shall be.</summary>
/// <param name="Resource">The kind.</param>
/// <param name="Namespace">The namespace; empty for cluster-scoped kinds.</param>
/// <param name="Name">The object's name.</param>
/// <param name="Change">Makes the new object from a copy of the current one, which it may change; called again after a conflict.</param>
internal sealed record UpdateRequest(Resource Resource, string Namespace, string Name, Func<JsonObject, JsonObject> Change)
{
    /// <summary>The body to create when the object does not exist, for kinds that allow it.</summary>
    public Func<JsonObject>? CreateInstead { get; init; }

    /// <summary>For server-side apply: makes the object and the accounts of its fields in one, instead of <see cref="Change"/>; of the current object, which it must not change, or a blank object where there is none.</summary>
    public Func<JsonObject, CachedObject?, JsonObject>? Apply { get; init; }

    /// <summary>Whether <see cref="Change"/> has to see the managedFields, which few patches speak of.</summary>
    public bool NeedsManagedFields { get; init; }

    /// <summary>Set for writes that the kind's own rules about clients do not concern, such as binding a pod.</summary>
    public bool IsInternal { get; init; }

    /// <summary>Set when the change is of the whole object, status included.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Set when what is written is a part with a form of its own, which admission judges in place of the object.</summary>
    public PartForm? Part { get; init; }
}

/// <summary>A part of an object with a form of its own.</summary>
/// <param name="Kind">What the form is called, and the part's path.</param>
/// <param name="Show">The part of an object.</param>
/// <param name="Take">Puts a part that admission changed into the object.</param>
internal sealed record PartForm(PartKind Kind, Func<JsonObject, JsonObject> Show, Action<JsonObject, JsonObject> Take);

/// <summary>Updates objects: read, change, check, and write if nobody else did meanwhile; else again.</summary>
internal sealed class ObjectUpdater(ObjectStore store, ObjectCreator creator, AdmissionChain admission, FieldOwnership ownership)
{
    private const int Attempts = 6;

    /// <summary>Runs an update.</summary>
    public async Task<UpdateResult> UpdateAsync(UpdateRequest request, WriteContext context, CancellationToken cancellationToken)
    {
        var (resource, @namespace, name, _) = request;
        for (var attempt = 1; ; attempt++)
        {
            if (resource.Cache.Get(@namespace, name) is not { } current)
            {
                try
                {
                    return await CreateInsteadAsync(request, context, cancellationToken).ConfigureAwait(false);
                }
                catch (ApiException e) when (request.Apply is not null && e.Reason == "AlreadyExists" && attempt < Attempts)
                {
                    // Someone else created it meanwhile; the next round applies to theirs.
                    continue;
                }
            }

            var old = ReadCurrent(resource, current);
            var updated = Change(request, old, current);
            CheckPreconditions(resource, updated, current, name);
            try
            {
                var result = await TryUpdateAsync(request, new Attempt(current, old, updated), context, cancellationToken).ConfigureAwait(false);
                return new UpdateResult(result, Created: false);
            }
            catch (RevisionConflictException) when (attempt < Attempts)
            {
                // Someone else wrote meanwhile; the next round sees their version, and refuses if the client named one.
            }
            catch (RevisionConflictException)
            {
                throw ApiException.Modified(resource.Group, resource.Plural, name);
            }
        }
    }

    private static JsonObject ReadCurrent(Resource resource, CachedObject current)
    {
        var old = current.Parse();
        resource.Conversion?.ToView(old);
        return old;
    }

    private static JsonObject Change(UpdateRequest request, JsonObject old, CachedObject current)
    {
        if (request.Apply is { } apply)
        {
            return apply(old, current);
        }

        var copy = (JsonObject)old.DeepClone();
        if (request.NeedsManagedFields && current.ManagedFields is { IsEmpty: false } managed)
        {
            ObjectCreator.MetadataOf(copy)["managedFields"] = JsonText.ParseNode(managed);
        }

        return request.Change(copy);
    }

    private async Task<UpdateResult> CreateInsteadAsync(UpdateRequest request, WriteContext context, CancellationToken cancellationToken)
    {
        if ((!request.Resource.Strategy.CreatesOnUpdate && request.Apply is null) || request.CreateInstead is null)
        {
            throw request.Resource.NotFound(request.Name);
        }

        var obj = request.CreateInstead();
        var metadata = ObjectCreator.MetadataOf(obj);
        metadata["name"] = request.Name;
        metadata.Remove("resourceVersion");
        return new UpdateResult(await creator.CreateAsync(request.Resource, request.Namespace, obj, context, cancellationToken).ConfigureAwait(false), Created: true);
    }

    private async Task<CachedObject> TryUpdateAsync(UpdateRequest request, Attempt round, WriteContext context, CancellationToken cancellationToken)
    {
        var (resource, @namespace, name, _) = request;
        var (current, old, updated) = round;
        ObjectCreator.CheckNamespace(ObjectCreator.MetadataOf(updated), resource, @namespace);
        if (context.Subresource is { } part)
        {
            updated = resource.Strategy.PrepareForPart(part, updated, old);
        }

        KeepMetadata(updated, old);
        var owned = ownership.OnUpdate(resource, current, (old, updated), context);
        var attributes = new AdmissionAttributes(Operation.Update, resource, context)
        {
            Namespace = resource is { Plural: "namespaces", Group: "" } ? name : @namespace,
            Name = name,
            Object = updated,
            OldObject = old,
            ManagedFields = owned.Utf8,
            OldManagedFields = current.ManagedFields,
        };

        // Step 6: admission changes the object.
        attributes = await MutateAsync(request.Part, attributes, cancellationToken).ConfigureAwait(false);
        updated = attributes.Object!;

        // Step 7: the kind's own rules, then validation.
        Prepare(request, updated, old, context);

        // Step 8: admission judges the object.
        await admission.ValidateAsync(AsPart(request.Part, attributes), cancellationToken).ConfigureAwait(false);

        // Step 9: the object is stored, unless nothing changed.
        return await StoreAsync(request, attributes, round with { Owned = owned }).ConfigureAwait(false);
    }

    private async ValueTask<AdmissionAttributes> MutateAsync(PartForm? part, AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (part is null)
        {
            await admission.MutateAsync(attributes, cancellationToken).ConfigureAwait(false);
            return Confine(attributes);
        }

        var asked = AsPart(part, attributes);
        await admission.MutateAsync(asked, cancellationToken).ConfigureAwait(false);
        if (asked.Round is { HasChanged: true })
        {
            part.Take(attributes.Object!, asked.Object!);
        }

        return attributes;
    }

    private static AdmissionAttributes AsPart(PartForm? part, AdmissionAttributes attributes) => part is null ? attributes : attributes with
    {
        Part = part.Kind,
        Object = part.Show(attributes.Object!),
        OldObject = part.Show(attributes.OldObject!),
        ManagedFields = default,
        OldManagedFields = default,
    };

    /// <summary>A webhook's change reaches no further than what the request was about.</summary>
    private static AdmissionAttributes Confine(AdmissionAttributes attributes)
    {
        var (updated, old, resource) = (attributes.Object!, attributes.OldObject!, attributes.Resource);
        if (attributes.Round is not { HasChanged: true })
        {
            return attributes;
        }

        ObjectCreator.CheckNamespace(ObjectCreator.MetadataOf(updated), resource, resource.IsNamespaced ? attributes.Namespace : "");
        if (attributes.Subresource is { } part)
        {
            updated = resource.Strategy.PrepareForPart(part, updated, old);
            KeepMetadata(updated, old);
        }

        return attributes with { Object = updated };
    }

    private static void Prepare(UpdateRequest request, JsonObject updated, JsonObject old, WriteContext context)
    {
        var resource = request.Resource;
        if (context.Subresource is null && !request.IsWhole)
        {
            resource.Strategy.PrepareForUpdate(updated, old, resource);
        }

        CustomModel.Prune(updated, resource);
        if (resource.Strategy.HasGeneration && ContentChanged(updated, old, resource.Strategy.GenerationCountsStatus && context.Subresource is null))
        {
            var metadata = ObjectCreator.MetadataOf(updated);
            metadata["generation"] = (metadata.Number("generation") ?? 0) + 1;
        }

        if (request.IsInternal)
        {
            return;
        }

        CustomModel.Warn(updated, old, resource, context);
        var errors = CustomModel.ValidateUpdate(updated, old, resource, context.Subresource).Concat(resource.Strategy.ValidateUpdate(updated, old)).ToList();
        if (errors.Count > 0)
        {
            throw ApiException.Invalid(resource.Group, resource.Kind, request.Name, errors);
        }
    }

    private async Task<CachedObject> StoreAsync(UpdateRequest request, AdmissionAttributes attributes, Attempt round)
    {
        var (resource, @namespace, name, _) = request;
        var (updated, context) = (attributes.Object!, attributes.Context);
        var current = round.Current;
        if (ObjectDeleter.IsFinished(updated, resource))
        {
            ObjectCreator.Canonicalize(updated, resource);
            if (!context.DryRun)
            {
                await store.DeleteAsync(resource, @namespace, name, current.Revision).ConfigureAwait(false);
            }

            return ObjectStore.Unwritten(resource, ObjectBytes.Write(updated, round.Owned.Utf8.Span), @namespace, name, current.Revision);
        }

        var charge = admission.Reserve(attributes);
        IReservation? reservation = null;
        try
        {
            reservation = context.Subresource is null ? resource.Strategy.Reserve(updated, round.Old) : null;
            ObjectCreator.Canonicalize(updated, resource);
            var bytes = ObjectBytes.Write(updated, round.Owned.Utf8.Span);
            if (ObjectBytes.SameContent(current.Utf8, bytes) || IsOldNews(round, updated))
            {
                return current;
            }

            if (context.DryRun)
            {
                return ObjectStore.Unwritten(resource, bytes, @namespace, name, current.Revision);
            }

            var stored = await store.PutAsync(resource, bytes, @namespace, name, current.Revision).ConfigureAwait(false);
            charge?.Commit();
            reservation?.Commit();
            (charge, reservation) = (null, null);
            return stored;
        }
        finally
        {
            reservation?.Rollback();
            charge?.Rollback();
        }
    }

    /// <summary>Whether nothing would change but the time at which somebody set a field to what it is already.</summary>
    private static bool IsOldNews(Attempt round, JsonObject updated) =>
        !round.Owned.IsNews
        && !round.Owned.Utf8.Span.SequenceEqual(round.Current.ManagedFields.Span)
        && ObjectBytes.SameContent(round.Current.Utf8, ObjectBytes.Write(updated, round.Current.ManagedFields.Span));

    private static void CheckPreconditions(Resource resource, JsonObject updated, CachedObject current, string name)
    {
        var metadata = ObjectCreator.MetadataOf(updated);
        var givenName = metadata.Text("name");
        if (!string.IsNullOrEmpty(givenName) && givenName != name)
        {
            throw ApiException.BadRequest($"the name of the object ({givenName}) does not match the name on the URL ({name})");
        }

        metadata["name"] = name;
        var uid = metadata.Text("uid");
        if (!string.IsNullOrEmpty(uid) && uid != current.Uid)
        {
            var key = current.Namespace.Length == 0 ? name : $"{current.Namespace}/{name}";
            throw ApiException.Conflict(resource.Group, resource.Plural, name, $"StorageError: invalid object, Code: 4, Key: /registry/{resource.Plural}/{key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, UID in object meta: {current.Uid}");
        }

        var revision = metadata.Text("resourceVersion");
        if (revision is null or "" or "0")
        {
            if (resource.Strategy.RequiresRevision)
            {
                throw ApiException.Invalid(resource.Group, resource.Plural, name, new FieldError(FieldErrorType.Invalid, "metadata.resourceVersion", "0x0", "must be specified for an update"));
            }
        }
        else if (revision != current.Revision.ToString(CultureInfo.InvariantCulture))
        {
            throw ulong.TryParse(revision, NumberStyles.None, CultureInfo.InvariantCulture, out _)
                ? ApiException.Modified(resource.Group, resource.Plural, name)
                : new ApiException(500, null, $"strconv.ParseUint: parsing {GoString.Quote(revision)}: invalid syntax");
        }
    }

    /// <summary>What only the server sets stays as it is, whatever the body says.</summary>
    private static void KeepMetadata(JsonObject updated, JsonObject old)
    {
        var metadata = ObjectCreator.MetadataOf(updated);
        var kept = old.Child("metadata")!;
        foreach (var name in (ReadOnlySpan<string>)["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "generateName", "resourceVersion"])
        {
            if (kept[name] is { } value)
            {
                metadata[name] = value.DeepClone();
            }
            else
            {
                metadata.Remove(name);
            }
        }
    }

    private static bool ContentChanged(JsonObject updated, JsonObject old, bool countsStatus)
    {
        foreach (var name in updated.Select(p => p.Key).Union(old.Select(p => p.Key)))
        {
            if (name is not ("metadata" or "kind" or "apiVersion") && (countsStatus || name != "status") && !JsonNode.DeepEquals(updated[name], old[name]))
            {
                return true;
            }
        }

        return false;
    }

    private sealed record Attempt(CachedObject Current, JsonObject Old, JsonObject Updated)
    {
        public OwnedFields Owned { get; init; }
    }
}
