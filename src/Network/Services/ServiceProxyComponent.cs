using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Kinds.Discovery;
using Sealos.Network.Nft;

namespace Sealos.Network.Services;

/// <summary>
/// Carries the traffic of services to their endpoints by one nftables table, kept equal to Services and EndpointSlices.
/// Stopping leaves the table as it is: traffic goes on while the server restarts, and the next start takes over in one transaction.
/// </summary>
public sealed partial class ServiceProxyComponent : IHostedService, IDisposable
{
    private const string ByService = "service";

    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(30);

    private readonly ServiceProxyOptions _options;
    private readonly TimeProvider _time;
    private readonly EventRecorder _events;
    private readonly ILogger _logger;
    private readonly Informer<Service> _services;
    private readonly Informer<EndpointSlice> _slices;
    private readonly Informer<Pod> _pods;
    private readonly NftRunner _nft;
    private readonly NftTable _table;
    private readonly Conntrack _conntrack;
    private readonly ServiceTranslator _translator;
    private readonly HostPorts _hostPorts;
    private readonly DirtyKeys<ObjectKey> _dirty;
    private readonly Dictionary<ObjectKey, string> _refused = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _run = Task.CompletedTask;

    /// <summary>A proxy fed by <paramref name="informers"/>, which the caller starts.</summary>
    public ServiceProxyComponent(ServiceProxyOptions options, InformerFactory informers, EventRecorder events, TimeProvider time, ILoggerFactory loggers)
        : this(options, informers, new HostCommands(), events, time, loggers)
    {
    }

    internal ServiceProxyComponent(ServiceProxyOptions options, InformerFactory informers, HostCommands commands, EventRecorder events, TimeProvider time, ILoggerFactory loggers)
    {
        _options = options;
        _time = time;
        _events = events;
        _dirty = new DirtyKeys<ObjectKey>(time);
        _logger = loggers.CreateLogger<ServiceProxyComponent>();
        _services = informers.For<Service>();
        _slices = informers.For<EndpointSlice>().AddIndex(ByService, slice => ServiceOf(slice) is { } key ? [$"{key}"] : []);
        _pods = informers.For<Pod>();
        _nft = new NftRunner(commands);
        _table = new InstanceNames(options.Instance).ServiceTable;
        _conntrack = new Conntrack(commands, _logger);
        _translator = new ServiceTranslator(options);
        _hostPorts = new HostPorts(options);
    }

