using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;

namespace Sealos.ControllerKit.Caching;

/// <summary>Which objects an informer follows.</summary>
internal readonly record struct InformerKey(Type Type, string? FieldSelector, string? LabelSelector);

/// <summary>The informers of one identity, each for as long as somebody uses it.</summary>
internal sealed class InformerPool(KubeClient client, ILoggerFactory loggers, string? ns, Action<ApiException>? onRefused) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<InformerKey, Entry> _entries = [];
    private readonly CancellationTokenSource _stop = new();
    private bool _isStarted;

    public Informer<T> Take<T>(InformerKey key)
        where T : class, IKubeObject<T>, new()
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var entry))
            {
                var query = new ListQuery { FieldSelector = key.FieldSelector, LabelSelector = key.LabelSelector, ResourceVersion = "0" };
                entry = new Entry(new Informer<T>(client, ns, query, loggers.CreateLogger("Sealos.ControllerKit.Informer")) { OnRefused = onRefused }, _stop.Token);
                _entries.Add(key, entry);
                if (_isStarted)
                {
                    entry.Start();
                }
            }

            entry.Users++;
            return (Informer<T>)entry.Informer;
        }
    }

    /// <summary>One user less; completes when an informer without users follows nothing any more.</summary>
    public async Task GiveBackAsync(InformerKey key)
    {
        Entry entry;
        lock (_lock)
        {
            entry = _entries[key];
            if (--entry.Users > 0)
            {
                return;
            }

            _entries.Remove(key);
        }

        await entry.DisposeAsync().ConfigureAwait(false);
    }

    public void Start()
    {
        lock (_lock)
        {
            if (_isStarted)
            {
                return;
            }

            _isStarted = true;
            foreach (var entry in _entries.Values)
            {
                entry.Start();
            }
        }
    }

    public void Stop() => _stop.Cancel();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        Entry[] entries;
        lock (_lock)
        {
            entries = [.. _entries.Values];
            _entries.Clear();
        }

        await Task.WhenAll(entries.Select(e => e.DisposeAsync().AsTask())).ConfigureAwait(false);
        _stop.Dispose();
    }

    private sealed class Entry(IInformer informer, CancellationToken all) : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(all);
        private Task _running = Task.CompletedTask;

        public IInformer Informer => informer;

        public int Users { get; set; }

        public void Start()
        {
            var ct = _stop.Token;
            _running = Task.Run(() => informer.RunAsync(ct), CancellationToken.None);
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            await _running.ConfigureAwait(false);
            _stop.Dispose();
        }
    }
}
