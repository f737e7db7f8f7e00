using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Node;
using Sealos.Node.Containerd;
using Sealos.Node.Pods.Config;
using Sealos.Objects.Meta;

namespace Sealos.Node.Gvisor;

/// <summary>
/// RuntimeClass <c>gvisor</c>: while this component is there, pods can ask for it. Starting it tells containerd of the runtime,
/// which containerd learns by a restart that containers do not notice; stopping the server changes nothing.
/// </summary>
public sealed partial class GvisorComponent(GvisorRuntime runtime, ContainerdDaemon containerd, KubeClient client, ILogger<GvisorComponent> logger) : IHostedService
{
    /// <summary>The RuntimeClass that people ask for.</summary>
    public const string ClassName = "gvisor";

    /// <summary>Makes the runtime and its class known.</summary>
    /// <exception cref="GvisorException">gVisor cannot be used here.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await runtime.InstallAsync(cancellationToken).ConfigureAwait(false);
        await containerd.EnsureRunningAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await client.CreateAsync(Class(), cancellationToken).ConfigureAwait(false);
            LogAdded(logger, ClassName);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // Made at an earlier start; what an operator has changed in it stays.
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Pods that run in gVisor now, each as namespace/name: they go on when it is removed, and cannot be started again.</summary>
    public async Task<IReadOnlyList<string>> FindUsersAsync(CancellationToken ct) =>
    [
        .. (await client.ListAsync<Pod>(null, null, ct).ConfigureAwait(false)).Items
            .Where(p => p.Spec?.RuntimeClassName == ClassName && p.Status?.Phase is not ("Succeeded" or "Failed"))
            .Select(p => $"{p.Namespace}/{p.Name}"),
    ];

    /// <summary>Takes the runtime away; its class goes with the objects of the component.</summary>
    public async Task RemoveAsync(CancellationToken ct)
    {
        runtime.Remove();
        await containerd.EnsureRunningAsync(ct).ConfigureAwait(false);
        LogRemoved(logger, ClassName);
    }

    private static RuntimeClass Class() => new()
    {
        Metadata = new ObjectMeta { Name = ClassName, Labels = new Dictionary<string, string> { ["system.sealos.io/component"] = ClassName } },
        Handler = ContainerdConfig.GvisorHandler,

        // Each pod's own kernel, measured.
        Overhead = new Overhead { PodFixed = new Dictionary<string, Quantity> { ["memory"] = Quantity.Parse("32Mi") } },
    };

    [LoggerMessage(1, LogLevel.Information, "runtime class {Name} added")]
    private static partial void LogAdded(ILogger logger, string name);

    [LoggerMessage(2, LogLevel.Information, "runtime {Name} removed")]
    private static partial void LogRemoved(ILogger logger, string name);
}
