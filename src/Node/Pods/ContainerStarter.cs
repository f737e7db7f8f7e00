using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Node.Cri;
using Sealos.Node.Pods.Config;
using V1 = Sealos.Node.Cri.Messages;

namespace Sealos.Node.Pods;

/// <summary>One start of a container: image, configuration, create, start, postStart hook.</summary>
internal sealed class ContainerStarter(CriClient cri, IPodApi api, ImagePuller images, PodDirectories directories, LifecycleHooks hooks, NodeFacts node) : IDisposable
{
    // As many as keep the processors busy; a reboot brings all pods at once, and each start costs processor time.
    private readonly SemaphoreSlim _turns = new(Math.Max(4, 2 * Environment.ProcessorCount));
    private readonly ContainerMounts _mounts = new(directories);

    /// <summary>Starts the container.</summary>
    /// <exception cref="ContainerStartException">It cannot be started now; says why it waits.</exception>
    public async Task StartAsync(StartContext context, Container container, CancellationToken ct)
    {
        var pod = context.Pod;
        var image = await images.EnsureAsync(pod, container, context.Backoff, ct).ConfigureAwait(false);
        var config = await ConfigureAsync(context, container, image, ct).ConfigureAwait(false);
        string id;
        await _turns.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            // From here on nothing is cancelled: what a cut call leaves in the runtime belongs to nobody.
            id = await CreateAsync(context, config, CancellationToken.None).ConfigureAwait(false);
            api.Normal(pod, "Created", $"Created container: {container.Name}", container.Name);
            await RunAsync(id, CancellationToken.None).ConfigureAwait(false);
            api.Normal(pod, "Started", $"Started container {container.Name}", container.Name);
        }
        finally
        {
            _turns.Release();
        }

        if (container.Lifecycle?.PostStart is { } hook)
        {
            await RunPostStartAsync(context, hook, new HookTarget(container, id, context.PodIp), ct).ConfigureAwait(false);
        }
    }

    /// <summary>Waits for a turn to make a sandbox, and makes it.</summary>
    public async Task<string> CreateSandboxAsync(V1.PodSandboxConfig config, string handler, CancellationToken ct)
    {
        await _turns.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            // Not cancelled: a sandbox cut off half made would keep its name and its address.
            return await cri.RunPodSandboxAsync(config, handler, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <summary>Takes away what was prepared for a pod's containers.</summary>
    public void TearDown(string uid) => _mounts.TearDown(uid);

    /// <inheritdoc/>
    public void Dispose() => _turns.Dispose();

    private async Task<V1.ContainerConfig> ConfigureAsync(StartContext context, Container container, V1.Image image, CancellationToken ct)
    {
        var pod = context.Pod;
        var restartCount = context.Runtime.Latest(container.RequiredName) is { } latest ? latest.RestartCount + 1 : 0;
        var sources = await ReadSourcesAsync(pod, container, ct).ConfigureAwait(false);
        var environment = ContainerEnvironment.Build(pod, container, sources, new PodSurroundings(node.Ip, context.PodIp, node.Allocatable));
        var target = pod.Spec?.EphemeralContainers?.FirstOrDefault(e => e.Name == container.Name)?.TargetContainerName;
        return ContainerConfigBuilder.Build(pod, container, new ContainerInputs
        {
            Image = image,
            RestartCount = restartCount,
            Environment = environment,
            Mounts = _mounts.Prepare(context, container, restartCount, environment),
            Resources = ResourceMapping.Of(pod, container, node.MemoryBytes, node.HasUnifiedCgroups),
            TargetContainerId = string.IsNullOrEmpty(target) ? null : context.Runtime.Active(target)?.Id ?? throw ContainerStartException.Config($"targetContainerName: container \"{target}\" does not run"),
            SeccompRoot = node.SeccompRoot,
        });
    }

    private async Task<EnvironmentSources> ReadSourcesAsync(Pod pod, Container container, CancellationToken ct)
    {
        var sources = new EnvironmentSources { Services = ServiceEnvironment.Build(pod, api.ServicesFor(pod.Namespace)) };
        try
        {
            await ReadSourcesAsync(sources, pod.Namespace, container, ct).ConfigureAwait(false);
            return sources;
        }
        catch (Exception e) when (e is ApiException or HttpRequestException)
        {
            throw ContainerStartException.Config($"what the environment refers to could not be read: {e.Message}");
        }
    }

    private async Task ReadSourcesAsync(EnvironmentSources sources, string ns, Container container, CancellationToken ct)
    {
        var (maps, secrets) = ContainerEnvironment.References(container);
        foreach (var name in maps)
        {
            if (await api.FindConfigMapAsync(ns, name, ct).ConfigureAwait(false) is { } map)
            {
                sources.ConfigMaps[name] = map;
            }
        }

        foreach (var name in secrets)
        {
            if (await api.FindSecretAsync(ns, name, ct).ConfigureAwait(false) is { } secret)
            {
                sources.Secrets[name] = secret;
            }
        }
    }

    private async Task<string> CreateAsync(StartContext context, V1.ContainerConfig config, CancellationToken ct)
    {
        try
        {
            return await cri.CreateContainerAsync(context.SandboxId, config, context.Sandbox, ct).ConfigureAwait(false);
        }
        catch (CriException e)
        {
            throw new ContainerStartException("CreateContainerError", e.Message, e);
        }
    }

    private async Task RunAsync(string id, CancellationToken ct)
    {
        try
        {
            await cri.StartContainerAsync(id, ct).ConfigureAwait(false);
        }
        catch (CriException e)
        {
            throw new ContainerStartException("RunContainerError", e.Message, e);
        }
    }

    private async Task RunPostStartAsync(StartContext context, LifecycleHandler hook, HookTarget target, CancellationToken ct)
    {
        try
        {
            await hooks.RunAsync(hook, target, Timeout.InfiniteTimeSpan, ct).ConfigureAwait(false);
        }
        catch (HookException e)
        {
            api.Warning(context.Pod, "FailedPostStartHook", $"PostStartHook failed: {e.Message}", target.Container.Name);
            api.Normal(context.Pod, "Killing", "FailedPostStartHook", target.Container.Name);
            await cri.StopContainerAsync(target.ContainerId, context.Pod.Grace, ct).ConfigureAwait(false);
            throw new ContainerStartException("PostStartHookError", $"PostStartHook failed: {e.Message}", e);
        }
    }
}
