using System.Text;
using Sealos.Objects.Ownership;

namespace Sealos.Objects.Tests.Ownership;

public sealed class FieldSetTests
{
    private const string Written = """{"f:data":{".":{},"f:k":{}},"f:list":{"k:{\"name\":\"a\",\"port\":80}":{".":{},"f:name":{}},"v:\"x\"":{},"i:3":{}}}""";

    private static FieldSet Read(string json) => FieldSetJson.Read(Encoding.UTF8.GetBytes(json));

    [Theory]
    [InlineData(Written)]
    [InlineData("{}")]
    [InlineData("""{"f:a":{}}""")]
    [InlineData("""{"f:p":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{}}}}""", """{"f:p":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{}}}""")]
    [InlineData("""{"f:p":{"k:{\"protocol\": \"TCP\",\"containerPort\":80}":{}}}""", """{"f:p":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{}}}""")]
    [InlineData("""{"f:z":{},"f:a":{},"q:new":{}}""", """{"f:a":{},"f:z":{}}""")]
    [InlineData("""{"f:l":{"v:10":{},"v:9":{},"v:\"b\"":{},"v:\"a!\"":{},"v:\"a\"":{}}}""", """{"f:l":{"v:\"a\"":{},"v:\"a!\"":{},"v:\"b\"":{},"v:9":{},"v:10":{}}}""")]
    public void Write_OfWhatWasRead_IsCanonical(string json, string? expected = null) => 
        Assert.Equal(expected ?? json, FieldSetJson.ToText(Read(json)));

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"f:a":1}""")]
    [InlineData("""{"nocolon":{}}""")]
    [InlineData("""{"k:{":{}}""")]
    [InlineData("""{"i:x":{}}""")]
    [InlineData("""{"f:a":{}""")]
    public void Read_Garbage_IsRefused(string json) => Assert.Throws<FormatException>(() => Read(json));

    [Theory]
    [InlineData("""{"f:a":{}}""", """{"f:b":{}}""", """{"f:a":{},"f:b":{}}""", "{}", """{"f:a":{}}""")]
    [InlineData("""{"f:a":{".":{},"f:b":{}}}""", """{"f:a":{"f:b":{}}}""", """{"f:a":{".":{},"f:b":{}}}""", """{"f:a":{"f:b":{}}}""", """{"f:a":{}}""")]
    [InlineData("""{"f:a":{"f:b":{}}}""", """{"f:a":{}}""", """{"f:a":{".":{},"f:b":{}}}""", "{}", """{"f:a":{"f:b":{}}}""")]
    [InlineData("""{"f:a":{"f:b":{},"f:c":{}}}""", """{"f:a":{"f:c":{},"f:d":{}}}""", """{"f:a":{"f:b":{},"f:c":{},"f:d":{}}}""", """{"f:a":{"f:c":{}}}""", """{"f:a":{"f:b":{}}}""")]
    public void Algebra_OfTwoSets_IsThatOfTheirPaths(string left, string right, string union, string both, string rest)
    {
        Assert.Equal(union, FieldSetJson.ToText(Read(left).Union(Read(right))));
        Assert.Equal(both, FieldSetJson.ToText(Read(left).Intersect(Read(right))));
        Assert.Equal(rest, FieldSetJson.ToText(Read(left).Except(Read(right))));
        Assert.Equal(Read(left).Intersect(Read(right)).Count, FieldSetJson.CountShared(Encoding.UTF8.GetBytes(left), Read(right)));
    }

    [Fact]
    public void ExceptBelow_AField_TakesItsChildrenToo() =>
        Assert.Equal("""{"f:spec":{"f:a":{}}}""", FieldSetJson.ToText(Read("""{"f:spec":{"f:a":{}},"f:status":{".":{},"f:b":{}}}""").ExceptBelow(FieldSet.OfFields("status"))));

    [Fact]
    public void Paths_OfASet_AreShownAsMessagesNeedThem() => Assert.Equal(
        [".data", ".data.k", """.list[name="a",port=80]""", """.list[name="a",port=80].name""", """.list[="x"]""", ".list[3]"],
        Read(Written).Paths().Select(FieldSet.Describe));

    [Fact]
    public void Contains_AsksForThePathItself()
    {
        var set = Read(Written);
        Assert.True(set.Contains([PathElement.Field("data"), PathElement.Field("k")]));
        Assert.False(set.Contains([PathElement.Field("list")]));
        Assert.False(set.Contains([PathElement.Field("data"), PathElement.Field("k"), PathElement.Field("z")]));
    }

    [Fact]
    public void Entries_ReadAndWritten_AreTheSame()
    {
        const string Json = """[{"manager":"b","operation":"Apply","apiVersion":"v1","time":"2026-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:a":{}}},{"manager":"a","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"f:b":{}},"subresource":"status"}]""";
        var entries = ManagedFields.Read(Encoding.UTF8.GetBytes(Json))!;
        Assert.Equal(Json, Encoding.UTF8.GetString(ManagedFields.Write(entries)));
        Assert.Equal(["\"b\"", "\"a\" with subresource \"status\" using v1"], entries.Select(e => e.Owner.ToString()));
    }

    [Theory]
    [InlineData("""[{"manager":"a","operation":"Take","apiVersion":"v1","fieldsType":"FieldsV1"}]""")]
    [InlineData("""[{"manager":"a","operation":"Apply","fieldsType":"FieldsV1"}]""")]
    [InlineData("""[{"manager":"a","operation":"Apply","apiVersion":"v1","fieldsType":"FieldsV2"}]""")]
    [InlineData("""[{"manager":"a","operation":"Apply","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"f:a":3}}]""")]
    [InlineData("""[{"manager":3}]""")]
    [InlineData("""[{""")]
    public void Entries_ThatNoServerWrote_AreNotRead(string json) => Assert.Null(ManagedFields.ReadChecked(Encoding.UTF8.GetBytes(json)));
}
