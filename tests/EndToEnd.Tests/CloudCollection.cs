using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests;

/// <summary>One cloud for all stories of this program; they run one after another.</summary>
public sealed class CloudFixture : IAsyncLifetime
{
    public Cloud Cloud { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Cloud = await Cloud.StartAsync(CancellationToken.None);

    public ValueTask DisposeAsync() => Cloud.DisposeAsync();
}

[CollectionDefinition(Name)]
public sealed class CloudCollection : ICollectionFixture<CloudFixture>
{
    public const string Name = "cloud";
}
