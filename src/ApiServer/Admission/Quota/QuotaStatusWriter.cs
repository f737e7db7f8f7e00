using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Meta;

namespace Sealos.ApiServer.Admission.Quota;

/// <summary>
/// Writes what the ledger knows into the status of quotas, soon after it changed. What changes while one status is
/// written goes into the next, so a burst of writes costs a few.
/// </summary>
internal sealed partial class QuotaStatusWriter : IAsyncDisposable
{
    private const int Parallelism = 16;
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private readonly QuotaLedger _ledger;
    private readonly Resource _quotas;
    private readonly ObjectUpdater _updater;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly SemaphoreSlim _places = new(Parallelism);
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _busy = new(StringComparer.Ordinal);
    private Task _writing = Task.CompletedTask;

    public QuotaStatusWriter(QuotaLedger ledger, Resource quotas, ObjectUpdater updater, TimeProvider time, ILogger logger)
    {
        _ledger = ledger;
        _quotas = quotas;
        _updater = updater;
        _time = time;
        _logger = logger;
        ledger.Changed += Note;
    }

    public void Start() => _writing = WriteAllAsync(_stopping.Token);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _writing.ConfigureAwait(false);
        for (var place = 0; place < Parallelism; place++)
        {
            // All that is being written ends at once, as it was told to.
            await _places.WaitAsync().ConfigureAwait(false);
        }

        _stopping.Dispose();
        _places.Dispose();
    }

    private void Note(string @namespace)
    {
        lock (_gate)
        {
            _changed.Add(@namespace);
        }

        _signal.Writer.TryWrite(true);
    }

    private async Task WriteAllAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var _ in _signal.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                await Task.Delay(Gathering, _time, cancellationToken).ConfigureAwait(false);
                foreach (var @namespace in Take())
                {
                    // Several at once share one transaction of the store, and one that is slow holds up none but its own.
                    await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
                    Begin(@namespace, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    /// <summary>What changed and is not being written; the rest waits until that is over, so that the newest is written last.</summary>
    private List<string> Take()
    {
        lock (_gate)
        {
            var free = _changed.Where(n => !_busy.Contains(n)).ToList();
            _changed.ExceptWith(free);
            _busy.UnionWith(free);
            return free;
        }
    }

    private void Begin(string @namespace, CancellationToken cancellationToken) => _ = WriteAndReleaseAsync(@namespace, cancellationToken);

    private async Task WriteAndReleaseAsync(string @namespace, CancellationToken cancellationToken)
    {
        var isWritten = await TryWriteAsync(@namespace, cancellationToken).ConfigureAwait(false);
        _places.Release();
        if (!isWritten)
        {
            await Task.Delay(AfterFailure, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        bool isDue;
        lock (_gate)
        {
            _busy.Remove(@namespace);
            isDue = _changed.Contains(@namespace);
        }

        if (!isWritten)
        {
            Note(@namespace);
        }
        else if (isDue)
        {
            _signal.Writer.TryWrite(true);
        }
    }

    private async Task<bool> TryWriteAsync(string @namespace, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var state in _ledger.Read(@namespace))
            {
                await WriteAsync(@namespace, state, cancellationToken).ConfigureAwait(false);
            }

            return true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return true;
        }
        catch (Exception e)
        {
            // The boundary of one namespace's quotas: the next attempt may fare better.
            Log.WriteFailed(_logger, @namespace, e.Message);
            return false;
        }
    }

    private async Task WriteAsync(string @namespace, QuotaState state, CancellationToken cancellationToken)
    {
        var status = new JsonObject { ["hard"] = Amounts(state.Hard), ["used"] = Amounts(state.Used) };
        if (_quotas.Cache.Get(@namespace, state.Name) is not { } cached || JsonNode.DeepEquals(cached.Parse()["status"], status))
        {
            return;
        }

        try
        {
            var update = new UpdateRequest(_quotas, @namespace, state.Name, quota =>
            {
                quota["status"] = status.DeepClone();
                return quota;
            });
            await _updater.UpdateAsync(update, new WriteContext(WriteContext.System) { Subresource = "status" }, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.Code == 404)
        {
            // Deleted just now.
        }
    }

    private static JsonObject Amounts(IReadOnlyDictionary<string, Quantity> amounts) =>
        new(amounts.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => KeyValuePair.Create(a.Key, (JsonNode?)a.Value.ToCanonicalString())));

    private static partial class Log
    {
        [LoggerMessage(31, LogLevel.Warning, "The status of the quotas of {Namespace} could not be written: {Reason}")]
        public static partial void WriteFailed(ILogger logger, string @namespace, string reason);
    }
}
