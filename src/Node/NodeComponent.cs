using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Client;
using Sealos.Node.Cri;
using Sealos.Node.Exec;
using Sealos.Node.Registration;
using Sealos.Node.Shutdown;

namespace Sealos.Node;

/// <summary>
/// The node agent: runs the pods that are bound to this node on a containerd that is there already, and answers the API server's
/// requests about them. Stopping it leaves pods running; the next one adopts them.
/// </summary>
public sealed partial class NodeComponent(NodeOptions options, KubeClient client, KubeletServerOptions serving, ILoggerFactory loggers, TimeProvider time) : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger = loggers.CreateLogger<NodeComponent>();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];
    private NodeParts? _parts;

    /// <summary>Registers the node and takes its pods over; returns once all of them are known.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        new KernelLimits(KernelLimits.Folder, _logger).Raise();
        var (machine, abilities) = await LookAroundAsync(cancellationToken).ConfigureAwait(false);
        var parts = _parts = new NodeParts(options, serving, client, machine, time, loggers);
        parts.Registrar.Abilities = abilities;
        // What runs is known before the first pod is looked at, so that nothing that runs is started again.
        await parts.Runtime.RelistAsync(cancellationToken).ConfigureAwait(false);
        parts.Informers.Start();
        await parts.Informers.WaitForSyncAsync(cancellationToken).ConfigureAwait(false);
        parts.HandOver();
        await parts.Server.StartAsync(cancellationToken).ConfigureAwait(false);
        await parts.Registrar.RegisterAsync(cancellationToken).ConfigureAwait(false);

        Run("runtime", parts.Runtime.RunAsync);
        Run("registration", parts.Registrar.RunAsync);
        Run("volumes", parts.Volumes.RunAsync);
        Run("logs", parts.LogRotator.RunAsync);
        Run("pressure", parts.Evictor.RunAsync);
        Run("disk limits", parts.DiskLimits.RunAsync);
        Run("static pods", parts.StaticPods.RunAsync);
    }

    /// <summary>Stops the agent; pods go on, unless the machine goes down and they are to end before it.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_parts is { } open && options.Shutdown.Grace > TimeSpan.Zero && await MachineState.IsGoingDownAsync(time, cancellationToken).ConfigureAwait(false))
        {
            await open.Shutdown.RunAsync(cancellationToken).ConfigureAwait(false);
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        if (_parts is { } parts)
        {
            await parts.Server.StopAsync(cancellationToken).ConfigureAwait(false);
        }

        await Task.WhenAll(_running).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_stop.IsCancellationRequested)
        {
            await StopAsync(CancellationToken.None).ConfigureAwait(false);
        }

        if (_parts is { } parts)
        {
            await parts.DisposeAsync().ConfigureAwait(false);
        }

        _stop.Dispose();
    }

    private async Task<(MachineInfo Machine, RuntimeAbilities Abilities)> LookAroundAsync(CancellationToken ct)
    {
        using var cri = new CriClient(options.ContainerdSocket, time);
        var version = await cri.VersionAsync(ct).ConfigureAwait(false);
        return (MachineInfo.Read(options, version.RuntimeVersion), RuntimeAbilities.Of(await cri.StatusAsync(ct).ConfigureAwait(false)));
    }

    private void Run(string part, Func<CancellationToken, Task> work) => _running.Add(Task.Run(() => RunAsync(part, work, _stop.Token), CancellationToken.None));

    // A part that fails is started again; without it the node would look alive and do nothing.
    private async Task RunAsync(string part, Func<CancellationToken, Task> work, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await work(ct).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                LogFailed(_logger, part, e);
                await Task.Delay(RestartDelay, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Error, "{Part} of the node failed and is started again")]
    private static partial void LogFailed(ILogger logger, string part, Exception exception);
}
