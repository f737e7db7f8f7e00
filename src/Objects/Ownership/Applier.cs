using System.Text.Json.Nodes;

namespace Sealos.Objects.Ownership;

/// <summary>What an apply makes of an object.</summary>
/// <param name="Object">The object, before defaults.</param>
/// <param name="Entries">Who owns what in it.</param>
public sealed record ApplyOutcome(JsonObject Object, List<ManagedEntry> Entries);

/// <summary>A field that somebody else owns and that an apply would change.</summary>
/// <param name="Owner">Who owns it.</param>
/// <param name="Field">The field, as messages show it.</param>
/// <param name="Path">The field.</param>
public sealed record ApplyConflict(FieldOwner Owner, string Field, IReadOnlyList<PathElement> Path);

/// <summary>An apply that would change what others own, and does not say that it shall.</summary>
public sealed class ApplyConflictException(IReadOnlyList<ApplyConflict> conflicts) : Exception(Describe(conflicts))
{
    /// <summary>The fields and their owners.</summary>
    public IReadOnlyList<ApplyConflict> Conflicts => conflicts;

    private static string Describe(IReadOnlyList<ApplyConflict> conflicts)
    {
        if (conflicts.Count == 1)
        {
            return $"Apply failed with 1 conflict: conflict with {conflicts[0].Owner}: {conflicts[0].Field}";
        }

        var lines = conflicts.GroupBy(c => c.Owner).SelectMany(group => group.Select(c => $"- {c.Field}").Prepend($"conflicts with {group.Key}:"));
        return $"Apply failed with {conflicts.Count} conflicts: {string.Join('\n', lines)}";
    }
}

/// <summary>
/// Applies: the object that a manager wants is laid over the live one, what the manager wanted before and does not want
/// any more goes unless others own it, and what others own is only changed by force.
/// </summary>
public static class Applier
{
    private const string BeforeFirstApply = "before-first-apply";

    /// <summary>Applies an object over a live one.</summary>
    /// <param name="live">The object as it is, or a blank one.</param>
    /// <param name="entries">Who owns what in it.</param>
    /// <param name="wanted">What the manager wants.</param>
    /// <param name="force">Whether conflicts are won rather than refused.</param>
    /// <param name="context">Who applies.</param>
    /// <exception cref="FieldTypeException">What is wanted is not of the type.</exception>
    /// <exception cref="ApplyConflictException">Others own what would change.</exception>
    public static ApplyOutcome Apply(JsonObject live, IReadOnlyList<ManagedEntry> entries, JsonObject wanted, bool force, OwnershipContext context)
    {
        FieldChecker.Check(wanted, context.Type);
        if (entries.Count == 0)
        {
            // Nobody kept account so far: somebody must own what is there, for it not to be changed unasked.
            var all = FieldComparer.Compare(context.Blank, live, context.Type);
            entries = OwnershipTracker.Update([], all, context with { Manager = BeforeFirstApply }).Entries;
        }

        try
        {
            return TryApply(live, entries, wanted, force, context);
        }
        catch (ApplyConflictException e) when (context.Manager == LastApplied.Manager && LastApplied.OwnFields(live, context) is { } own)
        {
            var left = e.Conflicts.Where(c => !own.Contains([.. c.Path])).ToList();
            return left.Count == 0 ? TryApply(live, entries, wanted, force: true, context) : throw new ApplyConflictException(left);
        }
    }

    private static ApplyOutcome TryApply(JsonObject live, IReadOnlyList<ManagedEntry> entries, JsonObject wanted, bool force, OwnershipContext context)
    {
        var self = context.Owner(isApply: true);
        var before = entries.FirstOrDefault(e => e.Owner.IsSame(self));
        var others = entries.Where(e => !e.Owner.IsSame(self)).ToList();
        var set = context.Counting.Of(FieldExtractor.Extract(wanted, context.Type));
        var merged = FieldMerger.Merge(live, wanted, context.Type);
        if (before is not null && !before.Fields.Equals(set) && context.ChangesFor(before.Owner, new FieldChanges(FieldSet.Empty, FieldSet.Empty)) is not null)
        {
            merged = Prune(merged, before.Fields, others.Aggregate(set, (all, e) => all.Union(e.Fields)), context.Type);
        }

        var changes = FieldComparer.Compare(live, merged, context.Type).Of(context.Counting);
        var after = Others(others, changes, force, context);
        var owned = OwnershipTracker.Strip(set);
        if (!owned.IsEmpty)
        {
            // Who agrees with what is there already takes nothing, so their time stays.
            var time = JsonNode.DeepEquals(live, merged) ? before?.Time : context.Time;
            after.Add(new ManagedEntry(self, time, owned));
        }

        if (context.Manager == LastApplied.Manager)
        {
            LastApplied.Follow(merged, wanted);
        }

        return new ApplyOutcome(merged, after);
    }

    private static List<ManagedEntry> Others(List<ManagedEntry> others, FieldChanges changes, bool force, OwnershipContext context)
    {
        var after = new List<ManagedEntry>();
        var conflicts = new List<ApplyConflict>();
        foreach (var entry in others)
        {
            if (context.ChangesFor(entry.Owner, changes) is not { } seen)
            {
                continue;
            }

            if (entry.CountShared(seen.Changed) > 0)
            {
                conflicts.AddRange(entry.Fields.Intersect(seen.Changed).Paths().Select(p => new ApplyConflict(entry.Owner, FieldSet.Describe(p), p)));
            }

            if (OwnershipTracker.Lose(entry, seen.Changed, seen.Removed) is { } left)
            {
                after.Add(left);
            }
        }

        return conflicts.Count == 0 || force ? after : throw new ApplyConflictException(conflicts);
    }

    /// <summary>Takes out what was applied last time and is neither applied now nor owned by others.</summary>
    private static JsonObject Prune(JsonObject merged, FieldSet last, FieldSet owned, FieldType type)
    {
        var before = last.WithNamedFields(type);
        var all = FieldExtractor.Extract(merged, type).WithNamedFields(type);
        var pruned = FieldRemover.Remove(merged, before, type);

        // What was removed along with its parent although somebody owns it comes back, and so does what nobody owned.
        var kept = FieldExtractor.Extract(pruned, type).WithNamedFields(type).Union(owned.WithNamedFields(type));
        pruned = FieldRemover.Remove(merged, all.Except(kept), type);
        var left = FieldExtractor.Extract(pruned, type).WithNamedFields(type);
        return FieldRemover.Remove(merged, all.Except(left).Intersect(before), type);
    }
}
