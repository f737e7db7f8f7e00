using Sealos.Node.Cri.Messages;
using Sealos.Node.Pressure;
using Xunit;

namespace Sealos.Node.Tests.Pressure;

public sealed class ImageCollectorTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void Candidates_Images_AreThoseNobodyUses_LongestUnusedFirst()
    {
        Image[] images =
        [
            new() { Id = "newer", RepoTags = { "newer:1" } },
            new() { Id = "older", RepoDigests = { "older@sha256:1" } },
            new() { Id = "used", RepoTags = { "used:1" } },
            new() { Id = "pinned", RepoTags = { "pinned:1" } },
            new() { Id = "marked", Pinned = true },
        ];
        var usedAt = images.ToDictionary(i => i.Id, i => i.Id == "older" ? Now.AddHours(-1) : Now);

        var candidates = ImageCollector.Candidates(images, new HashSet<string> { "used" }, new HashSet<string> { "pinned:1" }, usedAt);

        Assert.Equal(["older", "newer"], candidates.Select(i => i.Id));
    }
}
