using Sealos.Kinds.Meta;
using Sealos.OsServices.Access;
using Sealos.OsServices.Operators;
using Sealos.OsServices.Users;
using Xunit;

namespace Sealos.OsServices_Tests.Operators;

public sealed class OperatorQueryTests
{
    private static readonly OperatorRow[] Rows = [.. Enumerable.Range(0, 25).Select(i => Row($"user-{i:00}", $"Person {(char)('z' - i)}"))];

    [Theory]
    [InlineData(null)]
    [InlineData("displayName")]
    [InlineData("-created")]
    [InlineData("-name")]
    public void Pages_OfAnyOrder_HoldEachRowOnce(string? sort)
    {
        var seen = new List<string>();
        string? next = null;
        do
        {
            var page = OperatorQuery.Of(new ListParameters(null, null, sort, next, 10)).Pick(Rows, r => r.State, r => r.Name);
            Assert.Equal(25, page.Total);
            seen.AddRange(page.Items);
            next = page.Continue;
        }
        while (next is not null);

        Assert.Equal(25, seen.Distinct().Count());
        Assert.Equal(25, seen.Count);
        Assert.Equal(sort is null ? "user-00" : "user-24", seen[0]);
    }

    [Fact]
    public void Search_LooksAtNamesAndState_WhateverTheCase()
    {
        Assert.Equal(["user-03"], OperatorQuery.Of(new ListParameters("PERSON W", null, null, null, null)).Pick(Rows, r => r.State, r => r.Name).Items);
        Assert.Empty(OperatorQuery.Of(new ListParameters(null, "locked", null, null, null)).Pick(Rows, r => r.State, r => r.Name).Items);
    }

    [Theory]
    [InlineData("sort", "size", null, 10)]
    [InlineData("continue", null, "zz", 10)]
    [InlineData("limit", null, null, 0)]
    [InlineData("limit", null, null, 501)]
    public void Nonsense_IsRefused_NamingItsField(string field, string? sort, string? after, int limit) =>
        Assert.Equal(field, Assert.Throws<ServiceException>(() => OperatorQuery.Of(new ListParameters(null, null, sort, after, limit))).Field);

    [Fact]
    public void HundredThousandRows_ArePickedInAFractionOfASecond()
    {
        var rows = Enumerable.Range(0, 100_000).Select(i => Row($"user-{i}", $"Person {i}")).ToArray();
        var start = TimeProvider.System.GetTimestamp();
        var page = OperatorQuery.Of(new ListParameters("son 9999", null, "displayName", null, 50)).Pick(rows, r => r.State, r => r.Name);

        Assert.Equal(11, page.Total);
        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(2));
    }

    private static OperatorRow Row(string name, string shown)
    {
        var row = new OperatorRow(name);
        row.Take(new User
        {
            Metadata = new ObjectMeta { Name = name, CreationTimestamp = DateTimeOffset.UnixEpoch.AddDays(name[^1] + (name[^2] * 10)), Annotations = new Dictionary<string, string> { [UserKeys.DisplayName] = shown } },
        });
        return row;
    }
}
