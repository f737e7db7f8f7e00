using Sealos.Kinds.Meta;
using Sealos.Node.Registration;
using Xunit;

namespace Sealos.Node.Tests.Registration;

public sealed class OwnNodeTests
{
    [Theory]
    [InlineData("10", "9", "asked")]
    [InlineData("10", "10", "known")]
    [InlineData("9", "10", "known")]
    [InlineData("9", null, "asked")]
    [InlineData(null, null, "known")]
    public void Newest_AnswerAndWatch_IsWhicheverIsNewer(string? asked, string? known, string expected) =>
        Assert.Equal(expected, OwnNode.Newest(Node("asked", asked), Node("known", known)).Metadata.Name);

    [Fact]
    public void Newest_NeverAsked_IsWhatTheWatchHasShown() => Assert.Equal("known", OwnNode.Newest(null, Node("known", "1")).Metadata.Name);

    private static Kinds.Core.Node Node(string name, string? version) => new() { Metadata = new ObjectMeta { Name = name, ResourceVersion = version } };
}