    /// <summary>Completes when the services known at start are carried.</summary>
    public Task Ready => _ready.Task;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _services.OnChange((old, @new) => _dirty.Add(ObjectKey.Of((@new ?? old)!)));
        _slices.OnChange((old, @new) =>
        {
            MarkServiceOf(old);
            MarkServiceOf(@new);
        });
        _pods.OnChange((old, @new) =>
        {
            // Nearly no pod asks for a port of the node, and of a pod that does few updates matter.
            var pod = (@new ?? old)!;
            if (HostPorts.Has(pod) && (@new is null || old?.Status?.PodIP != @new.Status?.PodIP || old?.Status?.Phase != @new.Status?.Phase))
            {
                _dirty.Add(HostPorts.KeyOf(pod));
            }
        });
        _run = Task.Run(() => RunAsync(_stop.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _ready.TrySetCanceled(CancellationToken.None);
        await _run.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _dirty.Dispose();
        _stop.Dispose();
    }

    private static ObjectKey? ServiceOf(EndpointSlice slice) =>
        slice.Metadata.Labels?.GetValueOrDefault("kubernetes.io/service-name") is { Length: > 0 } name ? new ObjectKey(slice.Metadata.Namespace, name) : null;

    private void MarkServiceOf(EndpointSlice? slice)
    {
        if (slice is not null && ServiceOf(slice) is { } key)
        {
            _dirty.Add(key);
        }
    }

    private Task RunAsync(CancellationToken ct) =>
        new TableUpkeep(_time, (seconds, reason) => Log.Failed(_logger, seconds, reason)).RunAsync(BuildAsync, FollowAsync, ct);

    // What failed is tried again from nothing: what the last run left may be of another version's making.
    private async Task<TableDiffer> BuildAsync(int failures, CancellationToken ct)
    {
        var differ = await RebuildAsync(takeOver: failures == 0, ct).ConfigureAwait(false);
        _ready.TrySetResult();
        return differ;
    }

    // One transaction, so no packet meets a table half full. What an earlier run left is changed, not replaced: between the
    // old hooks and new ones, as between an old map and its like, the kernel lets a packet through that neither has seen.
    private async Task<TableDiffer> RebuildAsync(bool takeOver, CancellationToken ct)
    {
        await _services.WaitForSyncAsync(ct).ConfigureAwait(false);
        await _slices.WaitForSyncAsync(ct).ConfigureAwait(false);
        await _pods.WaitForSyncAsync(ct).ConfigureAwait(false);
        _dirty.TakeAll();
        var plans = _services.List().Select(ObjectKey.Of).Concat(_pods.List().Where(HostPorts.Has).Select(HostPorts.KeyOf)).Select(Plan).ToList();
        var differ = new TableDiffer(_table, _time);
        var started = _time.GetTimestamp();
        var left = takeOver && await _nft.ListAsync(_table, ct).ConfigureAwait(false) is { } listing ? TableState.Parse(listing, ServiceTable.Variable) : null;
        var script = left is null
            ? $"{_table.Replace()}{ServiceTable.Script(_table, _options)}{differ.Change(plans).Script}"
            : $"{_table.Flush()}{ServiceTable.Script(_table, _options)}{differ.TakeOver(left, plans)}";
        await _nft.ApplyAsync(script, ct).ConfigureAwait(false);
        Log.Rebuilt(_logger, plans.Count, _time.GetElapsedTime(started).TotalMilliseconds);
        await _conntrack.ForgetStrangersAsync(plans, ct).ConfigureAwait(false);
        return differ;
    }

    // Returns when the table is gone and must be built again.
    private async Task FollowAsync(TableDiffer differ, CancellationToken ct)
    {
        var @checked = _time.GetTimestamp();
        while (true)
        {
            if (await _dirty.WaitAsync(differ.HasRetired ? SweepInterval : CheckInterval, ct).ConfigureAwait(false))
            {
                await Task.Delay(_options.BatchDelay, _time, ct).ConfigureAwait(false);
                await UpdateAsync(differ, ct).ConfigureAwait(false);
            }

            if (differ.HasRetired && differ.Sweep() is { Length: > 0 } sweep)
            {
                await _nft.ApplyAsync(sweep, ct).ConfigureAwait(false);
            }

            if (_time.GetElapsedTime(@checked) >= CheckInterval)
            {
                @checked = _time.GetTimestamp();
                if (!await _nft.ExistsAsync(_table, ct).ConfigureAwait(false))
                {
                    Log.Gone(_logger, _table);
                    return;
                }
            }
        }
    }

    private async Task UpdateAsync(TableDiffer differ, CancellationToken ct)
    {
        var change = differ.Change([.. _dirty.TakeAll().Select(Plan)]);
        if (change.Script.Length > 0)
        {
            await _nft.ApplyAsync(change.Script, ct).ConfigureAwait(false);
        }

        await _conntrack.ForgetAsync(change.StaleFlows, ct).ConfigureAwait(false);
    }

    private ServicePlan Plan(ObjectKey key)
    {
        if (HostPorts.PodName(key) is { } name)
        {
            return _pods.Get(key.Namespace, name) is { } pod ? Tell(pod, _hostPorts.Translate(pod)) : Tell<Pod>(null, ServicePlan.Nothing(key));
        }

        return _services.Get(key.Namespace, key.Name) is { } service
            ? Tell(service, _translator.Translate(service, _slices.ByIndex(ByService, $"{key}")))
            : Tell<Service>(null, ServicePlan.Nothing(key));
    }

    private ServicePlan Tell<T>(T? owner, ServicePlan plan)
        where T : class, IKubeObject<T>, new()
    {
        if (owner is null || plan.Refusals.IsEmpty)
        {
            _refused.Remove(plan.Service);
        }
        else if (string.Join("; ", plan.Refusals) is var refusal && _refused.GetValueOrDefault(plan.Service) != refusal)
        {
            _refused[plan.Service] = refusal;
            Log.Refused(_logger, plan.Service, refusal);
            _events.Warning(owner, "NotCarried", refusal);
        }

        return plan;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "carrying {Services} services, table built in {Milliseconds} ms")]
        public static partial void Rebuilt(ILogger logger, int services, double milliseconds);

        [LoggerMessage(2, LogLevel.Warning, "table '{Table}' was removed by somebody else, building it again")]
        public static partial void Gone(ILogger logger, NftTable table);

        [LoggerMessage(3, LogLevel.Error, "services cannot be carried, trying again in {Seconds}s: {Reason}")]
        public static partial void Failed(ILogger logger, double seconds, string reason);

        [LoggerMessage(4, LogLevel.Warning, "{Service}: {Refusal}")]
        public static partial void Refused(ILogger logger, ObjectKey service, string refusal);
    }
}
