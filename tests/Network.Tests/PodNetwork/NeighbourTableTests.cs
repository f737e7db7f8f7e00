using Microsoft.Extensions.Logging.Abstractions;
using Sealos.Network.PodNetwork;
using Xunit;

namespace Sealos.Network_Tests.PodNetwork;

public sealed class NeighbourTableTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("neighbours-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Limits_ThatAreLower_AreRaised_AndHigherOnesStay()
    {
        File.WriteAllText(Path.Combine(_folder, "gc_thresh1"), "128\n");
        File.WriteAllText(Path.Combine(_folder, "gc_thresh2"), "512\n");
        File.WriteAllText(Path.Combine(_folder, "gc_thresh3"), "1000000\n");

        new NeighbourTable(_folder, NullLogger.Instance).Widen();

        Assert.Equal(["8192", "16384", "1000000"], new[] { "gc_thresh1", "gc_thresh2", "gc_thresh3" }.Select(f => File.ReadAllText(Path.Combine(_folder, f)).Trim()));
    }

    [Fact]
    public void NamespaceOfItsOwn_WithoutLimits_IsLeftAlone()
    {
        new NeighbourTable(_folder, NullLogger.Instance).Widen();

        Assert.Empty(Directory.EnumerateFiles(_folder));
    }
}
