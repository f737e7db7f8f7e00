using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Sealos.Node.Cri.Messages;

namespace Sealos.Node.Cri;

/// <summary>The container runtime: one method for each call of CRI version 1 that is used, and containerd's exit events.</summary>
/// <remarks>Every method throws <see cref="CriException"/> when the call fails.</remarks>
internal sealed class CriClient(string socketPath, TimeProvider time) : IDisposable
{
    /// <summary>The namespace in which containerd's CRI keeps its containers and images.</summary>
    public const string ContainerdNamespace = "k8s.io";

    private const string Runtime = "runtime.v1.RuntimeService/";
    private const string Images = "runtime.v1.ImageService/";

    private const string Events = "containerd.services.events.v1.Events/";
    private const string SubscribedTopic = "/sealos/subscribed";

    private static readonly TimeSpan AnnounceInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Quick = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Slow = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan Pull = TimeSpan.FromMinutes(60);

    private readonly GrpcChannel _channel = new(socketPath, time);

    public Task<VersionResponse> VersionAsync(CancellationToken ct) =>
        RuntimeAsync<VersionResponse>("Version", new VersionRequest(), Quick, ct);

    /// <summary>How the runtime is, and what it can do.</summary>
    public Task<StatusResponse> StatusAsync(CancellationToken ct) => RuntimeAsync<StatusResponse>("Status", new StatusRequest(), Quick, ct);

    public async Task<string> RunPodSandboxAsync(PodSandboxConfig config, string runtimeHandler, CancellationToken ct) =>
        (await RuntimeAsync<RunPodSandboxResponse>("RunPodSandbox", new RunPodSandboxRequest { Config = config, RuntimeHandler = runtimeHandler }, Slow, ct).ConfigureAwait(false)).PodSandboxId;

    public Task StopPodSandboxAsync(string sandboxId, CancellationToken ct) =>
        RuntimeAsync<StopPodSandboxResponse>("StopPodSandbox", new StopPodSandboxRequest { PodSandboxId = sandboxId }, Slow, ct);

    public Task RemovePodSandboxAsync(string sandboxId, CancellationToken ct) =>
        RuntimeAsync<RemovePodSandboxResponse>("RemovePodSandbox", new RemovePodSandboxRequest { PodSandboxId = sandboxId }, Slow, ct);

    public async Task<PodSandboxStatus> PodSandboxStatusAsync(string sandboxId, CancellationToken ct) =>
        (await PodSandboxStatusAsync(sandboxId, verbose: false, ct).ConfigureAwait(false)).Status;

    /// <summary>With <paramref name="verbose"/>, <c>info</c> holds a JSON text with the process id and the network's result.</summary>
    public Task<PodSandboxStatusResponse> PodSandboxStatusAsync(string sandboxId, bool verbose, CancellationToken ct) =>
        RuntimeAsync<PodSandboxStatusResponse>("PodSandboxStatus", new PodSandboxStatusRequest { PodSandboxId = sandboxId, Verbose = verbose }, Quick, ct);

    public async Task<IReadOnlyList<PodSandbox>> ListPodSandboxAsync(PodSandboxFilter? filter, CancellationToken ct) =>
        (await RuntimeAsync<ListPodSandboxResponse>("ListPodSandbox", new ListPodSandboxRequest { Filter = filter }, Quick, ct).ConfigureAwait(false)).Items;

    public async Task<string> CreateContainerAsync(string sandboxId, ContainerConfig config, PodSandboxConfig sandbox, CancellationToken ct) =>
        (await RuntimeAsync<CreateContainerResponse>("CreateContainer", new CreateContainerRequest { PodSandboxId = sandboxId, Config = config, SandboxConfig = sandbox }, Slow, ct).ConfigureAwait(false)).ContainerId;

    public Task StartContainerAsync(string containerId, CancellationToken ct) =>
        RuntimeAsync<StartContainerResponse>("StartContainer", new StartContainerRequest { ContainerId = containerId }, Slow, ct);

    /// <summary>Sends the image's stop signal, and SIGKILL after <paramref name="grace"/>; returns when the container has stopped.</summary>
    public Task StopContainerAsync(string containerId, TimeSpan grace, CancellationToken ct) =>
        RuntimeAsync<StopContainerResponse>("StopContainer", new StopContainerRequest { ContainerId = containerId, Timeout = (long)grace.TotalSeconds }, grace + Slow, ct);

