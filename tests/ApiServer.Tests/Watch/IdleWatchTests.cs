using System.Globalization;
using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Watch;

/// <summary>Ten thousand watches on which nothing happens; on a server in a process of its own, whose memory can be told.</summary>
public sealed class IdleWatchTests : IAsyncLifetime
{
    private const int Watches = 10_000;
    private const int AConnection = 1000;
    private const string Watched = "/api/v1/namespaces/default/configmaps";

    private readonly ServerProcess _server = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _server.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task TenThousand_CostLittleAndHoldNobodyUp()
    {
        var admin = _server.NewClient();
        (await admin.PostAsync("/api/v1/namespaces", """{"metadata":{"name":"other"}}""")).Expect(201);
        var clients = Enumerable.Range(0, Watches / AConnection).Select(_ => _server.NewClient()).ToArray();
        var before = _server.AnonymousMemory();
        var streams = (await Task.WhenAll(clients.Select(OpenAsync))).SelectMany(s => s).ToArray();
        Assert.Equal(Watches, streams.Length);
        Assert.InRange((_server.AnonymousMemory() - before) / Watches, 0, 64 * 1024);

        // Others write, read and watch as before.
        var seen = admin.CollectAsync("/api/v1/namespaces/other/configmaps?watch=1&fieldSelector=metadata.name!=kube-root-ca.crt", 20);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async i => (await admin.PostAsync("/api/v1/namespaces/other/configmaps", $$$"""{"metadata":{"name":"c{{{i}}}"}}""")).Expect(201)));
        Assert.Equal(20, (await seen).Count);

        // And each of the ten thousand is told when something happens to it.
        (await admin.PostAsync(Watched, """{"metadata":{"name":"at-last"}}""")).Expect(201);
        var told = await Task.WhenAll(streams.Select(async s => await s.ReadLineAsync(Ct)));
        Assert.All(told, line => Assert.Contains("\"name\":\"at-last\"", line, StringComparison.Ordinal));
    }

    private static async Task<StreamReader[]> OpenAsync(ApiClient client)
    {
        var revision = (await client.GetAsync(Watched + "?limit=1")).Expect(200).At("metadata.resourceVersion");
        return await Task.WhenAll(Enumerable.Range(0, AConnection).Select(async _ =>
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"{Watched}?watch=1&resourceVersion={revision}");
            var response = await client.Http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, Ct);
            return new StreamReader(await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(Ct), bufferSize: 256);
        }));
    }
}
