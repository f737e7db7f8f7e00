using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Common;
using Xunit;

namespace Sealos.KubeControllers_Tests.Common;

public sealed class LabelSelectorsTests
{
    private static readonly Dictionary<string, string> Labels = new() { ["app"] = "web", ["tier"] = "" };

    [Theory]
    [InlineData("app", "In", "web,db", true)]
    [InlineData("app", "In", "db", false)]
    [InlineData("none", "In", "db", false)]
    [InlineData("app", "NotIn", "db", true)]
    [InlineData("none", "NotIn", "db", true)]
    [InlineData("app", "NotIn", "web", false)]
    [InlineData("tier", "Exists", "", true)]
    [InlineData("none", "Exists", "", false)]
    [InlineData("none", "DoesNotExist", "", true)]
    [InlineData("app", "DoesNotExist", "", false)]
    public void Matches_Expression_FollowsItsOperator(string key, string comparison, string values, bool expected)
    {
        var selector = new LabelSelector { MatchExpressions = [new LabelSelectorRequirement { Key = key, Operator = comparison, Values = [.. values.Split(',')] }] };

        Assert.Equal(expected, LabelSelectors.Matches(selector, Labels));
    }

    [Fact]
    public void Matches_MissingSelectorMatchesNothing_EmptyOneEverything()
    {
        Assert.False(LabelSelectors.Matches((LabelSelector?)null, Labels));
        Assert.True(LabelSelectors.Matches(new LabelSelector(), null));
    }

    [Fact]
    public void Keys_ASelectorIsAlwaysFiledUnderOneOfTheKeysOfWhatItMatches()
    {
        Dictionary<string, string>[] selectors = [[], new() { ["app"] = "web" }, new() { ["tier"] = "", ["app"] = "web" }];

        Assert.All(selectors, s => Assert.Contains(LabelSelectors.SelectorKey("ns", s), LabelSelectors.LabelKeys("ns", Labels)));
        Assert.DoesNotContain(LabelSelectors.SelectorKey("other", selectors[1]), LabelSelectors.LabelKeys("ns", Labels));
    }
}
