using System.Text.Json.Nodes;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests;

/// <summary>One cloud for all stories of this program; they run one after another.</summary>
public sealed class CloudFixture : IAsyncLifetime
{
    public Cloud Cloud { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Cloud = await Cloud.StartAsync(CancellationToken.None);

    public ValueTask DisposeAsync() => Cloud.DisposeAsync();

    /// <summary>Launches hello under a public address and returns that once it answers.</summary>
    public async Task<string> LaunchAsync(string name, params string[] more)
    {
        var ct = TestContext.Current.CancellationToken;
        var create = await Cloud.SealosAsync(["app", "create", name, "--image", "sealos.hub/library/hello:1", "--port", "8080", "--public", "--wait", "-o", "json", .. more], ct);
        Assert.True(create.ExitCode == 0, create.ToString());
        var address = (string)JsonNode.Parse(create.Output)!["address"]!;
        using var browser = Cloud.OpenBrowser();
        await Eventually.TrueAsync($"200 at {address}", async () => (await browser.GetAsync(new Uri(address), ct)).IsSuccessStatusCode, TimeSpan.FromSeconds(5), ct);
        return address;
    }
}

[CollectionDefinition(Name)]
public sealed class CloudCollection : ICollectionFixture<CloudFixture>
{
    public const string Name = "cloud";
}
