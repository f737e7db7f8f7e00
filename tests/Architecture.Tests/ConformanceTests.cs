using Sealos.ConformanceReport;
using Xunit;

namespace Sealos.Architecture_Tests;

/// <summary>The page about Kubernetes' conformance suite says what the tests say.</summary>
public sealed class ConformanceTests
{
    [Fact]
    public void Page_IsWhatTheTestsGive() =>
        Assert.True(
            Tree.Read(Report.Path) == Report.Render(UpstreamTests.Read(Tree.Root), OwnTests.Find(Tree.Root)),
            $"{Report.Path} is out of date: dotnet run --project tools/ConformanceReport -- .");

    [Fact]
    public void NamedUpstreamTests_Exist()
    {
        var names = UpstreamTests.Read(Tree.Root).Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        Tree.AssertNone([.. OwnTests.Find(Tree.Root).Select(o => o.Key).Where(n => !names.Contains(n))]);
    }
}
