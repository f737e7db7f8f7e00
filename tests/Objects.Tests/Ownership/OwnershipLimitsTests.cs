using System.Text;
using System.Text.Json.Nodes;
using Sealos.Objects.Ownership;
using Sealos.Objects.Schema;

namespace Sealos.Objects.Tests.Ownership;

/// <summary>What clients can send within the size of a body costs neither depth nor more time than its size.</summary>
public sealed class OwnershipLimitsTests
{
    private static readonly FieldType PodSpec = FieldTypes.For(KubeSchema.Default.GetType("core/v1.PodSpec"));

    [Fact]
    public void Compare_DeepValues_OwnsWhatIsBelowAsOne()
    {
        var changed = FieldComparer.Compare(Nested(300, 1), Nested(300, 2), FieldType.Any).Changed;
        Assert.Equal([FieldSet.MaxSteps], changed.Paths().Select(p => p.Count));
        var extracted = FieldExtractor.Extract(Nested(300, 1), FieldType.Any);
        Assert.Equal(FieldSet.MaxSteps, extracted.Paths().Max(p => p.Count));
    }

    [Fact]
    public void Merge_DeepValues_ReplacesWhatIsOwnedAsOne()
    {
        var (live, applied) = (Nested(60, 1), Nested(60, 2));
        At(live, 55)["other"] = true;
        At(live, 10)["other"] = true;
        var merged = FieldMerger.Merge(live, applied, FieldType.Any);
        Assert.False(At(merged, 55).ContainsKey("other"));
        Assert.True(At(merged, 10).ContainsKey("other"));
    }

    [Theory]
    [InlineData(50, true)]
    [InlineData(51, false)]
    [InlineData(500, false)]
    public void ReadChecked_TakesSetsOfReasonableDepth(int steps, bool isTaken)
    {
        var set = string.Concat(Enumerable.Repeat("{\"f:a\":", steps)) + "{\".\":{}}" + new string('}', steps);
        Assert.Equal(isTaken, ManagedFields.ReadChecked(Entries(set)) is not null);
    }

    [Fact]
    public void Read_StoredSetThatIsTooDeep_EndsAtTheLimit()
    {
        var set = string.Concat(Enumerable.Repeat("{\"f:a\":", 400)) + "{}" + new string('}', 400);
        Assert.Equal([FieldSet.MaxSteps], Assert.Single(ManagedFields.Read(Entries(set))!).Fields.Paths().Select(p => p.Count));
    }

    [Theory]
    [InlineData("{\"i:99999999999\":{}}")]
    [InlineData("{\"i:x\":{}}")]
    public void ReadChecked_StepsThatAreNone_AreNotTaken(string set) => Assert.Null(ManagedFields.ReadChecked(Entries(set)));

    [Theory]
    [InlineData(200, true)]
    [InlineData(201, false)]
    public void ReadChecked_TakesAReasonableNumberOfEntries(int count, bool isTaken) =>
        Assert.Equal(isTaken, ManagedFields.ReadChecked(Entries([.. Enumerable.Repeat("{\"f:a\":{}}", count)])) is not null);

    [Fact]
    public void Read_EntriesOfOneOwner_KeepsTheLast()
    {
        var twice = Entries("{\"f:a\":{}}").AsSpan()[1..^1].ToArray();
        var entries = ManagedFields.Read(Encoding.UTF8.GetBytes($"[{Encoding.UTF8.GetString(twice)},{Encoding.UTF8.GetString(twice).Replace("f:a", "f:b", StringComparison.Ordinal)}]"))!;
        Assert.Equal("{\"f:b\":{}}", FieldSetJson.ToText(Assert.Single(entries).Fields));
    }

    [Fact]
    public void Sets_OfManyStepsInAnyOrder_AreSortedAndJoined()
    {
        var set = new FieldSet();
        for (var i = 99_999; i >= 0; i--)
        {
            set.Add(PathElement.Field($"k{i % 50_000:d5}"), isMember: true, null);
        }

        Assert.Equal(50_000, set.Count);
        Assert.Equal(set.Paths().Select(p => p[0].Text).Order(StringComparer.Ordinal), set.Paths().Select(p => p[0].Text));
    }

    [Fact]
    public void Update_OfManyEntries_Finishes()
    {
        var sample = new OwnershipSample("core/v1.ConfigMap");
        var data = Enumerable.Range(0, 50_000).Select(i => $"k{49_999 - i:d5}").ToList();
        sample.Update("a", obj => obj["data"] = new JsonObject(data.Select(k => KeyValuePair.Create(k, (JsonNode?)JsonValue.Create("v")))));
        sample.Update("b", obj => obj["data"] = new JsonObject(data.Select(k => KeyValuePair.Create(k, (JsonNode?)JsonValue.Create("w")))));
        Assert.Equal([("a", 1), ("b", 50_000)], sample.Entries.Select(e => (e.Owner.Manager, e.Fields.Count)).Order());
    }

    [Fact]
    public void Compare_ManyItems_FindsEachByItsKey()
    {
        var changed = FieldComparer.Compare(Env("1"), Env("2"), PodSpec).Changed;
        Assert.Equal(10_000, changed.Count);
        Assert.Equal(10_000, FieldSetJson.CountShared(Encoding.UTF8.GetBytes(FieldSetJson.ToText(changed)), changed));
    }

    private static JsonObject Env(string value) => new()
    {
        ["containers"] = new JsonArray(new JsonObject
        {
            ["name"] = "c",
            ["env"] = new JsonArray([.. Enumerable.Range(0, 10_000).Select(i => new JsonObject { ["name"] = $"E{i}", ["value"] = value })]),
        }),
    };

    private static JsonObject Nested(int levels, int value)
    {
        var obj = new JsonObject { ["a"] = value };
        for (var i = 1; i < levels; i++)
        {
            obj = new JsonObject { ["a"] = obj };
        }

        return obj;
    }

    private static JsonObject At(JsonObject obj, int depth)
    {
        for (var i = 0; i < depth; i++)
        {
            obj = obj["a"]!.AsObject();
        }

        return obj;
    }

    private static byte[] Entries(params string[] sets) =>
        Encoding.UTF8.GetBytes($"[{string.Join(',', sets.Select((s, i) => $"{{\"manager\":\"m{i}\",\"operation\":\"Update\",\"apiVersion\":\"v1\",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":{s}}}"))}]");
}
