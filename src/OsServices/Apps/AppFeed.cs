using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Caching;
using Sealos.Kinds;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.Kinds.Networking;

namespace Sealos.OsServices.Apps;

/// <summary>An app as it is now, with its instances and what keeps them from being ready.</summary>
public sealed record LiveApp(AppView View, IReadOnlyList<Pod> Instances, string Problem);

/// <summary>
/// The apps of one workspace, live over watches: an app is read anew only when something it is made of has changed, and
/// changes that come together are told of together.
/// </summary>
public sealed partial class AppFeed : IAsyncDisposable
{
    private const string ByApp = "app";
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(40);

    private readonly string _namespace;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly InformerFactory _informers;
    private readonly Informer<Deployment> _deployments;
    private readonly Informer<Service> _services;
    private readonly Informer<Ingress> _ingresses;
    private readonly Informer<Pod> _pods;
    private readonly Lazy<Informer<Event>> _events;
    private readonly SortedDictionary<string, LiveApp> _apps = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _dirty = new(StringComparer.Ordinal);
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reading;
    private IReadOnlyList<LiveApp>? _sorted;

    /// <summary>Follows the apps of a namespace with informers that look at it alone; the caller starts and disposes them.</summary>
    public AppFeed(InformerFactory informers, string ns, TimeProvider time, ILogger logger)
    {
        _logger = logger;
        _namespace = ns;
        _time = time;
        _informers = informers;
        _deployments = informers.For<Deployment>(labelSelector: AppNames.ManagerLabel);
        _services = informers.For<Service>(labelSelector: AppNames.ManagerLabel).AddIndex(ByApp, ManagedApp);
        _ingresses = informers.For<Ingress>(labelSelector: AppNames.ManagerLabel).AddIndex(ByApp, ManagedApp);
        _pods = informers.For<Pod>(labelSelector: AppNames.AppLabel).AddIndex(ByApp, p => Label(p, AppNames.AppLabel));
        _events = new Lazy<Informer<Event>>(FollowEvents);
        _deployments.OnChange((old, now) => Touch([(now ?? old)!.Metadata.Name!]));
        _services.OnChange((old, now) => Touch(ManagedApp((now ?? old)!)));
        _ingresses.OnChange((old, now) => Touch(ManagedApp((now ?? old)!)));
        _pods.OnChange((old, now) => Touch(Label((now ?? old)!, AppNames.AppLabel)));
        _reading = Task.Run(() => ReadAsync(_stop.Token), CancellationToken.None);
    }

    /// <summary>Raised, on a thread of its own, after apps, their instances or their events have changed.</summary>
    public event Action? Changed;

    /// <summary>All apps by name.</summary>
    public IReadOnlyList<LiveApp> Apps
    {
        get
        {
            lock (_lock)
            {
                return _sorted ??= [.. _apps.Values];
            }
        }
    }

    /// <summary>One app, or null.</summary>
    public LiveApp? Find(string name)
    {
        lock (_lock)
        {
            return _apps.GetValueOrDefault(name);
        }
    }

    /// <summary>What happened to an app, the latest first. Events are followed from the first time somebody asks.</summary>
    public IReadOnlyList<AppEvent> EventsOf(string name) => AppEvents.Of(name, _events.Value.List());

    /// <summary>Completes when everything that exists has been taken in.</summary>
    public async Task WaitForSyncAsync(CancellationToken ct)
    {
        await _informers.WaitForSyncAsync(ct).ConfigureAwait(false);
        foreach (var deployment in _deployments.List())
        {
            Read(deployment.Metadata.Name!);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        _stop.Dispose();
    }

    private static string[] ManagedApp(IKubeObject obj) => Label(obj, AppNames.ManagerLabel);

    private static string[] Label(IKubeObject obj, string label) => obj.Metadata.Labels?.GetValueOrDefault(label) is { } app ? [app] : [];

    private Informer<Event> FollowEvents()
    {
        var events = _informers.For<Event>();
        events.OnChange((_, _) => Wake());
        return events;
    }

    private void Touch(string[] apps)
    {
        foreach (var app in apps)
        {
            _dirty[app] = true;
        }

        Wake();
    }

    // Dropped when the reader has been told already and has not looked yet.
    private void Wake() => _wake.Writer.TryWrite(true);

    private async Task ReadAsync(CancellationToken ct)
    {
        try
        {
            while (true)
            {
                await _wake.Reader.ReadAsync(ct).ConfigureAwait(false);
                TakeIn();
                await Task.Delay(Gather, _time, ct).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Nobody looks any more.
        }
    }

    // One app that cannot be read, or one view that fails, must not end it for all.
    private void TakeIn()
    {
        try
        {
            foreach (var name in _dirty.Keys)
            {
                _dirty.TryRemove(name, out _);
                Read(name);
            }

            Changed?.Invoke();
        }
        catch (Exception e)
        {
            LogFailed(_logger, _namespace, e);
        }
    }

    private void Read(string name)
    {
        lock (_lock)
        {
            if (_deployments.Get(_namespace, name) is { } deployment)
            {
                var pods = _pods.ByIndex(ByApp, name);
                _apps[name] = new LiveApp(
                    AppReader.Read(deployment, _services.ByIndex(ByApp, name), _ingresses.ByIndex(ByApp, name)),
                    [.. pods.OrderBy(p => p.Metadata.CreationTimestamp).ThenBy(p => p.Metadata.Name, StringComparer.Ordinal)],
                    InstanceWords.Problem(pods));
            }
            else
            {
                _apps.Remove(name);
            }

            _sorted = null;
        }
    }

    [LoggerMessage(1, LogLevel.Error, "the apps of {Namespace} could not be brought up to date")]
    private static partial void LogFailed(ILogger logger, string @namespace, Exception exception);
}
