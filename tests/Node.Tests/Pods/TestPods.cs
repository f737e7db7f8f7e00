using System.Text.Json;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Node.Pods;
using Sealos.Node.Pods.Config;

namespace Sealos.Node.Tests.Pods;

/// <summary>Pods and pictures of the runtime, written down in few words.</summary>
internal static class TestPods
{
    public const string Uid = "0c6cb1a3-0000-4000-8000-000000000001";

    public static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static Pod Pod(string spec, string? status = null) => new()
    {
        Metadata = new ObjectMeta { Name = "web", Namespace = "team", Uid = Uid, ResourceVersion = "1" },
        Spec = JsonSerializer.Deserialize<PodSpec>(spec, KubeJson.Options),
        Status = status is null ? null : JsonSerializer.Deserialize<PodStatus>(status, KubeJson.Options),
    };

    /// <summary>A pod with containers of these names; init containers ending in <c>+</c> are sidecars.</summary>
    public static Pod Simple(string restartPolicy, string containers, string init = "") => new()
    {
        Metadata = new ObjectMeta { Name = "web", Namespace = "team", Uid = Uid, ResourceVersion = "1" },
        Spec = new PodSpec
        {
            RestartPolicy = restartPolicy,
            Containers = [.. Names(containers).Select(n => new Container { Name = n, Image = "image", ImagePullPolicy = "IfNotPresent" })],
            InitContainers = [.. Names(init).Select(n => new Container { Name = n.TrimEnd('+'), Image = "image", ImagePullPolicy = "IfNotPresent", RestartPolicy = n.EndsWith('+') ? "Always" : null })],
        },
    };

    /// <summary>A picture: <c>"a:run b:0 b:1"</c> is a running, b ended with 0, and before that with 1; <c>/1</c> puts it into an older sandbox.</summary>
    public static RuntimePod Runtime(Pod pod, string containers, bool isReady = true)
    {
        var list = Names(containers).Select((text, i) => Container(pod, text, i)).ToList();
        var sandboxes = new List<RuntimeSandbox> { new("s2", 1, isReady, "10.0.0.7", false, Start) };
        if (list.Any(c => c.SandboxId == "s1"))
        {
            sandboxes.Add(new RuntimeSandbox("s1", 0, false, "10.0.0.6", false, Start.AddMinutes(-1)));
        }

        return new RuntimePod(Uid, "team", "web") { Sandboxes = sandboxes, Containers = list };
    }

    public static RuntimePod NoRuntime() => new(Uid, "", "");

    private static RuntimeContainer Container(Pod pod, string text, int index)
    {
        var (name, state) = text.TrimEnd('/', 'o', 'l', 'd').Split(':') is [var n, var s] ? (n, s) : throw new FormatException(text);
        var spec = pod.Containers.Concat(pod.InitContainers).FirstOrDefault(c => c.Name == name) ?? new Container { Name = name };
        var isEnded = int.TryParse(state, out var code);
        return new RuntimeContainer
        {
            Id = $"{name}-{index}",
            Name = name,
            SandboxId = text.EndsWith("/old", StringComparison.Ordinal) ? "s1" : "s2",
            State = isEnded ? RunState.Exited : state switch { "run" => RunState.Running, "new" => RunState.Created, _ => RunState.Unknown },
            ExitCode = code,
            Reason = isEnded ? code == 0 ? "Completed" : "Error" : "",
            RestartCount = 3 - Math.Min(index, 3),
            CreatedAt = Start.AddSeconds(-index),
            StartedAt = Start.AddSeconds(-index),
            FinishedAt = isEnded ? Start.AddSeconds(30 - index) : null,
            Image = "docker.io/library/image:latest",
            ImageRef = "sha256:abc",
            Hash = ContainerConfigBuilder.Hash(spec),
        };
    }

    private static string[] Names(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>Findings as a test wants them.</summary>
internal sealed class Findings : IProbeFindings
{
    public HashSet<string> NotStarted { get; } = [];

    public Dictionary<string, string> Failures { get; } = [];

    public bool IsStarted(string uid, string container) => !NotStarted.Contains(container);

    public string? FindFailure(string uid, string containerId) => Failures.GetValueOrDefault(containerId);
}
