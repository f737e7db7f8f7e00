using Sealos.KubeControllers.Jobs;
using Xunit;

namespace Sealos.KubeControllers_Tests.Jobs;

public sealed class IndexSetTests
{
    [Theory]
    [InlineData("", 10, "", 0)]
    [InlineData("0", 10, "0", 1)]
    [InlineData("1,2", 10, "1,2", 2)]
    [InlineData("0-3,5,7,8,9", 10, "0-3,5,7-9", 8)]
    [InlineData("0-3,5,8-20", 10, "0-3,5,8,9", 7)]
    [InlineData("0,x,2-1,4", 10, "0,4", 2)]
    [InlineData("3", 3, "", 0)]
    public void Parse_WhatAStatusSays_IsWrittenShortly(string text, int completions, string written, int count)
    {
        var set = IndexSet.Parse(text, completions);

        Assert.Equal((written, count), (set.ToString(), set.Count));
    }

    [Theory]
    [InlineData("1-3,6", "4,5", "1-6")]
    [InlineData("", "4,5", "4,5")]
    [InlineData("2", "0,9", "0,2,9")]
    public void Union_TwoSets_HasBoth(string left, string right, string both) =>
        Assert.Equal(both, IndexSet.Parse(left, 10).Union(IndexSet.Parse(right, 10)).ToString());

    [Theory]
    [InlineData("0-2,5", 3, 8, new[] { 3, 4, 6 })]
    [InlineData("", 2, 8, new[] { 0, 1 })]
    [InlineData("0-7", 2, 8, new int[0])]
    [InlineData("0,2", 9, 4, new[] { 1, 3 })]
    public void FirstMissing_Gaps_AreFilledFromBelow(string text, int count, int end, int[] missing) =>
        Assert.Equal(missing, IndexSet.Parse(text, 100).FirstMissing(count, end));

    [Theory]
    [InlineData("0-4,8", "2-3,4-9", 4)]
    [InlineData("0,2,4", "1,3,5", 0)]
    public void CountShared_TwoSets_CountsWhatIsInBoth(string left, string right, int shared) =>
        Assert.Equal(shared, IndexSet.Parse(left, 10).CountShared(IndexSet.Parse(right, 10)));

    [Fact]
    public void Contains_EdgesOfIntervals_AreInside()
    {
        var set = IndexSet.Parse("1-3,7", 10);

        Assert.Equal([1, 2, 3, 7], Enumerable.Range(0, 10).Where(set.Contains));
    }
}
