using System.Text.Json.Nodes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds;
using Sealos.Kinds.Core;

namespace Sealos.Node.Storage;

/// <summary>The storage of this node: makes, grows and removes the volumes that claims ask for. Stopping it leaves volumes as they are, and in use.</summary>
public sealed partial class StorageComponent : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan OpenAgain = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SweepAgain = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ReportAgain = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly InformerFactory _informers;
    private readonly InformerFactory _snapshots;
    private readonly EventRecorder _events;
    private readonly StorageContext _context;
    private readonly UseReporter _uses;
    private readonly List<Controller> _controllers = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    /// <summary>The storage below the options' folders; <paramref name="client"/> needs the rights of role <c>sealos:volumes</c>.</summary>
    public StorageComponent(NodeOptions options, NodeVolumes volumesOfNode, KubeClient client, ILoggerFactory loggers, TimeProvider time)
    {
        _time = time;
        _logger = loggers.CreateLogger<StorageComponent>();
        _informers = new InformerFactory(client, loggers);
        _events = new EventRecorder(client, StorageObjects.DriverName, time, loggers.CreateLogger<EventRecorder>());
        _context = new StorageContext(options.NodeName, options.PodsRoot, volumesOfNode.Pool, client, _events);
        var claims = _informers.For<PersistentVolumeClaim>();
        var volumes = _informers.For<PersistentVolume>();
        Controller Add(string name, IReconciler reconciler)
        {
            var controller = new Controller(name, reconciler, _logger, time);
            _controllers.Add(controller);
            return controller;
        }

        Follow(claims, Add("provisioner", new ClaimProvisioner(_context, claims, volumes)), ClaimProvisioner.IsAsked);
        Follow(claims, Add("resizer", new ClaimResizer(_context, claims, volumes)), ClaimResizer.IsAsked);
        Follow(volumes, Add("deleter", new VolumeDeleter(_context, volumes)), StorageObjects.IsOurs);
        _uses = new UseReporter(_context, claims, volumes, _logger);
        _snapshots = new InformerFactory(client, loggers);
        var snapshots = _snapshots.For<VolumeSnapshot>();
        var contents = _snapshots.For<VolumeSnapshotContent>();
        Follow(snapshots, Add("snapshots", new SnapshotReconciler(_context, snapshots, time)), _ => true);
        Follow(contents, Add("snapshot-contents", new ContentReconciler(_context, contents)), c => c.Metadata.DeletionTimestamp is not null);
    }

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await EnsureObjectsAsync(cancellationToken).ConfigureAwait(false);
        if (_context.Pool.Driver is not null)
        {
            // Opened without us, for volumes that pods use; what a crash has left was not looked for.
            await TrySweepAsync(cancellationToken).ConfigureAwait(false);
        }

        var isOpen = await TryOpenAsync(cancellationToken).ConfigureAwait(false);
        _informers.Start();

        // Not waited for: somebody may have removed the definitions of snapshots.
        _snapshots.Start();
        await _informers.WaitForSyncAsync(cancellationToken).ConfigureAwait(false);
        _running = Task.Run(() => RunAsync(isOpen, _stop.Token), CancellationToken.None);
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_stop.IsCancellationRequested)
        {
            await StopAsync(CancellationToken.None).ConfigureAwait(false);
        }

        await _informers.DisposeAsync().ConfigureAwait(false);
        await _snapshots.DisposeAsync().ConfigureAwait(false);
        await _events.DisposeAsync().ConfigureAwait(false);
        _controllers.ForEach(c => c.Dispose());
        _stop.Dispose();
    }

    private static void Follow<T>(Informer<T> informer, Controller controller, Func<T, bool> concerns)
        where T : class, IKubeObject<T>, new() =>
        informer.OnChange((_, now) =>
        {
            if (now is not null && concerns(now))
            {
                controller.Enqueue(ObjectKey.Of(now));
            }
        });

    // Without a place for volumes the rest of the cloud still works, and a person can see from events what is wrong.
    private async Task RunAsync(bool isOpen, CancellationToken ct)
    {
        List<Task> tasks = [ReportAsync(ct), .. _controllers.Select(c => c.RunAsync(workers: 2, ct))];
        while (!isOpen && !ct.IsCancellationRequested)
        {
            await Task.Delay(OpenAgain, _time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            isOpen = await TryOpenAsync(ct).ConfigureAwait(false);
        }

        while (!ct.IsCancellationRequested)
        {
            await Task.Delay(SweepAgain, _time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!ct.IsCancellationRequested)
            {
                await TrySweepAsync(ct).ConfigureAwait(false);
            }
        }

        await Task.WhenAll(tasks).ConfigureAwait(false);
    }

    private async Task ReportAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await _uses.ReportAsync(ct).ConfigureAwait(false);
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                LogNotReported(_logger, e.Message);
            }

            await Task.Delay(ReportAgain, _time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task TrySweepAsync(CancellationToken ct)
    {
        try
        {
            await _context.Pool.RemoveHalfMadeAsync(h => IsKnownAsync(h, ct), ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StorageException or IOException or UnauthorizedAccessException or ApiException or HttpRequestException or OperationCanceledException)
        {
            LogNotSwept(_logger, e.Message);
        }
    }

    // A claim may still get what was begun for it, also when its object is not there yet.
    private async Task<bool> IsKnownAsync(string handle, CancellationToken ct) =>
        (await _context.Client.ListAsync<PersistentVolumeClaim>(null, null, ct).ConfigureAwait(false)).Items.Exists(c => StorageObjects.NameFor(c) == handle)
        || await _context.Client.FindAsync<PersistentVolume>(null, handle, ct).ConfigureAwait(false) is not null;

    private async Task<bool> TryOpenAsync(CancellationToken ct)
    {
        try
        {
            await _context.Pool.OpenAsync(h => IsKnownAsync(h, ct), ct).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is StorageException or IOException or UnauthorizedAccessException or ApiException or HttpRequestException or OperationCanceledException)
        {
            LogNotOpen(_logger, e.Message);
            return false;
        }
    }

    // Made once: what their owner changes or deletes stays so until the next start, and changes stay for good.
    private async Task EnsureObjectsAsync(CancellationToken ct)
    {
        await Task.WhenAll([
            .. StorageObjects.Classes().Select(c => EnsureAsync(() => _context.Client.CreateAsync(c, ct))),
            .. SnapshotDefinitions.All().Select(d => EnsureAsync(() => _context.Client.PostAsync<JsonObject, JsonObject>(SnapshotDefinitions.Path, d, ct))),
            EnsureAsync(() => _context.Client.CreateAsync(StorageObjects.Driver(), ct)),
        ]).ConfigureAwait(false);
        await EnsureAsync(() => _context.Client.CreateAsync(SnapshotDefinitions.DefaultClass(), ct)).ConfigureAwait(false);
    }

    private static async Task EnsureAsync(Func<Task> create)
    {
        try
        {
            await create().ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // Made at an earlier start.
        }
    }

    [LoggerMessage(1, LogLevel.Error, "the storage of this node is not ready: {Reason}")]
    private static partial void LogNotOpen(ILogger logger, string reason);

    [LoggerMessage(3, LogLevel.Warning, "what volumes hold could not be written on their claims: {Reason}")]
    private static partial void LogNotReported(ILogger logger, string reason);

    [LoggerMessage(2, LogLevel.Warning, "volumes that were begun and never done could not be removed: {Reason}")]
    private static partial void LogNotSwept(ILogger logger, string reason);
}
