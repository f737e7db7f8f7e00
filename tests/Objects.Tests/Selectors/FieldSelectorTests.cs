using Sealos.Objects.Selectors;

namespace Sealos.Objects.Tests.Selectors;

public sealed class FieldSelectorTests
{
    [Fact]
    public void Parse_Terms_AreReadInOrder() =>
        Assert.Equal(
            [new FieldRequirement("metadata.name", "a", false), new FieldRequirement("status.phase", "Running", true), new FieldRequirement("x", "", false)],
            FieldSelector.Parse("metadata.name=a,status.phase!=Running,x==").Requirements);

    [Fact]
    public void Parse_EscapedValue_IsUnescaped() => Assert.Equal(@"a,b=c\d", FieldSelector.Parse(@"f=a\,b\=c\\d").Requirements[0].Value);

    [Theory]
    [InlineData("nonsense", "invalid selector: 'nonsense'; can't understand 'nonsense'")]
    [InlineData("a=b,nope", "invalid selector: 'a=b,nope'; can't understand 'nope'")]
    [InlineData(@"a=b\x", @"invalid field selector: invalid escape sequence: \x")]
    [InlineData("a=b=c", "invalid field selector: unescaped character in value: =")]
    public void Parse_WrongText_IsRefused(string selector, string message) =>
        Assert.Equal(message, Assert.Throws<SelectorException>(() => FieldSelector.Parse(selector)).Message);

    [Theory]
    [InlineData("", true)]
    [InlineData("name=a", true)]
    [InlineData("name!=a", false)]
    [InlineData("missing=", true)]
    [InlineData("missing!=x", true)]
    [InlineData("name=a,missing=x", false)]
    public void Matches_Values_AreComparedAsText(string selector, bool expected) =>
        Assert.Equal(expected, FieldSelector.Parse(selector).Matches(field => field == "name" ? "a" : null));

    [Fact]
    public void RequiredValue_NegatedTerm_DoesNotCount()
    {
        var selector = FieldSelector.Parse("metadata.name=x,other!=y");

        Assert.Equal("x", selector.RequiredValue("metadata.name"));
        Assert.Null(selector.RequiredValue("other"));
    }
}
