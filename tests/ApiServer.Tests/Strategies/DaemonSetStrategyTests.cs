using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Strategies;

public sealed class DaemonSetStrategyTests(ApiServerFixture server)
{
    private const string Generation = "deprecated.daemonset.template.generation";
    private readonly ApiClient _admin = server.Admin;

    [Fact]
    public async Task Generation_OfTheTemplate_CountsItsChangesOnly()
    {
        var path = $"/apis/apps/v1/namespaces/{await _admin.NewNamespaceAsync()}/daemonsets";
        var created = (await _admin.PostAsync(path, """
            {"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}},
             "status":{"numberReady":7}}
            """)).Expect(201);
        Assert.Equal(("1", "1", "0"), Read(created));

        Assert.Equal(("2", "1", "0"), Read((await _admin.PatchAsync($"{path}/d", """{"spec":{"minReadySeconds":3}}""")).Expect(200)));
        Assert.Equal(("3", "2", "0"), Read((await _admin.PatchAsync($"{path}/d", """{"spec":{"template":{"metadata":{"annotations":{"x":"y"}}}}}""")).Expect(200)));
        Assert.Equal(("3", "2", "0"), Read((await _admin.PatchAsync($"{path}/d", $$"""{"metadata":{"annotations":{"{{Generation}}":"9"} } }""")).Expect(200)));
        Assert.Equal(("3", "2", "4"), Read((await _admin.PatchAsync($"{path}/d/status", """{"status":{"numberReady":4}}""")).Expect(200)));
    }

    private static (string?, string?, string?) Read(ApiAnswer answer) =>
        (answer.At("metadata.generation"), (string?)answer.Json["metadata"]!["annotations"]![Generation], answer.At("status.numberReady"));
}
