namespace Sealos.Objects.Ownership;

/// <summary>Entries after a write.</summary>
/// <param name="Entries">The entries.</param>
/// <param name="SetsChanged">Whether anything but a time differs from before.</param>
public sealed record TrackedOwnership(List<ManagedEntry> Entries, bool SetsChanged);

/// <summary>Keeps account of who set which field when objects are created, updated and patched.</summary>
public static class OwnershipTracker
{
    /// <summary>More updaters than this are not kept apart.</summary>
    public const int MaxUpdaters = 10;

    private const string AncientManager = "ancient-changes";

    /// <summary>Nobody owns these: they are the object's identity, or the server's.</summary>
    private static readonly FieldSet Unowned = FieldSet.OfFields(
        "apiVersion", "kind", "metadata", "metadata.name", "metadata.namespace", "metadata.creationTimestamp", "metadata.selfLink", "metadata.uid",
        "metadata.clusterName", "metadata.generation", "metadata.managedFields", "metadata.resourceVersion");

    /// <summary>The entries after a write that made these changes: who changes a field owns it alone, and nobody owns what is gone.</summary>
    public static TrackedOwnership Update(IReadOnlyList<ManagedEntry> entries, FieldChanges changes, OwnershipContext context)
    {
        changes = changes.Of(context.Counting);
        var taken = Strip(changes.Changed);
        if (taken.IsEmpty && changes.IsEmpty)
        {
            return new TrackedOwnership([.. entries], SetsChanged: false);
        }

        var self = context.Owner(isApply: false);
        var result = new List<ManagedEntry>(entries.Count + 1);
        var (changed, isKnown) = (false, false);
        foreach (var entry in entries)
        {
            var isSelf = entry.Owner.IsSame(self);
            isKnown |= isSelf;
            var after = isSelf ? Take(entry, taken, changes, context.Time)
                : context.ChangesFor(entry.Owner, changes) is { } seen ? Lose(entry, seen.Changed, seen.Removed) : null;
            changed |= after is null || (!ReferenceEquals(after, entry) && after.Written.IsEmpty);
            if (after is not null)
            {
                result.Add(after);
            }
        }

        if (!isKnown && !taken.IsEmpty)
        {
            changed = true;
            result.Add(new ManagedEntry(self, context.Time, taken));
        }

        Cap(result);
        return new TrackedOwnership(result, changed);
    }

    /// <summary>A set without the fields that nobody owns.</summary>
    internal static FieldSet Strip(FieldSet set) => set.Except(Unowned);

    /// <summary>An entry without fields that somebody else changed or that are gone; the entry itself when it had none of them.</summary>
    internal static ManagedEntry? Lose(ManagedEntry entry, FieldSet changed, FieldSet removed) =>
        entry.CountShared(changed) == 0 && entry.CountShared(removed) == 0 ? entry : entry.With(entry.Fields.Except(changed).Except(removed));

    private static ManagedEntry? Take(ManagedEntry entry, FieldSet taken, FieldChanges changes, string time)
    {
        if (taken.IsEmpty)
        {
            return Lose(entry, taken, changes.Removed);
        }

        if (entry.CountShared(changes.Removed) == 0 && entry.CountShared(taken) == taken.Count)
        {
            return entry.At(time);
        }

        return new ManagedEntry(entry.Owner, time, entry.Fields.Except(changes.Removed).Union(taken));
    }

    /// <summary>Joins the oldest updaters of a version until there are few enough.</summary>
    private static void Cap(List<ManagedEntry> entries)
    {
        var updaters = entries.Where(e => !e.Owner.IsApply).ToList();
        if (updaters.Count <= MaxUpdaters)
        {
            return;
        }

        updaters = [.. updaters.OrderBy(e => e.Time ?? "", StringComparer.Ordinal).ThenBy(e => e.Owner.Manager, StringComparer.Ordinal)];
        var first = new Dictionary<string, ManagedEntry>();
        var left = updaters.Count;
        foreach (var updater in updaters)
        {
            if (left <= MaxUpdaters)
            {
                return;
            }

            var version = updater.Owner.ApiVersion;
            if (!first.TryGetValue(version, out var older))
            {
                first[version] = updater;
                continue;
            }

            var bucket = new FieldOwner(AncientManager, false, version, "");
            var known = entries.Find(e => e.Owner.IsSame(bucket));
            entries.RemoveAll(e => e.Owner.IsSame(bucket) || e.Owner.IsSame(updater.Owner) || (known is null && e.Owner.IsSame(older.Owner)));
            entries.Add(new ManagedEntry(bucket, updater.Time, updater.Fields.Union((known ?? older).Fields)));
            left--;
        }
    }
}