    public Task RemoveContainerAsync(string containerId, CancellationToken ct) =>
        RuntimeAsync<RemoveContainerResponse>("RemoveContainer", new RemoveContainerRequest { ContainerId = containerId }, Slow, ct);

    public async Task<IReadOnlyList<Container>> ListContainersAsync(ContainerFilter? filter, CancellationToken ct) =>
        (await RuntimeAsync<ListContainersResponse>("ListContainers", new ListContainersRequest { Filter = filter }, Quick, ct).ConfigureAwait(false)).Containers;

    public async Task<ContainerStatus> ContainerStatusAsync(string containerId, CancellationToken ct) =>
        (await RuntimeAsync<ContainerStatusResponse>("ContainerStatus", new ContainerStatusRequest { ContainerId = containerId }, Quick, ct).ConfigureAwait(false)).Status;

    public Task UpdateContainerResourcesAsync(string containerId, LinuxContainerResources resources, CancellationToken ct) =>
        RuntimeAsync<UpdateContainerResourcesResponse>("UpdateContainerResources", new UpdateContainerResourcesRequest { ContainerId = containerId, Linux = resources }, Quick, ct);

    public Task ReopenContainerLogAsync(string containerId, CancellationToken ct) =>
        RuntimeAsync<Empty>("ReopenContainerLog", new ReopenContainerLogRequest { ContainerId = containerId }, Quick, ct);

    /// <summary>Runs a command to its end; past <paramref name="timeout"/> it is killed and the error is a deadline.</summary>
    public Task<ExecSyncResponse> ExecSyncAsync(string containerId, IEnumerable<string> command, TimeSpan timeout, CancellationToken ct)
    {
        var limit = timeout == System.Threading.Timeout.InfiniteTimeSpan ? TimeSpan.FromDays(1) : timeout;
        var request = new ExecSyncRequest { ContainerId = containerId, Timeout = (long)Math.Ceiling(limit.TotalSeconds) };
        request.Cmd.AddRange(command);
        return RuntimeAsync<ExecSyncResponse>("ExecSync", request, limit + Quick, ct);
    }

    /// <summary>The address on containerd's streaming server for this one exec; it is good for a minute and one use.</summary>
    public async Task<Uri> ExecAsync(ExecRequest request, CancellationToken ct) =>
        new((await RuntimeAsync<ExecResponse>("Exec", request, Quick, ct).ConfigureAwait(false)).Url);

    /// <summary>As <see cref="ExecAsync"/>, for the container's first process.</summary>
    public async Task<Uri> AttachAsync(AttachRequest request, CancellationToken ct) =>
        new((await RuntimeAsync<AttachResponse>("Attach", request, Quick, ct).ConfigureAwait(false)).Url);

    /// <summary>As <see cref="ExecAsync"/>, for ports of the pod.</summary>
    public async Task<Uri> PortForwardAsync(PortForwardRequest request, CancellationToken ct) =>
        new((await RuntimeAsync<PortForwardResponse>("PortForward", request, Quick, ct).ConfigureAwait(false)).Url);

    public async Task<ContainerStats> ContainerStatsAsync(string containerId, CancellationToken ct) =>
        (await RuntimeAsync<ContainerStatsResponse>("ContainerStats", new ContainerStatsRequest { ContainerId = containerId }, Quick, ct).ConfigureAwait(false)).Stats;

    public async Task<IReadOnlyList<ContainerStats>> ListContainerStatsAsync(ContainerStatsFilter? filter, CancellationToken ct) =>
        (await RuntimeAsync<ListContainerStatsResponse>("ListContainerStats", new ListContainerStatsRequest { Filter = filter }, Quick, ct).ConfigureAwait(false)).Stats;

    public async Task<PodSandboxStats> PodSandboxStatsAsync(string sandboxId, CancellationToken ct) =>
        (await RuntimeAsync<PodSandboxStatsResponse>("PodSandboxStats", new PodSandboxStatsRequest { PodSandboxId = sandboxId }, Quick, ct).ConfigureAwait(false)).Stats;

