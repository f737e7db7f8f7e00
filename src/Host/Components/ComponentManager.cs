using System.Text.Json.Nodes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.Host.Configuration;
using Sealos.Host.Running;
using Sealos.Kinds.Meta;

namespace Sealos.Host.Components;

/// <summary>
/// Brings it about, in the server, that what the API's Components want is what runs: starts and stops the server's own, the edge
/// while something is to run there, makes and deletes the objects of both, and tells in each Component's status what is. It looks at
/// the world anew each time, so that it may be killed at any moment.
/// </summary>
internal sealed partial class ComponentManager : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(5);

    private readonly CloudOptions _options;
    private readonly IReadOnlyList<RemovableComponent> _components;
    private readonly KubeClient _client;
    private readonly ComponentBoard _board;
    private readonly ILogger _logger;
    private readonly EdgeSupervisor _edge;
    private readonly ComponentSwitch _switch;
    private readonly ComponentReports _reports;
    private readonly InformerFactory _informers;
    private readonly Informer<CloudComponent> _objects;
    private readonly ComponentWishes _wishes;
    private readonly HashSet<string> _prepared = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _generations = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public ComponentManager(CloudOptions options, IReadOnlyList<RemovableComponent> components, KubeClient client, ComponentBoard board, TimeProvider time, ILoggerFactory loggers)
    {
        _options = options;
        _components = components;
        _client = client;
        _board = board;
        _logger = loggers.CreateLogger<ComponentManager>();
        _edge = new EdgeSupervisor(options, board, time, loggers);
        _switch = new ComponentSwitch([.. components.Where(c => c.Info.Process == ComponentInfo.Server)], board, time, _logger);
        IReadOnlyList<ComponentInfo> catalog = [.. components.Select(c => c.Info)];
        _reports = new ComponentReports(catalog, board, _edge, time);
        _informers = new InformerFactory(client, loggers);
        _objects = _informers.For<CloudComponent>();
        _wishes = new ComponentWishes(catalog, _objects);
    }

    /// <summary>Returns when everything that is wanted has been tried once. A component that failed is its own trouble.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _informers.Start();
        await _informers.WaitForSyncAsync(cancellationToken).ConfigureAwait(false);
        await EnsureObjectsAsync(cancellationToken).ConfigureAwait(false);
        await BeginAsync(_wishes.Wanted(), cancellationToken).ConfigureAwait(false);
        await _switch.WhenTriedAsync(cancellationToken).ConfigureAwait(false);
        _running = Task.Run(() => RunAsync(_stop.Token), CancellationToken.None);
    }

    /// <summary>Stops the server's components, and leaves the edge as it is.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _edge.StopWatchingAsync(cancellationToken).ConfigureAwait(false);
        await _switch.StopAllAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _wishes.Dispose();
        await _informers.DisposeAsync().ConfigureAwait(false);
        _edge.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken ct)
    {
        var pause = Soon;
        while (!ct.IsCancellationRequested)
        {
            var isSettled = await TryStepAsync(ct).ConfigureAwait(false);
            var wait = _wishes.WaitAsync(isSettled ? Later : pause, ct);
            await ((Task)wait).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = isSettled || (wait.IsCompletedSuccessfully && await wait.ConfigureAwait(false)) ? Soon : pause * 2 < AtMost ? pause * 2 : AtMost;
        }
    }

    private async Task<bool> TryStepAsync(CancellationToken ct)
    {
        var isSettled = true;
        await TryAsync("their objects", () => EnsureObjectsAsync(ct), ct).ConfigureAwait(false);
        var wanted = _wishes.Wanted();
        await TryAsync("what is to run", () => BeginAsync(wanted, ct), ct).ConfigureAwait(false);
        foreach (var component in _components)
        {
            await TryAsync(component.Info.Name, async () => isSettled &= await ReportAsync(component, wanted.Contains(component.Info.Name), ct).ConfigureAwait(false), ct).ConfigureAwait(false);
        }

        return isSettled;
    }

    // The boundary of the loop, which must outlive whatever a component does: the next round tries again, and the rest of this one goes on.
    private async Task TryAsync(string what, Func<Task> part, CancellationToken ct)
    {
        try
        {
            await part().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            if (!ct.IsCancellationRequested)
            {
                LogNotDone(_logger, what, e.Message, e is ApiException or HttpRequestException or IOException ? null : e);
            }
        }
    }

    /// <summary>Begins to start what is to run, and stops what is not. The edge is first, as its process takes longest.</summary>
    private async Task BeginAsync(HashSet<string> wanted, CancellationToken ct)
    {
        _prepared.IntersectWith(wanted);
        await SwitchEdgeAsync(_components.Any(c => c.Info.Process == ComponentInfo.Edge && wanted.Contains(c.Info.Name)), ct).ConfigureAwait(false);
        foreach (var name in _components.Select(c => c.Info.Name))
        {
            if (_objects.Get(null, name)?.Metadata.Generation is { } generation && _generations.GetValueOrDefault(name) != generation)
            {
                // Somebody wants something of it: what failed before is no reason to wait.
                _generations[name] = generation;
                _switch.Retry(name);
            }
        }

        await Task.WhenAll(_components.Where(c => wanted.Contains(c.Info.Name)).Select(c => PrepareAsync(c, ct)).Append(_switch.BeginAsync(wanted, ct))).ConfigureAwait(false);
    }

    private async Task SwitchEdgeAsync(bool isWanted, CancellationToken ct)
    {
        try
        {
            await _edge.WantAsync(isWanted, ct).ConfigureAwait(false);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            // The server's own do not stand on it, and the next round tries again.
            _board.Set(EdgeSupervisor.Name, ComponentReports.Failed, e.Message);
            LogNotDone(_logger, EdgeSupervisor.Name, e.Message, null);
        }
    }

    // A component whose objects cannot be made is told of, and runs all the same: its objects are for others.
    private async Task PrepareAsync(RemovableComponent component, CancellationToken ct)
    {
        var name = component.Info.Name;
        lock (_prepared)
        {
            if (!_prepared.Add(name) || component.PrepareAsync is null)
            {
                return;
            }
        }

        try
        {
            await component.PrepareAsync(ct).ConfigureAwait(false);
            _reports.Complain(name, null);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            _reports.Complain(name, $"its objects could not be made: {e.Message}");
            lock (_prepared)
            {
                _prepared.Remove(name);
            }
        }
    }

    /// <summary>Brings a status up to date. False while the component is on its way to what is wanted.</summary>
    private async Task<bool> ReportAsync(RemovableComponent component, bool isWanted, CancellationToken ct)
    {
        var name = component.Info.Name;
        if (_objects.Get(null, name) is not { } known)
        {
            return true;
        }

        var now = _reports.StateOf(component.Info, isWanted);
        if (now.State == ComponentReports.Removed && (known.Status?.State != ComponentReports.Removed || known.Status.ObservedGeneration != known.Metadata.Generation))
        {
            now = await TryCleanAsync(component, known.Spec?.KeepObjects == true, now, ct).ConfigureAwait(false);
        }

        if (_reports.Change(component.Info, known, now, _wishes.IsEnabled(name)) is { } status)
        {
            await _client.PatchAsync<CloudComponent>(null, name, new JsonObject { ["status"] = status }, "status", ct).ConfigureAwait(false);
        }

        return now.IsFinal;
    }

    // What could not be taken away is not removed: its status says why, and the next round tries again.
    private async Task<ComponentNow> TryCleanAsync(RemovableComponent component, bool keepsObjects, ComponentNow now, CancellationToken ct)
    {
        try
        {
            await CleanAsync(component, keepsObjects, ct).ConfigureAwait(false);
            return now;
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            LogNotDone(_logger, component.Info.Name, e.Message, null);
            return now with { State = ComponentReports.Failed, Message = $"it has stopped, but could not be taken away: {e.Message}" };
        }
    }

    private async Task CleanAsync(RemovableComponent component, bool keepsObjects, CancellationToken ct)
    {
        if (!keepsObjects)
        {
            await ComponentObjects.DeleteAsync(_client, component.Info.Name, component.Info.Objects, ct).ConfigureAwait(false);
        }

        if (component.CleanAsync is not null)
        {
            await component.CleanAsync(keepsObjects, ct).ConfigureAwait(false);
        }
    }

    /// <summary>Makes the objects that are missing: all at a cloud's first start, and later what somebody has deleted, as it was.</summary>
    private Task EnsureObjectsAsync(CancellationToken ct) =>
        Task.WhenAll(_components.Select(c => c.Info).Where(i => _objects.Get(null, i.Name) is null).Select(i => EnsureObjectAsync(i, ct)));

    private async Task EnsureObjectAsync(ComponentInfo info, CancellationToken ct)
    {
        var isEnabled = _wishes.Find(info.Name) ?? _options.HasAtFirst(info);
        var made = new CloudComponent { Metadata = new ObjectMeta { Name = info.Name }, Spec = new CloudComponentSpec { Enabled = isEnabled } };
        try
        {
            await _client.CreateAsync(made, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // The watch has not told of it yet.
            return;
        }
        catch (ApiException e) when (e.IsNotFound || e.Code == 405)
        {
            // Somebody has deleted the definition. While it is on its way out this does nothing, and is tried again.
            await ComponentDefinition.Kind.EnsureAsync(_client, ct).ConfigureAwait(false);
        }

        _wishes.Assume(info.Name, isEnabled);
    }

    [LoggerMessage(1, LogLevel.Warning, "components are not as they are wanted yet ({What}): {Reason}")]
    private static partial void LogNotDone(ILogger logger, string what, string reason, Exception? exception);
}
