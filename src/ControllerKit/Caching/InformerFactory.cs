using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;

namespace Sealos.ControllerKit.Caching;

/// <summary>Shares one informer a kind and selector among all who ask for it.</summary>
/// <param name="client">The identity that lists and watches.</param>
/// <param name="loggers">Where interruptions are logged.</param>
/// <param name="ns">The one namespace to look at; null looks at all of them.</param>
/// <param name="onRefused">Told each time the API refuses a list or watch, for example because the credential has run out.</param>
public sealed class InformerFactory(KubeClient client, ILoggerFactory loggers, string? ns = null, Action<ApiException>? onRefused = null) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(Type, string?, string?), IInformer> _informers = [];
    private readonly List<Task> _running = [];
    private readonly CancellationTokenSource _stop = new();
    private bool _started;

    /// <summary>The informer of a kind. Asked for after <see cref="Start"/>, it starts at once.</summary>
    public Informer<T> For<T>(string? fieldSelector = null, string? labelSelector = null)
        where T : class, IKubeObject<T>, new()
    {
        lock (_lock)
        {
            var key = (typeof(T), fieldSelector, labelSelector);
            if (_informers.TryGetValue(key, out var known))
            {
                return (Informer<T>)known;
            }

            var query = new ListQuery { FieldSelector = fieldSelector, LabelSelector = labelSelector, ResourceVersion = "0" };
            var informer = new Informer<T>(client, ns, query, loggers.CreateLogger("Sealos.ControllerKit.Informer")) { OnRefused = onRefused };
            _informers.Add(key, informer);
            if (_started)
            {
                _running.Add(Task.Run(() => ((IInformer)informer).RunAsync(_stop.Token), CancellationToken.None));
            }

            return informer;
        }
    }

    /// <summary>Starts listing and watching everything asked for so far.</summary>
    public void Start()
    {
        lock (_lock)
        {
            if (_started)
            {
                return;
            }

            _started = true;
            _running.AddRange(_informers.Values.Select(i => Task.Run(() => i.RunAsync(_stop.Token), CancellationToken.None)));
        }
    }

    /// <summary>Stops following; what is known stays.</summary>
    public void Stop() => _stop.Cancel();

    /// <summary>Completes when every informer asked for so far has synced.</summary>
    public Task WaitForSyncAsync(CancellationToken ct)
    {
        IInformer[] informers;
        lock (_lock)
        {
            informers = [.. _informers.Values];
        }

        return Task.WhenAll(informers.Select(i => i.WaitForSyncAsync(ct)));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_running).ConfigureAwait(false);
        _stop.Dispose();
    }
}
