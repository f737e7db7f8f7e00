using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Quotas;

/// <summary>Quotas that count controllers.</summary>
public sealed class ControllerQuotaTests(CloudFixture fixture) : UpstreamStory(fixture)
{
    [Fact]
    [Upstream("[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a replication controller. [Conformance]")]
    public async Task ReplicationController_IsCounted_UntilItIsDeleted()
    {
        (await Api.PostAsync($"{Core}/resourcequotas", """{"metadata":{"name":"q"},"spec":{"hard":{"replicationcontrollers":"10","resourcequotas":"1"} } }""")).Expect(201);
        await UsedAsync("0");
        (await Api.PostAsync($"{Core}/replicationcontrollers", """
            {"metadata":{"name":"rc"},"spec":{"replicas":0,"selector":{"a":"b"},"template":{"metadata":{"labels":{"a":"b"} },"spec":{"containers":[{"name":"c","image":"i"}]} } } }
            """)).Expect(201);
        await UsedAsync("1");
        (await Api.DeleteAsync($"{Core}/replicationcontrollers/rc", """{"propagationPolicy":"Background"}""")).Expect(200);
        await UsedAsync("0");
    }

    private Task UsedAsync(string count) => Eventually.TrueAsync($"{count} used", async () =>
        (await Api.GetAsync($"{Core}/resourcequotas/q")).At("status.used") == $$"""{"replicationcontrollers":"{{count}}","resourcequotas":"1"}""", ct: Ct);
}
