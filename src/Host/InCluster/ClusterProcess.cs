using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Desktop;
using Sealos.Desktop.Apps.Launchpad;
using Sealos.Host.Components;
using Sealos.Host.Running;
using Sealos.Kinds.Core;
using Sealos.Kinds.Discovery;
using Sealos.Network.Gateway;
using Sealos.OsServices;
using Sealos.OsServices.Admission;
using Sealos.OsServices.Users;
using Sealos.OsServices.Users.Walls;

namespace Sealos.Host.InCluster;

/// <summary>
/// <c>sealos server</c> on a cluster that exists: system services, gateway and desktop in one process, without a kernel. Of several copies
/// one leads and runs everything; the others judge writes beside it, so that admission is never away, and wait.
/// </summary>
public sealed class ClusterProcess
{
    /// <summary>The label of the leader's pod, by which the gateway's Service finds it.</summary>
    public const string LeaderLabel = "system.sealos.io/leads";

    private static readonly TimeSpan Again = TimeSpan.FromSeconds(2);
    private static readonly string[] InEveryCopy = [ComponentCatalog.Admission.Name];

    private readonly ClusterOptions _options;
    private readonly KubeClient _client;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly ClusterNetwork _network;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly string? _pod = Environment.GetEnvironmentVariable("POD_NAME") is { Length: > 0 } name ? name : null;
    private ComponentSwitch? _switch;
    private volatile Term? _leading;
    private int _wallsAt;

    private ClusterProcess(ClusterOptions options, KubeClient client, TimeProvider time, ILoggerFactory loggers)
    {
        _options = options;
        _client = client;
        _time = time;
        _loggers = loggers;
        _network = new ClusterNetwork(options);
    }

