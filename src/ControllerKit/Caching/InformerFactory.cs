using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;

namespace Sealos.ControllerKit.Caching;

/// <summary>Shares one informer a kind and selector among all who ask for it.</summary>
public sealed class InformerFactory : IAsyncDisposable
{
    private readonly InformerPool _pool;
    private readonly bool _ownsPool;
    private readonly Lock _lock = new();
    private readonly Dictionary<InformerKey, IInformer> _mine = [];

    /// <summary>A factory that follows nothing yet.</summary>
    /// <param name="client">The identity that lists and watches.</param>
    /// <param name="loggers">Where interruptions are logged.</param>
    /// <param name="ns">The one namespace to look at; null looks at all of them.</param>
    /// <param name="onRefused">Told each time the API refuses a list or watch, for example because the credential has run out.</param>
    public InformerFactory(KubeClient client, ILoggerFactory loggers, string? ns = null, Action<ApiException>? onRefused = null)
        : this(new InformerPool(client, loggers, ns, onRefused), true)
    {
    }

    private InformerFactory(InformerPool pool, bool ownsPool)
    {
        _pool = pool;
        _ownsPool = ownsPool;
    }

    /// <summary>
    /// A factory for one of many users of these informers. What it asked for and nobody else did is forgotten when it is disposed; its
    /// user ends its own calls of <see cref="Informer{T}.OnChange"/> before.
    /// </summary>
    public InformerFactory Share() => new(_pool, false);

    /// <summary>The informer of a kind. Asked for after <see cref="Start"/>, it starts at once.</summary>
    public Informer<T> For<T>(string? fieldSelector = null, string? labelSelector = null)
        where T : class, IKubeObject<T>, new()
    {
        lock (_lock)
        {
            var key = new InformerKey(typeof(T), fieldSelector, labelSelector);
            if (_mine.TryGetValue(key, out var known))
            {
                return (Informer<T>)known;
            }

            var informer = _pool.Take<T>(key);
            _mine.Add(key, informer);
            return informer;
        }
    }

    /// <summary>Starts listing and watching everything asked for so far.</summary>
    public void Start() => _pool.Start();

    /// <summary>Stops following; what is known stays.</summary>
    public void Stop()
    {
        if (_ownsPool)
        {
            _pool.Stop();
        }
    }

    /// <summary>Completes when every informer asked for so far has synced.</summary>
    public Task WaitForSyncAsync(CancellationToken ct)
    {
        IInformer[] informers;
        lock (_lock)
        {
            informers = [.. _mine.Values];
        }

        return Task.WhenAll(informers.Select(i => i.WaitForSyncAsync(ct)));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_ownsPool)
        {
            await _pool.DisposeAsync().ConfigureAwait(false);
            return;
        }

        InformerKey[] keys;
        lock (_lock)
        {
            keys = [.. _mine.Keys];
            _mine.Clear();
        }

        await Task.WhenAll(keys.Select(_pool.GiveBackAsync)).ConfigureAwait(false);
    }
}
