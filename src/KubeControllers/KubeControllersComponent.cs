using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.KubeControllers.Autoscalers;
using Sealos.KubeControllers.Certificates;
using Sealos.KubeControllers.Common;
using Sealos.KubeControllers.CronJobs;
using Sealos.KubeControllers.DaemonSets;
using Sealos.KubeControllers.Deployments;
using Sealos.KubeControllers.DisruptionBudgets;
using Sealos.KubeControllers.EndpointSlices;
using Sealos.KubeControllers.GarbageCollector;
using Sealos.KubeControllers.Jobs;
using Sealos.KubeControllers.Namespaces;
using Sealos.KubeControllers.Nodes;
using Sealos.KubeControllers.ReplicaSets;
using Sealos.KubeControllers.Resources;
using Sealos.KubeControllers.Scheduler;
using Sealos.KubeControllers.ServiceAccounts;
using Sealos.KubeControllers.StatefulSets;
using Sealos.KubeControllers.Volumes;

namespace Sealos.KubeControllers;

/// <summary>
/// Kubernetes' own controllers and the scheduler, over one client and one cache a kind. Starting returns when the caches are
/// filled and every controller runs; stopping waits until what is being reconciled has come to an end.
/// </summary>
public sealed class KubeControllersComponent : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan DiscoveryRetry = TimeSpan.FromMilliseconds(300);

    private readonly InformerFactory _informers;
    private readonly ControllerContext _context;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    /// <summary>The controllers, not yet running; <paramref name="client"/> needs the rights of Kubernetes' controller manager and scheduler.</summary>
    public KubeControllersComponent(KubeControllersOptions options, KubeClient client, ILoggerFactory loggers, TimeProvider time)
    {
        _informers = new InformerFactory(client, loggers);
        _context = new ControllerContext(options, client, _informers, loggers, time);
        _time = time;
        _logger = loggers.CreateLogger("Sealos.KubeControllers");
        Compose(_context);
    }

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        await ComposeServedAsync(cancellationToken).ConfigureAwait(false);
        _informers.Start();
        await _informers.WaitForSyncAsync(cancellationToken).ConfigureAwait(false);
        _running = Task.WhenAll(_context.Runs.Select(run => Task.Run(() => run(_stop.Token), CancellationToken.None)));
        Log.Started(_logger, _time.GetElapsedTime(started).TotalSeconds);
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_context.Recorders.Select(r => r.DisposeAsync().AsTask())).ConfigureAwait(false);
        await _informers.DisposeAsync().ConfigureAwait(false);
        foreach (var disposable in _context.Disposables)
        {
            disposable.Dispose();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_stop.IsCancellationRequested)
        {
            await StopAsync(CancellationToken.None).ConfigureAwait(false);
        }

        _stop.Dispose();
    }

    // Controllers of kinds that not every server serves; the cache of a kind that is not would never fill.
    private async Task ComposeServedAsync(CancellationToken ct)
    {
        var catalog = await ReadCatalogAsync(ct).ConfigureAwait(false);
        if (catalog.Find("v1", "ReplicationController") is not null)
        {
            ReplicaSetController.AddReplicationControllers(_context);
        }

        if (catalog.Find("certificates.k8s.io/v1", "CertificateSigningRequest") is not null)
        {
            SigningController.Add(_context);
        }

        if (catalog.Find("apps/v1", "StatefulSet") is not null && catalog.Find("apps/v1", "ControllerRevision") is not null)
        {
            StatefulSetController.Add(_context);
        }

        if (catalog.Find("apps/v1", "DaemonSet") is not null && catalog.Find("apps/v1", "ControllerRevision") is not null)
        {
            DaemonSetController.Add(_context);
        }

        if (catalog.Find("policy/v1", "PodDisruptionBudget") is not null)
        {
            DisruptionController.Add(_context, catalog);
        }

        if (catalog.Find("batch/v1", "Job") is not null)
        {
            JobController.Add(_context);
            CronJobController.Add(_context);
        }

        if (catalog.Find("autoscaling/v2", "HorizontalPodAutoscaler") is not null)
        {
            AutoscalerController.Add(_context);
        }
    }

    private async Task<ResourceCatalog> ReadCatalogAsync(CancellationToken ct)
    {
        while (true)
        {
            try
            {
                return await ResourceCatalog.ReadAsync(_context.Client, ct).ConfigureAwait(false);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or ApiException { IsTransient: true })
            {
                Log.DiscoveryFailed(_logger, e.Message);
                await Task.Delay(DiscoveryRetry, _time, ct).ConfigureAwait(false);
            }
        }
    }

    // In the order in which a pod comes to be.
    private static void Compose(ControllerContext context)
    {
        NamespaceDefaultsController.Add(context);
        TokenSecretController.Add(context);
        DeploymentController.Add(context);
        ReplicaSetController.Add(context);
        VolumeControllers.Add(context);
        SchedulerController.Add(context);
        NodeControllers.Add(context);
        EndpointsController.Add(context);
        var monitors = GarbageController.Add(context);
        NamespaceController.Add(context, monitors);
    }
}
