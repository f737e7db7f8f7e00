using Sealos.ApiServer.Tests.Support;
using Sealos.Conformance_Tests.Workloads;
using Sealos.Testing;

namespace Sealos.Conformance_Tests.Scheduling;

/// <summary>A story about where pods may run. What is scarce in it is a resource of its own, so that other stories lack nothing.</summary>
public abstract class SchedulingStory(CloudFixture fixture) : WorkloadStory(fixture)
{
    /// <summary>The node's path.</summary>
    protected const string NodePath = "/api/v1/nodes/node-1";

    private string Resource => $"story.test/{Namespace}";

    /// <summary>Lets the node have so much of the story's own resource; nothing for none.</summary>
    protected async Task OfferAsync(int? amount)
    {
        var value = amount is null ? "null" : $"\"{amount}\"";
        (await Api.PatchAsync($"{NodePath}/status", $$"""{"status":{"capacity":{"{{Resource}}":{{value}}},"allocatable":{"{{Resource}}":{{value}} } } }""")).Expect(200);
    }

    /// <summary>Creates a priority class of the story's own, and returns its name.</summary>
    protected async Task<string> PriorityAsync(string name, int value)
    {
        var unique = $"{name}-{Namespace}";
        (await Api.PostAsync("/apis/scheduling.k8s.io/v1/priorityclasses", $$"""{"metadata":{"name":"{{unique}}","labels":{"story":"{{Namespace}}"} },"value":{{value}} }""")).Expect(201);
        DeleteAfterwards($"/apis/scheduling.k8s.io/v1/priorityclasses/{unique}");
        return unique;
    }

    /// <summary>A pod's spec that needs so much of the story's own resource; what is more to say of it is JSON that begins with a comma.</summary>
    protected string Needing(int amount, string more = "") => $$"""
        "terminationGracePeriodSeconds":0,"containers":[{"name":"c","image":"{{CloudFixture.Hello}}","resources":{"requests":{"{{Resource}}":"{{amount}}"},"limits":{"{{Resource}}":"{{amount}}"} } }]{{more}}
        """;

    /// <summary>Creates a pod of such a spec.</summary>
    protected Task<ApiAnswer> CreateAsync(string name, string spec, string metadata = "") => CreateAsync($$"""{"metadata":{"name":"{{name}}"{{metadata}}},"spec":{{{spec}} } }""");

    /// <summary>Waits until the scheduler has said that a pod can run nowhere, and returns why.</summary>
    protected async Task<string> NowhereAsync(string pod)
    {
        var said = await EventAsync(pod, "FailedScheduling");
        var pending = await UntilAsync(pod, "is unschedulable", p => p.At("status.conditions.0.reason") == "Unschedulable");
        return (pending.At("status.phase"), pending.At("spec.nodeName")) == ("Pending", null) ? said : throw new InvalidOperationException($"{pod} runs");
    }
}
