using Sealos.Testing;
using Xunit;

// All stories share one cloud. They wait more than they work, so some run side by side.
[assembly: AssemblyFixture(typeof(CloudFixture))]
[assembly: CollectionBehavior(MaxParallelThreads = 4)]

namespace Sealos.Conformance_Tests;

/// <summary>Stories that others would feel: they run one by one after all that run side by side.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}