    /// <summary>Runs until SIGTERM; false when it led and does no longer, after which the process must end.</summary>
    public static async Task<bool> RunAsync(ClusterOptions options, KubeConfig api, TimeProvider time, CancellationToken ct)
    {
        using var loggers = HostLogging.Create();
        using var stop = new StopSignal(ct);
        using var client = new KubeClient(api, "sealos-server");
        var process = new ClusterProcess(options, client, time, loggers);
        try
        {
            return await process.RunAsync(stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            return true;
        }
        finally
        {
            process._turn.Dispose();
        }
    }

    private async Task<bool> RunAsync(CancellationToken ct)
    {
        // What a copy that was killed has left on the pod.
        await LabelAsync(false, ct).ConfigureAwait(false);
        Directory.CreateDirectory(_options.RunFolder);
        await using var informers = new InformerFactory(_client, _loggers);
        using var following = _network.Follow(informers.For<Kinds.Core.Node>());
        informers.Start();
        await informers.WaitForSyncAsync(ct).ConfigureAwait(false);
        _wallsAt = _network.Changes;
        var board = new ComponentBoard(Path.Combine(_options.RunFolder, "server.status.json"), _options.Components, _time);
        _switch = new ComponentSwitch(await ComponentsAsync(ct).ConfigureAwait(false), board, _time, _loggers.CreateLogger<ClusterProcess>());
        var identity = _pod ?? $"{Dns.GetHostName()}-{Environment.ProcessId}";
        var leadership = new Leadership(_client, new ObjectKey(ClusterOptions.Namespace, ClusterOptions.Name), identity, _time, _loggers.CreateLogger<Leadership>());
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var keeping = Task.WhenAll(KeepAsync(end.Token), MemoryKeeper.RunAsync(_time, end.Token));
        var isLost = false;
        try
        {
            var leading = leadership.RunAsync(LeadAsync, end.Token);
            await (await Task.WhenAny(leading, keeping).ConfigureAwait(false)).ConfigureAwait(false);
            isLost = !await leading.ConfigureAwait(false);
            return !isLost;
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);

            // Another may lead in a moment: the process ends now, whatever has not stopped.
            if (!isLost)
            {
                await keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await _switch.StopAllAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task LeadAsync(CancellationToken ct)
    {
        _leading = new Term(ct);
        try
        {
            await StepAsync(ct).ConfigureAwait(false);
            await LabelAsync(true, ct).ConfigureAwait(false);
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, ct).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Told to stop.
        }
        finally
        {
            // The next one must find nothing of this one's running, also where leading failed.
            _leading = null;
            await StepAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task KeepAsync(CancellationToken ct)
    {
        while (true)
        {
            try
            {
                await StepAsync(ct).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                // It no longer leads, and a leader's step gives way to the one that stops what only leaders run.
            }

            await Task.Delay(Again, _time, ct).ConfigureAwait(false);
        }
    }

    private async Task StepAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            var term = _leading;
            using var step = CancellationTokenSource.CreateLinkedTokenSource(ct, term?.Token ?? CancellationToken.None);
            var wanted = _options.Components.Where(c => term is not null || InEveryCopy.Contains(c)).ToHashSet(StringComparer.Ordinal);
            if (_network.Changes is var changes && changes != _wallsAt)
            {
                // Pods have come where there were none: every workspace's walls are written anew as its start does.
                await _switch!.ApplyAsync(wanted.Where(c => c != ComponentCatalog.Users.Name).ToHashSet(StringComparer.Ordinal), step.Token).ConfigureAwait(false);
                _wallsAt = changes;
            }

            await _switch!.ApplyAsync(wanted, step.Token).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    private Task LabelAsync(bool leads, CancellationToken ct) => _pod is null
        ? Task.CompletedTask
        : _client.PatchAsync<Pod>(ClusterOptions.Namespace, _pod, new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { [LeaderLabel] = leads ? "true" : null } } }, null, ct);

    private async Task<RemovableComponent[]> ComponentsAsync(CancellationToken ct)
    {
        var doors = await DoorsAsync(ct).ConfigureAwait(false);
        var desktop = _options.Desktop(_client.Config);
        return
        [
            new(ComponentCatalog.Admission) { Create = () => new AdmissionComponent(_options.Admission(_network), _client, _time, _loggers) },
            new(ComponentCatalog.Users) { Create = () => new ServiceGroup(new ServicesApi(_options.Services(), _client, _time, _loggers), new UsersComponent(_options.Users(_network, doors), _client, _time, _loggers)) },
            new(ComponentCatalog.Gateway) { Create = () => OwningService.With(new InformerFactory(_client, _loggers), i => new GatewayComponent(_options.Gateway(_network), _client, i, _time, _loggers)) },
            new(ComponentCatalog.Desktop) { Create = () => new DesktopComponent(desktop, _time, _loggers) },
            new(ComponentCatalog.Launchpad) { Create = () => new LaunchpadComponent(desktop.Apps) },
        ];
    }

    // Where the API server itself is: pods of workspaces may ask it, though its machine is closed to them.
    private async Task<IReadOnlyList<OpenDoor>> DoorsAsync(CancellationToken ct)
    {
        var slices = await _client.ListAsync<EndpointSlice>("default", new ListQuery { LabelSelector = "kubernetes.io/service-name=kubernetes" }, ct).ConfigureAwait(false);
        var service = await _client.FindAsync<Service>("default", "kubernetes", ct).ConfigureAwait(false);
        var own = slices.Items.SelectMany(s => (s.Endpoints ?? []).SelectMany(e => e.Addresses ?? []).Select(a => (Address: a, Ports: (s.Ports ?? []).Select(p => p.Port ?? 0).Where(p => p > 0).ToArray())));
        return
        [
            .. own.Append((service?.Spec?.ClusterIP ?? "", [.. (service?.Spec?.Ports ?? []).Select(p => p.Port ?? 0)]))
                .Where(d => IPAddress.TryParse(d.Address, out var address) && address.AddressFamily == AddressFamily.InterNetwork)
                .Select(d => new OpenDoor(new IPNetwork(IPAddress.Parse(d.Address), 32), d.Ports)),
        ];
    }

    /// <summary>For as long as this copy leads.</summary>
    private sealed record Term(CancellationToken Token);
}
