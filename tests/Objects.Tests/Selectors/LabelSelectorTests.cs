using System.Text.Json.Nodes;
using Sealos.Objects.Selectors;

namespace Sealos.Objects.Tests.Selectors;

public sealed class LabelSelectorTests
{
    private static readonly Dictionary<string, string> Labels = new() { ["app"] = "web", ["tier"] = "1", ["example.com/x"] = "", ["in"] = "notin" };

    [Theory]
    [InlineData("", true)]
    [InlineData("app=web", true)]
    [InlineData("app==web", true)]
    [InlineData(" app = web , tier=1 ", true)]
    [InlineData("app=web,tier=2", false)]
    [InlineData("app!=web", false)]
    [InlineData("other!=web", true)]
    [InlineData("app in (web, api)", true)]
    [InlineData("app in (api)", false)]
    [InlineData("app notin (api)", true)]
    [InlineData("other notin (api)", true)]
    [InlineData("app notin (web)", false)]
    [InlineData("app", true)]
    [InlineData("!app", false)]
    [InlineData("!other", true)]
    [InlineData("! other", true)]
    [InlineData("tier>0", true)]
    [InlineData("tier<1", false)]
    [InlineData("app>0", false)]
    [InlineData("other<5", false)]
    [InlineData("example.com/x=", true)]
    [InlineData("example.com/x", true)]
    [InlineData("app in (,web)", true)]
    [InlineData("example.com/x in ()", true)]
    [InlineData("in=notin", true)]
    [InlineData("in in (in,notin)", true)]
    [InlineData("app=", false)]
    public void Matches_EveryOperator_AsKubernetes(string selector, bool expected)
    {
        var parsed = LabelSelector.Parse(selector);

        Assert.Equal(expected, parsed.Matches(Labels));
        Assert.Equal(expected, parsed.Matches(new JsonObject(Labels.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value)))));
        Assert.Equal(expected, LabelSelector.Parse(parsed.ToString()).Matches(Labels));
    }

    [Theory]
    [InlineData("a===b", "unable to parse requirement: found '=', expected: identifier")]
    [InlineData("=a", "found '=', expected: !, identifier, or 'end of string'")]
    [InlineData("a=b,", "found '', expected: identifier after ','")]
    [InlineData("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt")]
    [InlineData("a=b c", "found 'c', expected: ',' or 'end of string'")]
    [InlineData("a in b", "unable to parse requirement: found 'b' expected: '('")]
    [InlineData("a in (b", "unable to parse requirement: found '', expected: ',', ')' or identifier")]
    [InlineData("!", "unable to parse requirement: found '', expected: identifier")]
    [InlineData("a>x", "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer")]
    [InlineData("a/b/c=d", "unable to parse requirement: key: Invalid value: \"a/b/c\": a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')")]
    [InlineData("a=-", "unable to parse requirement: values[0][a]: Invalid value: \"-\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')")]
    public void Parse_WrongText_NamesTheRequirement(string selector, string message) =>
        Assert.Equal(message, Assert.Throws<SelectorException>(() => LabelSelector.Parse(selector)).Message);

    [Fact]
    public void FromObject_Null_MatchesNothing() => Assert.False(LabelSelector.FromObject(null).Matches(Labels));

    [Fact]
    public void FromObject_Empty_MatchesEverything() => Assert.True(LabelSelector.FromObject([]).Matches((JsonObject?)null));

    [Theory]
    [InlineData("{matchLabels: {app: web}}", true)]
    [InlineData("{matchLabels: {app: web, tier: '2'}}", false)]
    [InlineData("{matchExpressions: [{key: app, operator: In, values: [web]}]}", true)]
    [InlineData("{matchExpressions: [{key: app, operator: NotIn, values: [web]}]}", false)]
    [InlineData("{matchExpressions: [{key: app, operator: Exists}, {key: nope, operator: DoesNotExist}]}", true)]
    public void FromObject_Requirements_AllMustHold(string selector, bool expected) =>
        Assert.Equal(expected, LabelSelector.FromObject(Sample.Yaml(selector)).Matches(Labels));

    [Fact]
    public void FromObject_UnknownOperator_IsNamed() =>
        Assert.Equal("\"Near\" is not a valid label selector operator", Assert.Throws<SelectorException>(() => LabelSelector.FromObject(Sample.Yaml("{matchExpressions: [{key: a, operator: Near}]}"))).Message);

    [Fact]
    public void ToString_IsSortedByKey() =>
        Assert.Equal("a in (x,z),b=1,!c", LabelSelector.FromObject(Sample.Yaml("{matchLabels: {b: '1'}, matchExpressions: [{key: c, operator: DoesNotExist}, {key: a, operator: In, values: [z, x]}]}")).ToString());
}
