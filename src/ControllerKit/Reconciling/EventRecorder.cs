using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;

namespace Sealos.ControllerKit.Reconciling;

/// <summary>
/// Writes core/v1 Events about objects, in the background and in order. A repeated event raises the count of the first one.
/// Never throws and never blocks: while the API is away or its disk is full they wait; events beyond a bounded backlog, or beyond an
/// object's budget for their reason, are dropped, as events are a courtesy.
/// </summary>
public sealed partial class EventRecorder : IAsyncDisposable
{
    private const int Backlog = 1000;
    private const int Remembered = 4096;
    private const int InsufficientStorage = 507;
    private static readonly TimeSpan RepeatWindow = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(10);

    private readonly KubeClient _client;
    private readonly string _component;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<Event> _pending = Channel.CreateBounded<Event>(new BoundedChannelOptions(Backlog) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly Dictionary<string, (string Name, int Count, DateTimeOffset Last)> _recent = new(StringComparer.Ordinal);
    private readonly EventBudget _budget;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _writer;
    private long _lastTicks;

    /// <summary>A recorder that names itself <paramref name="component"/> as the source.</summary>
    public EventRecorder(KubeClient client, string component, TimeProvider time, ILogger logger)
    {
        _client = client;
        _component = component;
        _time = time;
        _logger = logger;
        _budget = new EventBudget(time);
        _writer = Task.Run(() => WriteAsync(_stop.Token));
    }

    /// <summary>Records something ordinary.</summary>
    public void Normal<T>(T about, string reason, string message, string? fieldPath = null)
        where T : class, IKubeObject<T>, new() => Record(ObjectReferences.To(about, fieldPath), "Normal", reason, message);

    /// <summary>Records something a person should know of.</summary>
    public void Warning<T>(T about, string reason, string message, string? fieldPath = null)
        where T : class, IKubeObject<T>, new() => Record(ObjectReferences.To(about, fieldPath), "Warning", reason, message);

    /// <summary>Records something ordinary about an object of any kind.</summary>
    public void Normal(ObjectReference about, string reason, string message) => Record(about, "Normal", reason, message);

    /// <summary>Records something a person should know of, about an object of any kind.</summary>
    public void Warning(ObjectReference about, string reason, string message) => Record(about, "Warning", reason, message);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _pending.Writer.TryComplete();
        _stop.CancelAfter(TimeSpan.FromSeconds(2));
        await _writer.ConfigureAwait(false);
        _stop.Dispose();
    }

    private void Record(ObjectReference about, string type, string reason, string message)
    {
        var now = _time.GetUtcNow();
        lock (_budget)
        {
            if (!_budget.TrySpend(about, reason))
            {
                LogDropped(_logger, reason, about.Name!, "there are too many about it");
                return;
            }
        }

        _pending.Writer.TryWrite(new Event
        {
            Metadata = new ObjectMeta
            {
                Name = $"{about.Name}.{NextTicks(now).ToString("x", CultureInfo.InvariantCulture)}",
                Namespace = about.Namespace ?? "default",
            },
            InvolvedObject = about,
            Type = type,
            Reason = reason,
            Message = message.Length > 1024 ? message[..1021] + "..." : message,
            Source = new EventSource { Component = _component },
            ReportingComponent = _component,
            FirstTimestamp = now,
            LastTimestamp = now,
            Count = 1,
        });
    }

    // Two events of one moment must not get one name.
    private long NextTicks(DateTimeOffset now)
    {
        while (true)
        {
            var last = Interlocked.Read(ref _lastTicks);
            var next = Math.Max(last + 1, now.UtcTicks);
            if (Interlocked.CompareExchange(ref _lastTicks, next, last) == last)
            {
                return next;
            }
        }
    }

    private async Task WriteAsync(CancellationToken ct)
    {
        try
        {
            await foreach (var entry in _pending.Reader.ReadAllAsync(ct).ConfigureAwait(false))
            {
                var delay = FirstRetry;
                while (!await TryWriteAsync(entry, ct).ConfigureAwait(false))
                {
                    await Task.Delay(delay, _time, ct).ConfigureAwait(false);
                    delay = delay * 2 < LastRetry ? delay * 2 : LastRetry;
                }
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // What waits is not written any more.
        }
    }

    // What nobody could take now may be taken later, a connection that took too long among it; what was refused is dropped.
    private static bool IsPassing(Exception e) => e is HttpRequestException or IOException or OperationCanceledException or ApiException { Code: InsufficientStorage or 429 or 503 };

    // Whether there is nothing more to do about it.
    private async Task<bool> TryWriteAsync(Event entry, CancellationToken ct)
    {
        var about = entry.InvolvedObject!;
        var signature = string.Join('\n', about.Kind, about.Uid, about.FieldPath, entry.Type, entry.Reason, entry.Message);
        try
        {
            if (_recent.TryGetValue(signature, out var known) && entry.LastTimestamp - known.Last < RepeatWindow)
            {
                _recent[signature] = (known.Name, known.Count + 1, entry.LastTimestamp!.Value);
                var patch = new JsonObject { ["count"] = known.Count + 1, ["lastTimestamp"] = entry.LastTimestamp.Value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) };
                await _client.PatchAsync<Event>(entry.Metadata.Namespace, known.Name, patch, null, ct).ConfigureAwait(false);
                return true;
            }

            if (_recent.Count >= Remembered)
            {
                _recent.Clear();
            }

            _recent[signature] = (entry.Metadata.Name!, 1, entry.LastTimestamp!.Value);
            await _client.CreateAsync(entry, ct).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException or JsonException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            _recent.Remove(signature);
            if (IsPassing(e))
            {
                return false;
            }

            LogDropped(_logger, entry.Reason!, about.Name!, e.Message);
            return true;
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "event {Reason} about {Name} was not written: {Error}")]
    private static partial void LogDropped(ILogger logger, string reason, string name, string error);
}
