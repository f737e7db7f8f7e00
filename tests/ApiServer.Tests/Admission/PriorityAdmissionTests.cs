using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Admission;

/// <summary>A default class concerns every pod of a server, so this is on one of its own.</summary>
public sealed class PriorityAdmissionTests : IAsyncLifetime
{
    private readonly ApiServerFixture _server = new();

    private ApiClient Admin => _server.Admin;

    public ValueTask InitializeAsync() => _server.InitializeAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task PriorityClass_CanBeTheDefaultOnlyOnce_AndDecidesThePolicy()
    {
        const string Classes = "/apis/scheduling.k8s.io/v1/priorityclasses";
        (await Admin.PostAsync(Classes, """{"metadata":{"name":"meek"},"value":5,"preemptionPolicy":"Never"}""")).Expect(201);
        var refused = await Admin.PostAsync("/api/v1/namespaces/default/pods", Samples.Pod("a", "\"priorityClassName\":\"meek\",\"preemptionPolicy\":\"PreemptLowerPriority\","));
        Assert.Equal("pods \"a\" is forbidden: the string value of PreemptionPolicy (PreemptLowerPriority) must not be provided in pod spec; priority admission controller computed Never from the given PriorityClass name", refused.Expect(403).Message);

        (await Admin.PostAsync(Classes, """{"metadata":{"name":"one"},"value":0,"globalDefault":true}""")).Expect(201);
        var second = await Admin.PostAsync(Classes, """{"metadata":{"name":"two"},"value":1,"globalDefault":true}""");
        Assert.Equal("priorityclasses.scheduling.k8s.io \"two\" is forbidden: PriorityClass one is already marked as default. Only one default can exist", second.Expect(403).Message);
        Assert.Equal("one", (await Admin.PostAsync("/api/v1/namespaces/default/pods", Samples.Pod("b"))).Expect(201).At("spec.priorityClassName"));
    }
}
