using System.Text.Json.Nodes;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Ownership;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Registry;

/// <summary>The managedFields that go with a write.</summary>
/// <param name="Utf8">The list as JSON; empty for none.</param>
/// <param name="IsNews">Whether more than times differs from what is stored.</param>
internal readonly record struct OwnedFields(ReadOnlyMemory<byte> Utf8, bool IsNews);

/// <summary>
/// Keeps account of who set which field. managedFields travel beside the trees, as bytes: most writes only change the
/// time of one entry, and nothing but this class has to look into them.
/// </summary>
internal sealed class FieldOwnership(TimeProvider time)
{
    private const string Name = "managedFields";

    /// <summary>Takes what the client says about managedFields out of a new object, and finds who owns its fields.</summary>
    public ReadOnlyMemory<byte> OnCreate(Resource resource, JsonObject obj, WriteContext context)
    {
        var given = Take(obj);
        if (context.Applied is { } applied)
        {
            return applied.Utf8;
        }

        if (context.Manager is null)
        {
            return default;
        }

        var entries = given is null || IsReset(given) ? [] : ManagedFields.ReadChecked(JsonText.Write(given)) ?? [];
        var ownership = For(resource, context);
        var tracked = OwnershipTracker.Update(entries, FieldComparer.Compare(ownership.Blank, obj, ownership.Type), ownership);
        return ManagedFields.Write(tracked.Entries);
    }

    /// <summary>Takes what the client says about managedFields out of an updated object, and finds who owns its fields now.</summary>
    public OwnedFields OnUpdate(Resource resource, CachedObject current, (JsonObject Old, JsonObject Updated) versions, WriteContext context)
    {
        var given = Take(versions.Updated);
        var live = current.ManagedFields;
        if (context.Applied is { } applied)
        {
            return applied;
        }

        if (context.Manager is null)
        {
            return new OwnedFields(live, IsNews: false);
        }

        var own = context.Subresource is null && context.OwnedThrough is null && given is not null ? JsonText.Write(given) : [];
        var isGiven = own.Length > 0 && !live.Span.SequenceEqual(own);
        var entries = isGiven ? Given(given!, own, live) : ManagedFields.Read(live) ?? [];
        if (entries.Count == 0)
        {
            // Nobody kept account of this object so far; applying begins to.
            return new OwnedFields(default, IsNews: isGiven && !live.IsEmpty);
        }

        var ownership = For(resource, context);
        var tracked = OwnershipTracker.Update(entries, FieldComparer.Compare(versions.Old, versions.Updated, ownership.Type), ownership);
        return new OwnedFields(ManagedFields.Write(tracked.Entries), tracked.SetsChanged || isGiven);
    }

    /// <summary>Who writes, as the accounts have it.</summary>
    public OwnershipContext For(Resource resource, WriteContext context) =>
        new(context.Manager ?? "", resource.GroupVersion, KubeTime.Format(time.GetUtcNow()))
        {
            Type = resource.FieldType,
            Blank = resource.Blank,
            Subresource = context.Subresource ?? context.OwnedThrough ?? "",
            Counting = ResetFields.For(resource, context.Subresource),
            InVersion = (version, changes) => resource.Serves(version) ? changes : null,
        };

    /// <summary>What a client sent to have the accounts forgotten: an empty list, or a list of one empty entry.</summary>
    private static bool IsReset(JsonNode given) => given is JsonArray { Count: 0 } || (given is JsonArray { Count: 1 } one && one[0] is JsonObject { Count: 0 });

    private static List<ManagedEntry> Given(JsonNode given, byte[] own, ReadOnlyMemory<byte> live)
    {
        if (IsReset(given))
        {
            return [];
        }

        // What cannot be read is no reason to refuse the write, nor to forget what is known.
        var entries = ManagedFields.ReadChecked(own);
        return entries is { Count: > 0 } ? entries : ManagedFields.Read(live) ?? [];
    }

    private static JsonNode? Take(JsonObject obj) => obj.Child("metadata") is { } metadata && metadata.Remove(Name, out var given) ? given : null;
}
