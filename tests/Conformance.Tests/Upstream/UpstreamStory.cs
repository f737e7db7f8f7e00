using Sealos.ApiServer.Tests.Support;
using Sealos.ControllerKit.Client;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Upstream;

/// <summary>A story in a namespace of its own, told in raw HTTP by the operator.</summary>
public abstract class UpstreamStory(CloudFixture fixture) : IAsyncLifetime
{
    private readonly Stack<string> _left = [];
    private KubeClient? _client;

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    protected CloudFixture Fixture => fixture;

    protected Cloud Cloud => fixture.Cloud;

    protected ApiClient Api { get; private set; } = null!;

    /// <summary>The story's namespace, which goes with it.</summary>
    protected string Namespace { get; private set; } = "";

    /// <summary>Path of that namespace's core objects.</summary>
    protected string Core => $"/api/v1/namespaces/{Namespace}";

    public async ValueTask InitializeAsync()
    {
        _client = await Cloud.ConnectAsync(Ct);
        Api = new ApiClient(_client.Http);
        Namespace = await Api.NewNamespaceAsync();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var path in _left)
        {
            await Api.DeleteAsync(path);
        }

        await Api.DeleteAsync($"/api/v1/namespaces/{Namespace}");
        _client?.Dispose();
    }

    /// <summary>Has what belongs to no namespace deleted when the story ends, however it ends.</summary>
    protected void DeleteAfterwards(string path) => _left.Push(path);

    /// <summary>Runs kubectl in the story's namespace; it must succeed.</summary>
    protected async Task<string> KubectlAsync(string? input, params string[] arguments)
    {
        var result = await Cloud.KubectlAsync(["-n", Namespace, .. arguments], Ct, input);
        return result.ExitCode == 0 ? result.Output : throw new InvalidOperationException($"kubectl {string.Join(' ', arguments)}: {result}");
    }

    /// <summary>Runs kubectl in the story's namespace; it must be refused, and says why.</summary>
    protected async Task<string> RefusedAsync(string? input, params string[] arguments)
    {
        var result = await Cloud.KubectlAsync(["-n", Namespace, .. arguments], Ct, input);
        return result.ExitCode != 0 ? result.Error : throw new InvalidOperationException($"kubectl {string.Join(' ', arguments)} was not refused: {result}");
    }

    /// <summary>Waits until an object is gone.</summary>
    protected Task GoneAsync(string path) => Eventually.TrueAsync($"{path} is gone", async () => (await Api.GetAsync(path)).Code == 404, ct: Ct);

    /// <summary>Waits until a pod of the story has this phase.</summary>
    protected Task PhaseAsync(string pod, string phase) =>
        Eventually.TrueAsync($"pod {pod} is {phase}", async () => (await Api.GetAsync($"{Core}/pods/{pod}")).At("status.phase") == phase, TimeSpan.FromSeconds(60), Ct);

    /// <summary>Runs a shell script in a pod of the tools image until it ends well, and returns what it said.</summary>
    protected async Task<string> SucceedAsync(string pod, string script, string more = "")
    {
        await fixture.LoadToolsAsync();
        (await Api.PostAsync($"{Core}/pods", $$"""
            {"metadata":{"name":"{{pod}}"},"spec":{"restartPolicy":"Never"{{more}},
             "containers":[{"name":"tools","image":"{{CloudFixture.Tools}}","command":["sh","-c",{{System.Text.Json.JsonSerializer.Serialize(script)}}]}]} }
            """)).Expect(201);
        await PhaseAsync(pod, "Succeeded");
        return (await Api.GetAsync($"{Core}/pods/{pod}/log")).Expect(200).Text;
    }
}
