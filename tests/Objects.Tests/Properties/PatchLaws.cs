using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Sealos.Objects.Patches;
using Sealos.Objects.Schema;

namespace Sealos.Objects.Tests.Properties;

public sealed class PatchLaws
{
    private static readonly TypeSchema PodSpec = KubeSchema.Default.GetType("core/v1.PodSpec");

    [Fact]
    public void MergePatch_MadeOfTwoDocuments_TurnsOneIntoTheOther() => Random.Check(Prop.ForAll(Gen.Zip(Random.PodSpec, Random.PodSpec).ToArbitrary(), pair =>
        JsonNode.DeepEquals(MergePatch.Apply(pair.Item1, MergePatch.Create(pair.Item1, pair.Item2)), pair.Item2)));

    [Fact]
    public void MergePatch_Twice_IsOnce() => Random.Check(Prop.ForAll(Gen.Zip(Random.Object, Random.Object).ToArbitrary(), pair =>
    {
        var once = MergePatch.Apply(pair.Item1, pair.Item2);
        return JsonNode.DeepEquals(MergePatch.Apply(once, pair.Item2), once);
    }));

    [Fact]
    public void StrategicMerge_OfADocumentIntoItself_ChangesNothing() => Random.Check(Prop.ForAll(Random.PodSpec.ToArbitrary(), spec =>
        JsonNode.DeepEquals(StrategicMergePatch.Apply(spec, spec, PodSpec, KubeSchema.Default), spec)));

    [Fact]
    public void StrategicMerge_Twice_IsOnce() => Random.Check(Prop.ForAll(Gen.Zip(Random.PodSpec, Random.PodSpec).ToArbitrary(), pair =>
    {
        var once = StrategicMergePatch.Apply(pair.Item1, pair.Item2, PodSpec, KubeSchema.Default);
        return JsonNode.DeepEquals(StrategicMergePatch.Apply(once, pair.Item2, PodSpec, KubeSchema.Default), once);
    }));

    [Fact]
    public void StrategicMerge_ThreeWay_KeepsWhatOthersAddedAndDropsWhatTheClientDropped() => Random.Check(Prop.ForAll(Gen.Zip(Gen.Zip(Random.PodSpec, Random.PodSpec), Random.PodSpec).ToArbitrary(), three =>
    {
        // What kubectl does: what was applied before, what is wanted now, and what is there with others' additions.
        var ((before, wanted), others) = three;
        var live = StrategicMergePatch.Apply(before, others, PodSpec, KubeSchema.Default);
        var patch = (JsonObject)wanted.DeepClone();
        var gone = Names(before).Except(Names(wanted)).ToList();
        var list = patch["containers"] as JsonArray ?? [];
        foreach (var name in gone)
        {
            list.Add((JsonNode)new JsonObject { ["$patch"] = "delete", ["name"] = name });
        }

        if (list.Count > 0 && list.Parent is null)
        {
            patch["containers"] = list;
        }

        patch["$setElementOrder/containers"] = new JsonArray([.. Names(wanted).Select(n => (JsonNode)new JsonObject { ["name"] = n })]);
        var result = StrategicMergePatch.Apply(live, patch, PodSpec, KubeSchema.Default);
        var names = Names(result);
        return names.ToHashSet().SetEquals(Names(live).Union(Names(wanted)).Except(gone)) && names.Where(Names(wanted).Contains).SequenceEqual(Names(wanted));
    }));

    [Fact]
    public void StrategicMerge_OfAnything_IsDoneOrRefused() => Random.Check(Prop.ForAll(Gen.Zip(Random.Object, Random.Object).ToArbitrary(), pair =>
    {
        foreach (var type in new[] { PodSpec, KubeSchema.Default.GetType("core/v1.Pod") })
        {
            try
            {
                StrategicMergePatch.Apply(pair.Item1, pair.Item2, type, KubeSchema.Default);
            }
            catch (PatchException)
            {
                // Refused.
            }
        }
    }), 500);

    [Fact]
    public void JsonPatch_OfAnything_IsDoneOrRefused() => Random.Check(Prop.ForAll(Gen.Zip(Random.Json, Operation.ListOf()).ToArbitrary(), pair =>
    {
        try
        {
            JsonPatch.Apply(pair.Item1 ?? new JsonObject(), new JsonArray([.. pair.Item2.Select(o => o.DeepClone())]));
        }
        catch (PatchException)
        {
            // Refused.
        }
    }), 500);

    [Fact]
    public void JsonPatch_AddThenRemove_ChangesNothing() => Random.Check(Prop.ForAll(Gen.Zip(Random.Object, Random.Json).ToArbitrary(), pair =>
    {
        var operations = JsonNode.Parse("""[{"op":"add","path":"/new~1~0name","value":null},{"op":"test","path":"/new~1~0name","value":null},{"op":"remove","path":"/new~1~0name"}]""")!.AsArray();
        operations[0]!["value"] = pair.Item2?.DeepClone();
        operations[1]!["value"] = pair.Item2?.DeepClone();
        return JsonNode.DeepEquals(JsonPatch.Apply(pair.Item1, operations), pair.Item1);
    }));

    private static Gen<JsonObject> Operation =>
        from verb in Gen.Elements("add", "remove", "replace", "move", "copy", "test", "bad")
        from path in Random.Text.ListOf()
        from source in Random.Text.ListOf()
        from value in Random.Json
        select new JsonObject { ["op"] = verb, ["path"] = Path(path), ["from"] = Path(source), ["value"] = value?.DeepClone() };

    private static string Path(IList<string> parts) => string.Concat(parts.Take(3).Select(p => "/" + p));

    private static List<string> Names(JsonObject spec) => [.. (spec["containers"] as JsonArray ?? []).Select(c => c!["name"]!.GetValue<string>())];
}
