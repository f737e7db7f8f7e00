using System.Text.Json;
using Sealos.ApiServer.Tests.Support;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;

namespace Sealos.Conformance_Tests.Node;

/// <summary>A pod of one container that runs a shell script; what is more to say of it is JSON that begins with a comma.</summary>
public sealed record ShellPod(string Name, string Script)
{
    /// <summary>Its restart policy.</summary>
    public string Restart { get; init; } = "Never";

    /// <summary>More members of its metadata.</summary>
    public string Metadata { get; init; } = "";

    /// <summary>More members of its spec.</summary>
    public string Spec { get; init; } = "";

    /// <summary>More members of its container.</summary>
    public string Container { get; init; } = "";

    /// <summary>What it runs in place of the script, as JSON.</summary>
    public string? Command { get; init; }

    /// <summary>The pod as the API takes it. A shell as process 1 does not listen to SIGTERM, hence the short grace.</summary>
    public string ToJson() => $$$"""
        {"metadata":{"name":"{{{Name}}}"{{{Metadata}}}},
         "spec":{"restartPolicy":"{{{Restart}}}","terminationGracePeriodSeconds":1{{{Spec}}},
          "containers":[{"name":"main","image":"{{{CloudFixture.Tools}}}","command":{{{Command ?? $"[\"sh\",\"-c\",{JsonSerializer.Serialize(Script)}]"}}}{{{Container}}}}]}}
        """;
}

/// <summary>A story about pods on the node. Pods that do not need each other are started together, so that a story takes as long as its slowest.</summary>
public abstract class PodStory(CloudFixture fixture) : UpstreamStory(fixture)
{
    /// <summary>How long a pod may take to get somewhere.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Path of a pod of the story.</summary>
    protected string PathOf(string pod) => $"{Core}/pods/{pod}";

    /// <summary>The pod as it is.</summary>
    protected async Task<ApiAnswer> PodAsync(string pod) => (await Api.GetAsync(PathOf(pod))).Expect(200);

    /// <summary>Creates pods of shell scripts.</summary>
    protected async Task StartAsync(params ShellPod[] pods)
    {
        await Fixture.LoadToolsAsync();
        foreach (var pod in pods)
        {
            await CreateAsync(pod.ToJson());
        }
    }

    /// <summary>Creates a pod.</summary>
    protected async Task<ApiAnswer> CreateAsync(string pod) => (await Api.PostAsync($"{Core}/pods", pod)).Expect(201);

    /// <summary>Waits until a pod is as wanted, and returns it.</summary>
    protected Task<ApiAnswer> UntilAsync(string pod, string what, Func<ApiAnswer, bool> isSo, TimeSpan? patience = null) =>
        Eventually.GetAsync($"{pod} {what}", async () => await PodAsync(pod) is var answer && isSo(answer) ? answer : null, patience ?? Patience, Ct);

    /// <summary>Waits until a pod has ended, well or not.</summary>
    protected Task<ApiAnswer> EndAsync(string pod) => UntilAsync(pod, "has ended", p => p.At("status.phase") is "Succeeded" or "Failed");

    /// <summary>Waits until a pod has ended well, and returns what it wrote.</summary>
    protected async Task<string> OutputAsync(string pod)
    {
        var ended = await EndAsync(pod);
        var log = await LogAsync(pod);
        return ended.At("status.phase") == "Succeeded" ? log : throw new InvalidOperationException($"{pod} has failed: {log}\n{ended.At("status")}");
    }

    /// <summary>What a pod's container has written.</summary>
    protected async Task<string> LogAsync(string pod, string container = "main") => (await Api.GetAsync($"{PathOf(pod)}/log?container={container}")).Expect(200).Text;

    /// <summary>Runs a command in a pod's container and returns its output; fails when the command does.</summary>
    protected Task<string> ExecAsync(string pod, string container, params string[] command) =>
        Cloud.KubectlAsync(["exec", "-n", Namespace, pod, "-c", container, "--", .. command], Ct).OutputAsync();

    /// <summary>Waits for an event about a pod.</summary>
    protected Task<string> EventAsync(string pod, string reason) => Eventually.GetAsync($"event {reason} about {pod}", async () =>
    {
        var events = await Api.GetAsync($"{Core}/events?fieldSelector=involvedObject.name={pod},reason={reason}");
        return (string?)events.Json["items"]!.AsArray().FirstOrDefault()?["message"];
    }, Patience, Ct);

    /// <summary>Runs hello, a web server that says in its log what it was asked, and returns its address.</summary>
    protected async Task<string> ServeAsync(string pod)
    {
        await CreateAsync($$$"""{"metadata":{"name":"{{{pod}}}"},"spec":{"terminationGracePeriodSeconds":1,"containers":[{"name":"main","image":"{{{CloudFixture.Hello}}}"}]}}""");
        return (await UntilAsync(pod, "is ready", p => IsTrue(p, "Ready"))).At("status.podIP")!;
    }

    /// <summary>Whether a condition of a pod is true.</summary>
    protected static bool IsTrue(ApiAnswer pod, string condition) =>
        pod.Json["status"]?["conditions"]?.AsArray().FirstOrDefault(c => (string?)c!["type"] == condition) is { } found && (string?)found["status"] == "True";
}
