using Sealos.Testing;
using Xunit;

// Clouds share ports and addresses, so only one runs at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Sealos.Conformance_Tests;

/// <summary>Stories that leave their cloud as they found it share one.</summary>
[CollectionDefinition(Name)]
public sealed class CloudCollection : ICollectionFixture<CloudFixture>
{
    public const string Name = "cloud";
}