    public async Task<IReadOnlyList<PodSandboxStats>> ListPodSandboxStatsAsync(PodSandboxStatsFilter? filter, CancellationToken ct) =>
        (await RuntimeAsync<ListPodSandboxStatsResponse>("ListPodSandboxStats", new ListPodSandboxStatsRequest { Filter = filter }, Quick, ct).ConfigureAwait(false)).Stats;

    public async Task<IReadOnlyList<Image>> ListImagesAsync(CancellationToken ct) =>
        (await ImagesAsync<ListImagesResponse>("ListImages", new ListImagesRequest(), Quick, ct).ConfigureAwait(false)).Images;

    /// <summary>The image, or null when it is not on this machine.</summary>
    public async Task<Image?> ImageStatusAsync(string image, CancellationToken ct) =>
        (await ImagesAsync<ImageStatusResponse>("ImageStatus", new ImageStatusRequest { Image = new ImageSpec { Image = image } }, Quick, ct).ConfigureAwait(false)).Image;

    /// <summary>Pulls an image and returns the reference it is kept under.</summary>
    public async Task<string> PullImageAsync(string image, AuthConfig? auth, PodSandboxConfig? sandbox, CancellationToken ct) =>
        (await ImagesAsync<PullImageResponse>("PullImage", new PullImageRequest { Image = new ImageSpec { Image = image }, Auth = auth, SandboxConfig = sandbox }, Pull, ct).ConfigureAwait(false)).ImageRef;

    public Task RemoveImageAsync(string image, CancellationToken ct) =>
        ImagesAsync<RemoveImageResponse>("RemoveImage", new RemoveImageRequest { Image = new ImageSpec { Image = image } }, Quick, ct);

    public async Task<IReadOnlyList<FilesystemUsage>> ImageFsInfoAsync(CancellationToken ct) =>
        (await ImagesAsync<ImageFsInfoResponse>("ImageFsInfo", new ImageFsInfoRequest(), Quick, ct).ConfigureAwait(false)).ImageFilesystems;

    /// <summary>Ids of containers and sandboxes whose first process has just ended, as containerd tells it; breaks with the connection.</summary>
    /// <param name="onSubscribed">Called once events are being received: what ended before must be found by a list.</param>
    /// <param name="ct">Ends the subscription.</param>
    public async IAsyncEnumerable<string> WatchExitsAsync(Action onSubscribed, [EnumeratorCancellation] CancellationToken ct)
    {
        // The server answers nothing, not even headers, before the first event. So we send events of our own until one comes back.
        using var announcing = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var request = new SubscribeRequest();
        request.Filters.Add($"topic==\"/tasks/exit\",namespace==\"{ContainerdNamespace}\"");
        request.Filters.Add($"topic==\"{SubscribedTopic}\"");
        var announcer = AnnounceAsync(announcing.Token);
        try
        {
            await foreach (var envelope in _channel.StreamAsync<Envelope>(Events + "Subscribe", request, ct).ConfigureAwait(false))
            {
                if (!announcing.IsCancellationRequested)
                {
                    await announcing.CancelAsync().ConfigureAwait(false);
                    onSubscribed();
                }

                if (envelope.Topic != SubscribedTopic && TaskExit.Parser.ParseFrom(envelope.Event.Value) is var exit && exit.Id == exit.ContainerId)
                {
                    yield return exit.ContainerId;
                }
            }
        }
        finally
        {
            await announcing.CancelAsync().ConfigureAwait(false);
            await announcer.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _channel.Dispose();

    private async Task AnnounceAsync(CancellationToken ct)
    {
        var request = new PublishRequest { Topic = SubscribedTopic, Event = Any.Pack(new Empty()) };
        while (true)
        {
            await Task.Delay(AnnounceInterval, time, ct).ConfigureAwait(false);
            await _channel.CallAsync<Empty>(Events + "Publish", request, Quick, ct).ConfigureAwait(false);
        }
    }

    private Task<TResponse> RuntimeAsync<TResponse>(string method, IMessage request, TimeSpan timeout, CancellationToken ct)
        where TResponse : class, IMessage<TResponse>, new() => _channel.CallAsync<TResponse>(Runtime + method, request, timeout, ct);

    private Task<TResponse> ImagesAsync<TResponse>(string method, IMessage request, TimeSpan timeout, CancellationToken ct)
        where TResponse : class, IMessage<TResponse>, new() => _channel.CallAsync<TResponse>(Images + method, request, timeout, ct);
}
