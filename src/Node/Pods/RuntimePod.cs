namespace Sealos.Node.Pods;

/// <summary>What a container is doing, as the runtime says.</summary>
internal enum RunState
{
    Created,
    Running,
    Exited,
    Unknown,
}

/// <summary>A pod's sandbox in the runtime.</summary>
/// <param name="Id">The runtime's id.</param>
/// <param name="Attempt">Which one it is of its pod, from 0.</param>
/// <param name="IsReady">Whether its namespaces live.</param>
/// <param name="Ip">Its address; empty on the host's network.</param>
/// <param name="IsHostNetwork">Whether it shares the host's network.</param>
/// <param name="CreatedAt">When it was made.</param>
internal sealed record RuntimeSandbox(string Id, uint Attempt, bool IsReady, string Ip, bool IsHostNetwork, DateTimeOffset CreatedAt)
{
    /// <summary>The runtime that it runs in; empty for the usual one.</summary>
    public string Handler { get; init; } = "";
}

/// <summary>A container in the runtime: one start of a container of the pod.</summary>
internal sealed record RuntimeContainer
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string SandboxId { get; init; }

    public required RunState State { get; init; }

    public int RestartCount { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public int ExitCode { get; init; }

    /// <summary>Why it ended: <c>Completed</c>, <c>Error</c>, <c>OOMKilled</c>.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The message it left, or the runtime's.</summary>
    public string Message { get; init; } = "";

    public string Image { get; init; } = "";

    public string ImageRef { get; init; } = "";

    /// <summary>See <see cref="Config.ContainerConfigBuilder.Hash"/>.</summary>
    public string Hash { get; init; } = "";

    public string LogPath { get; init; } = "";

    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    public bool IsRunning => State == RunState.Running;
}

/// <summary>All that the runtime knows of one pod; an immutable picture, newest first.</summary>
internal sealed record RuntimePod(string Uid, string Namespace, string Name)
{
    public IReadOnlyList<RuntimeSandbox> Sandboxes { get; init; } = [];

    public IReadOnlyList<RuntimeContainer> Containers { get; init; } = [];

    /// <summary>Annotations of the newest sandbox.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    public RuntimeSandbox? Sandbox => Sandboxes.Count > 0 ? Sandboxes[0] : null;

    /// <summary>The pod's address, while its sandbox lives.</summary>
    public string Ip => Sandbox is { IsReady: true } sandbox ? sandbox.Ip : "";

    public bool IsAnythingAlive => Sandboxes.Any(s => s.IsReady) || Containers.Any(c => c.IsRunning);

    /// <summary>The newest start of a container, in whichever sandbox.</summary>
    public RuntimeContainer? Latest(string name) => Containers.FirstOrDefault(c => c.Name == name);

    /// <summary>The newest start in the present sandbox.</summary>
    public RuntimeContainer? Active(string name) => Containers.FirstOrDefault(c => c.Name == name && c.SandboxId == Sandbox?.Id);

    /// <summary>The start before the newest one.</summary>
    public RuntimeContainer? Previous(string name) => Containers.Where(c => c.Name == name).Skip(1).FirstOrDefault();
}
