using Sealos.KubeControllers.Namespaces;
using Xunit;

namespace Sealos.KubeControllers_Tests.Namespaces;

public sealed class NamespaceConditionsTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Calculate_HeldByAFinalizer_SaysWhatAndByWhom()
    {
        var conditions = NamespaceConditions.Calculate(null, Remains([("configmaps.", 1)], [("ex.com/f", 1)]), Now);

        (string?, string?, string?, string?)[] expected =
        [
            ("NamespaceDeletionDiscoveryFailure", "False", "ResourcesDiscovered", "All resources successfully discovered"),
            ("NamespaceDeletionGroupVersionParsingFailure", "False", "ParsedGroupVersions", "All legacy kube types successfully parsed"),
            ("NamespaceDeletionContentFailure", "False", "ContentDeleted", "All content successfully deleted, may be waiting on finalization"),
            ("NamespaceContentRemaining", "True", "SomeResourcesRemain", "Some resources are remaining: configmaps. has 1 resource instances"),
            ("NamespaceFinalizersRemaining", "True", "SomeFinalizersRemain", "Some content in the namespace has finalizers remaining: ex.com/f in 1 resource instances"),
        ];
        Assert.Equal(expected, conditions.Select(c => (c.Type, c.Status, c.Reason, c.Message)));
    }

    [Fact]
    public void Calculate_Again_KeepsTheTimesOfWhatStayed()
    {
        var first = NamespaceConditions.Calculate(null, Remains([("pods.", 2)], []), Now);

        var second = NamespaceConditions.Calculate(first, Remains([("pods.", 1)], []), Now.AddHours(1));

        Assert.All(second, c => Assert.Equal(Now, c.LastTransitionTime));
        Assert.Equal("Some resources are remaining: pods. has 1 resource instances", second[3].Message);
    }

    private static NamespaceRemains Remains((string, int)[] remaining, (string, int)[] finalizers)
    {
        var remains = new NamespaceRemains(new(StringComparer.Ordinal), new(StringComparer.Ordinal), [], []);
        Array.ForEach(remaining, r => remains.Remaining.Add(r.Item1, r.Item2));
        Array.ForEach(finalizers, f => remains.Finalizers.Add(f.Item1, f.Item2));
        return remains;
    }
}
