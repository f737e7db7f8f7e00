using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Threading.Channels;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Sealos.Node.Cri.Messages;

namespace Sealos.Node.Tests.Pods;

/// <summary>containerd as pod workers see it: the real protocol on a real socket, sandboxes and containers in memory.</summary>
internal sealed class FakeContainerd : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, PodSandboxStatus> _sandboxes = [];
    private readonly Dictionary<string, (ContainerStatus Status, string Sandbox)> _containers = [];
    private readonly ConcurrentBag<Channel<Envelope>> _subscribers = [];
    private readonly HashSet<string> _stopped = [];
    private int _next;

    private FakeContainerd(string socket)
    {
        Socket = socket;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.ListenUnixSocket(socket, l => l.Protocols = HttpProtocols.Http2));
        _app = builder.Build();
        _app.Run(HandleAsync);
    }

    public string Socket { get; }

    /// <summary>Calls that changed something, in order: <c>StartContainer a</c>.</summary>
    public ConcurrentQueue<string> Calls { get; } = [];

    /// <summary>Images that are there.</summary>
    public HashSet<string> Images { get; } = ["image:latest"];

    /// <summary>What a call answers with instead, by name: a gRPC status and message.</summary>
    public ConcurrentDictionary<string, (int Code, string Message)> Failures { get; } = [];

    /// <summary>Called with a container's pod, its id and its limits when it is started or given others; plays the kernel.</summary>
    public Action<string, string, LinuxContainerResources>? Limited { get; set; }

    /// <summary>Containers by name that only stop when they are killed; a stop waits until it is cancelled or allowed here.</summary>
    public ConcurrentDictionary<string, TaskCompletionSource> Stubborn { get; } = [];

    public static async Task<FakeContainerd> StartAsync(string folder, CancellationToken ct)
    {
        var fake = new FakeContainerd(Path.Combine(folder, "c.sock"));
        await fake._app.StartAsync(ct);
        return fake;
    }

    /// <summary>Ends a running container by itself.</summary>
    public void Exit(string name, int code)
    {
        string id;
        lock (_lock)
        {
            id = _containers.Values.Single(c => c.Status.Metadata.Name == name && c.Status.State == ContainerState.Running).Status.Id;
            End(id, code);
        }

        Publish("/tasks/exit", new TaskExit { ContainerId = id, Id = id, ExitStatus = (uint)code });
    }

    /// <summary>Has the sandbox's first process, and with it every container, end by itself.</summary>
    public void KillSandbox()
    {
        string id;
        lock (_lock)
        {
            id = _sandboxes.Values.Single(s => s.State == PodSandboxState.Ready).Id;
            _sandboxes[id].State = PodSandboxState.Notready;
            foreach (var container in _containers.Values.Where(c => c.Sandbox == id && c.Status.State == ContainerState.Running))
            {
                End(container.Status.Id, 137);
            }
        }

        Publish("/tasks/exit", new TaskExit { ContainerId = id, Id = id, ExitStatus = 137 });
    }

    public int CountContainers()
    {
        lock (_lock)
        {
            return _containers.Count;
        }
    }

    public int CountSandboxes()
    {
        lock (_lock)
        {
            return _sandboxes.Count;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var subscriber in _subscribers)
        {
            subscriber.Writer.TryComplete();
        }

        await _app.DisposeAsync();
    }

    private void End(string id, int code)
    {
        var status = _containers[id].Status;
        status.State = ContainerState.Exited;
        status.ExitCode = code;
        status.Reason = code == 0 ? "Completed" : "Error";
        status.FinishedAt = Now();
    }

    private static long Now() => (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * 100;

    private void Publish(string topic, IMessage message)
    {
        foreach (var subscriber in _subscribers)
        {
            subscriber.Writer.TryWrite(new Envelope { Topic = topic, Event = Any.Pack(message) });
        }
    }

    private async Task HandleAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var message = body.ToArray()[5..];
        var method = context.Request.Path.Value!.Split('/')[^1];
        context.Response.ContentType = "application/grpc";
        if (method == "Subscribe")
        {
            await StreamAsync(context);
            return;
        }

        if (Failures.TryGetValue(method, out var failure))
        {
            // As real servers do, an error without a message comes in the headers alone.
            context.Response.Headers["grpc-status"] = failure.Code.ToString(System.Globalization.CultureInfo.InvariantCulture);
            context.Response.Headers["grpc-message"] = Uri.EscapeDataString(failure.Message);
            return;
        }

        if (method == "StopContainer" && StopContainerRequest.Parser.ParseFrom(message) is var stop)
        {
            await StopAsync(stop, context.RequestAborted);
        }

        var answer = method == "StopContainer" ? new StopContainerResponse() : Answer(method, message);
        if (answer is null)
        {
            context.Response.Headers["grpc-status"] = "5";
            context.Response.Headers["grpc-message"] = "not%20found";
            return;
        }

        await WriteAsync(context, answer);
        context.Response.AppendTrailer("grpc-status", "0");
    }

    private async Task StreamAsync(HttpContext context)
    {
        var events = Channel.CreateUnbounded<Envelope>();
        _subscribers.Add(events);
        await foreach (var envelope in events.Reader.ReadAllAsync(context.RequestAborted))
        {
            await WriteAsync(context, envelope);
        }
    }

    private async Task StopAsync(StopContainerRequest request, CancellationToken ct)
    {
        string name;
        lock (_lock)
        {
            name = _containers[request.ContainerId].Status.Metadata.Name;
        }

        Calls.Enqueue($"StopContainer {name} {request.Timeout}");
        if (Stubborn.TryGetValue(name, out var allowed))
        {
            await allowed.Task.WaitAsync(ct);
        }

        lock (_lock)
        {
            if (_containers[request.ContainerId].Status.State == ContainerState.Running)
            {
                End(request.ContainerId, 143);
            }
        }

        Publish("/tasks/exit", new TaskExit { ContainerId = request.ContainerId, Id = request.ContainerId });
    }

    private IMessage? Answer(string method, byte[] message)
    {
        lock (_lock)
        {
            return method switch
            {
                "Publish" => Announce(PublishRequest.Parser.ParseFrom(message)),
                "RunPodSandbox" => RunSandbox(RunPodSandboxRequest.Parser.ParseFrom(message)),
                "StopPodSandbox" => StopSandbox(StopPodSandboxRequest.Parser.ParseFrom(message).PodSandboxId),
                "RemovePodSandbox" => RemoveSandbox(RemovePodSandboxRequest.Parser.ParseFrom(message).PodSandboxId),
                "PodSandboxStatus" => _sandboxes.GetValueOrDefault(PodSandboxStatusRequest.Parser.ParseFrom(message).PodSandboxId) is { } s ? new PodSandboxStatusResponse { Status = s.Clone() } : null,
                "ListPodSandbox" => ListSandboxes(ListPodSandboxRequest.Parser.ParseFrom(message).Filter?.LabelSelector),
                "CreateContainer" => Create(CreateContainerRequest.Parser.ParseFrom(message)),
                "StartContainer" => Start(StartContainerRequest.Parser.ParseFrom(message).ContainerId),
                "RemoveContainer" => Remove(RemoveContainerRequest.Parser.ParseFrom(message).ContainerId),
                "ListContainers" => ListContainers(ListContainersRequest.Parser.ParseFrom(message).Filter?.LabelSelector),
                "ContainerStatus" => _containers.TryGetValue(ContainerStatusRequest.Parser.ParseFrom(message).ContainerId, out var c) ? new ContainerStatusResponse { Status = c.Status.Clone() } : null,
                "ImageStatus" => new ImageStatusResponse { Image = Images.Contains(ImageStatusRequest.Parser.ParseFrom(message).Image.Image) ? new Image { Id = "sha256:image" } : null },
                "UpdateContainerResources" => Update(UpdateContainerResourcesRequest.Parser.ParseFrom(message)),
                "ExecSync" => Exec(ExecSyncRequest.Parser.ParseFrom(message)),
                _ => throw new InvalidOperationException(method),
            };
        }
    }

    private Empty Announce(PublishRequest request)
    {
        Publish(request.Topic, new Empty());
        return new Empty();
    }

    private RunPodSandboxResponse RunSandbox(RunPodSandboxRequest request)
    {
        var id = $"sandbox-{++_next}";
        Calls.Enqueue($"RunPodSandbox {request.Config.Metadata.Attempt}");
        _sandboxes[id] = new PodSandboxStatus
        {
            Id = id,
            Metadata = request.Config.Metadata,
            CreatedAt = Now(),
            RuntimeHandler = request.RuntimeHandler,
            Network = new PodSandboxNetworkStatus { Ip = $"10.0.0.{_next}" },
            Linux = new LinuxPodSandboxStatus { Namespaces = new Namespace { Options = request.Config.Linux.SecurityContext.NamespaceOptions } },
            Labels = { request.Config.Labels },
            Annotations = { request.Config.Annotations },
        };
        return new RunPodSandboxResponse { PodSandboxId = id };
    }

    private StopPodSandboxResponse StopSandbox(string id)
    {
        if (_sandboxes.TryGetValue(id, out var sandbox) && _stopped.Add(id))
        {
            Calls.Enqueue("StopPodSandbox");
            sandbox.State = PodSandboxState.Notready;
        }

        return new StopPodSandboxResponse();
    }

    private RemovePodSandboxResponse RemoveSandbox(string id)
    {
        _sandboxes.Remove(id);
        return new RemovePodSandboxResponse();
    }

    private static bool Fits(IDictionary<string, string> labels, IDictionary<string, string>? wanted) =>
        (wanted ?? new Dictionary<string, string>()).All(w => labels.TryGetValue(w.Key, out var value) && value == w.Value);

    private ListPodSandboxResponse ListSandboxes(IDictionary<string, string>? labels) => new()
    {
        Items = { _sandboxes.Values.Where(s => Fits(s.Labels, labels)).Select(s => new PodSandbox { Id = s.Id, Metadata = s.Metadata, State = s.State, CreatedAt = s.CreatedAt, Labels = { s.Labels }, Annotations = { s.Annotations } }) },
    };

    private CreateContainerResponse Create(CreateContainerRequest request)
    {
        var id = $"container-{++_next}";
        var config = request.Config;
        Calls.Enqueue($"CreateContainer {config.Metadata.Name} {config.Metadata.Attempt}");
        var status = new ContainerStatus { Id = id, Metadata = config.Metadata, CreatedAt = Now(), Image = config.Image, ImageRef = config.Image.Image, LogPath = Path.Combine(request.SandboxConfig.LogDirectory, config.LogPath), Labels = { config.Labels }, Annotations = { config.Annotations }, Mounts = { config.Mounts } };
        _containers[id] = (status, request.PodSandboxId);
        Limited?.Invoke(config.Labels["io.kubernetes.pod.uid"], id, config.Linux.Resources);
        return new CreateContainerResponse { ContainerId = id };
    }

    private StartContainerResponse Start(string id)
    {
        var status = _containers[id].Status;
        Calls.Enqueue($"StartContainer {status.Metadata.Name}");
        status.State = ContainerState.Running;
        status.StartedAt = Now();
        return new StartContainerResponse();
    }

    private UpdateContainerResourcesResponse Update(UpdateContainerResourcesRequest request)
    {
        var status = _containers[request.ContainerId].Status;
        Calls.Enqueue($"UpdateContainerResources {status.Metadata.Name} {request.Linux.CpuShares} {request.Linux.CpuQuota} {request.Linux.MemoryLimitInBytes}");
        Limited?.Invoke(status.Labels["io.kubernetes.pod.uid"], request.ContainerId, request.Linux);
        return new UpdateContainerResourcesResponse();
    }

    private RemoveContainerResponse Remove(string id)
    {
        _containers.Remove(id);
        return new RemoveContainerResponse();
    }

    private ListContainersResponse ListContainers(IDictionary<string, string>? labels) => new()
    {
        Containers = { _containers.Values.Where(c => Fits(c.Status.Labels, labels)).Select(c => new Container { Id = c.Status.Id, PodSandboxId = c.Sandbox, Metadata = c.Status.Metadata, State = c.Status.State, CreatedAt = c.Status.CreatedAt, Labels = { c.Status.Labels }, Annotations = { c.Status.Annotations } }) },
    };

    private ExecSyncResponse Exec(ExecSyncRequest request)
    {
        Calls.Enqueue($"ExecSync {string.Join(' ', request.Cmd)}");
        return new ExecSyncResponse { ExitCode = request.Cmd[0] == "false" ? 1 : 0 };
    }

    private static async Task WriteAsync(HttpContext context, IMessage message)
    {
        var bytes = message.ToByteArray();
        var frame = new byte[5 + bytes.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), bytes.Length);
        bytes.CopyTo(frame, 5);
        await context.Response.Body.WriteAsync(frame, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
