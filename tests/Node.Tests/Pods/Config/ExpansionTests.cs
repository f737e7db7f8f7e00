using Sealos.Node.Pods.Config;
using Xunit;

namespace Sealos.Node.Tests.Pods.Config;

public sealed class ExpansionTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("$(A)", "one")]
    [InlineData("x$(A)y$(B)", "xoneytwo")]
    [InlineData("$(NOPE)", "$(NOPE)")]
    [InlineData("$$(A)", "$(A)")]
    [InlineData("$$$(A)", "$one")]
    [InlineData("$(A", "$(A")]
    [InlineData("$A", "$A")]
    [InlineData("$", "$")]
    [InlineData("a$$", "a$")]
    [InlineData("$()", "$()")]
    public void Expand_Text_ReplacesKnownNamesOnly(string text, string expected)
    {
        var values = new Dictionary<string, string> { ["A"] = "one", ["B"] = "two" };

        Assert.Equal(expected, Expansion.Expand(text, n => values.GetValueOrDefault(n)));
    }
}
