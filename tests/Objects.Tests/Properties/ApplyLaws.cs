using System.Text.Json.Nodes;
using FsCheck.Fluent;
using Sealos.Objects.Ownership;
using Sealos.Objects.Tests.Ownership;

namespace Sealos.Objects.Tests.Properties;

public sealed class ApplyLaws
{
    private static OwnershipSample Pod() => new("core/v1.PodSpec");

    [Fact]
    public void Apply_Twice_IsApplyOnce() => Random.Check(Prop.ForAll(Gen.Zip(Random.PodSpec, Random.PodSpec).ToArbitrary(), pair =>
    {
        var once = Pod().Apply("x", pair.Item1).Apply("a", pair.Item2, force: true);
        var (json, owners) = (once.Json, once.Owners);
        var twice = once.Apply("a", pair.Item2);
        return twice.Json == json && twice.Owners == owners;
    }));

    [Fact]
    public void Apply_OfWhatOthersApplied_NeverConflicts() => Random.Check(Prop.ForAll(Random.PodSpec.ToArbitrary(), spec =>
    {
        var pod = Pod().Apply("a", spec).Apply("b", spec);
        return pod.Entries.Count(e => e.Fields.Equals(pod.Entries[0].Fields)) == pod.Entries.Count;
    }));

    [Fact]
    public void Apply_OfDisjointParts_IsTheSameInAnyOrder() => Random.Check(Prop.ForAll(Random.PodSpec.ToArbitrary(), spec =>
    {
        var (left, right) = Split(spec);
        var ab = Pod().Apply("a", left).Apply("b", right);
        var ba = Pod().Apply("b", right).Apply("a", left);
        return JsonNode.DeepEquals(ab.Live, ba.Live) && ab.Owners == ba.Owners;
    }));

    [Fact]
    public void Apply_ByAll_OwnsTheUnionOfWhatTheyApplied() => Random.Check(Prop.ForAll(Random.PodSpec.ListOf().ToArbitrary(), specs =>
    {
        var pod = Pod();
        var applied = FieldSet.Empty;
        for (var i = 0; i < specs.Count; i++)
        {
            pod.Apply($"m{i}", specs[i], force: true);
            applied = applied.Union(FieldExtractor.Extract(specs[i], pod.FieldType));
        }

        return pod.Entries.Aggregate(FieldSet.Empty, (all, e) => all.Union(e.Fields)).Equals(applied);
    }));

    [Fact]
    public void Apply_ByForce_GivesTheApplierItsValues() => Random.Check(Prop.ForAll(Gen.Zip(Random.PodSpec, Random.PodSpec).ToArbitrary(), pair =>
    {
        var pod = Pod().Apply("x", pair.Item1).Apply("a", pair.Item2, force: true);
        var changes = FieldComparer.Compare(FieldMerger.Merge(pod.Live, pair.Item2, pod.FieldType), pod.Live, pod.FieldType);
        return changes.IsEmpty;
    }));

    [Fact]
    public void Apply_AndGiveUp_LeavesWhatOthersHave() => Random.Check(Prop.ForAll(Gen.Zip(Random.PodSpec, Random.PodSpec).ToArbitrary(), pair =>
    {
        var alone = Pod().Apply("x", pair.Item1);
        var both = Pod().Apply("x", pair.Item1);
        try
        {
            both.Apply("a", pair.Item2);
        }
        catch (ApplyConflictException)
        {
            return true;
        }

        both.Apply("a", []);
        return FieldExtractor.Extract(pair.Item1, alone.FieldType).Except(FieldExtractor.Extract(both.Live, alone.FieldType)).IsEmpty && both.Owners == alone.Owners;
    }));

    [Fact]
    public void Update_ByAnyone_LeavesNoFieldToTwoUpdaters() => Random.Check(Prop.ForAll(Random.PodSpec.ListOf().ToArbitrary(), specs =>
    {
        var pod = Pod();
        for (var i = 0; i < specs.Count; i++)
        {
            var spec = specs[i];
            pod.Update($"m{i}", o =>
            {
                o.Clear();
                foreach (var (name, value) in spec)
                {
                    o[name] = value?.DeepClone();
                }
            });
        }

        return pod.Entries.Sum(e => e.Fields.Count) == pod.Entries.Aggregate(FieldSet.Empty, (all, e) => all.Union(e.Fields)).Count;
    }));

    [Fact]
    public void Sets_FollowTheLawsOfSets() => Random.Check(Prop.ForAll(Gen.Zip(Random.PodSpec, Random.PodSpec).ToArbitrary(), pair =>
    {
        var type = Pod().FieldType;
        var (a, b) = (FieldExtractor.Extract(pair.Item1, type), FieldExtractor.Extract(pair.Item2, type));
        return a.Union(b).Equals(b.Union(a))
            && a.Intersect(b).Equals(b.Intersect(a))
            && a.Except(b).Union(a.Intersect(b)).Equals(a)
            && a.Except(b).Intersect(b).IsEmpty
            && a.Union(b).Count == a.Count + b.Count - a.Intersect(b).Count
            && FieldSetJson.Read(System.Text.Encoding.UTF8.GetBytes(FieldSetJson.ToText(a))).Equals(a)
            && FieldSetJson.CountShared(System.Text.Encoding.UTF8.GetBytes(FieldSetJson.ToText(a)), b) == a.Intersect(b).Count;
    }));

    [Fact]
    public void Apply_OfAnything_IsDoneOrRefused() => Random.Check(Prop.ForAll(Gen.Zip(Random.Object, Random.Object).ToArbitrary(), pair =>
    {
        foreach (var type in new[] { FieldType.Any, Pod().FieldType })
        {
            try
            {
                Applier.Apply(pair.Item1, [], pair.Item2, force: true, new OwnershipContext("a", "v1", "2026-01-01T00:00:00Z") { Type = type });
            }
            catch (FieldTypeException)
            {
                // Refused.
            }
        }
    }), 300);

    /// <summary>Every other field to the one, the rest to the other; a container goes to one of them whole.</summary>
    private static (JsonObject Left, JsonObject Right) Split(JsonObject spec)
    {
        var (left, right) = (new JsonObject(), new JsonObject());
        var isLeft = true;
        foreach (var (name, value) in spec)
        {
            (isLeft ? left : right)[name] = value?.DeepClone();
            isLeft = !isLeft;
        }

        return (left, right);
    }
}
