using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests;

/// <summary>Stories that take away what a cloud stands on have one of their own; <c>./test</c> runs them beside the others, in namespaces of their own.</summary>
[Trait("Cloud", "rough")]
[CollectionDefinition(Name)]
public sealed class RoughCollection : ICollectionFixture<CloudFixture>
{
    public const string Name = "rough";
}
