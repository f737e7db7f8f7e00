using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Registry;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.CustomKinds;

/// <summary>
/// What happens to definitions after they were written: those that are to go lose their objects first, and names that became free
/// go to those that wait for them.
/// </summary>
internal sealed partial class DefinitionController : IAsyncDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(5);

    private readonly Resource _definitions;
    private readonly CustomKindSet _kinds;
    private readonly ObjectUpdater _updater;
    private readonly ObjectDeleter _deleter;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<string> _work = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });
    private readonly HashSet<string> _queued = new(StringComparer.Ordinal);
    private readonly HashSet<string> _lookingAgain = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KindCache> _emptying = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public DefinitionController(ResourceRegistry registry, CustomKindSet kinds, DefinitionNames names, (ObjectUpdater Updater, ObjectDeleter Deleter) writers, TimeProvider time, ILogger<DefinitionController> logger)
    {
        _definitions = registry.Get("apiextensions.k8s.io", "customresourcedefinitions");
        _kinds = kinds;
        (_updater, _deleter) = writers;
        _time = time;
        _logger = logger;
        _definitions.Cache.Changed += change =>
        {
            Enqueue(change.Subject.Name);
            if (names.Follow(change) is { } freed)
            {
                EnqueueGroup(freed);
            }
        };
    }

    public void Start() => _running = RunAsync(_stopping.Token);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private void Enqueue(string name)
    {
        lock (_queued)
        {
            if (_queued.Add(name))
            {
                _work.Writer.TryWrite(name);
            }
        }
    }

    private void EnqueueGroup(string group)
    {
        using var all = _definitions.Cache.List(null);
        foreach (var definition in all.Items)
        {
            if (definition.Name.EndsWith("." + group, StringComparison.Ordinal))
            {
                Enqueue(definition.Name);
            }
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var name in _work.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                lock (_queued)
                {
                    _queued.Remove(name);
                }

                await TryReconcileAsync(name, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private async Task TryReconcileAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            await ReconcileAsync(name, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The boundary of this item: the others go on, and this one is tried again.
            Log.Failed(_logger, name, e);
            _ = RetryAsync(name, cancellationToken);
        }
    }

    private async Task RetryAsync(string name, CancellationToken cancellationToken)
    {
        await Task.Delay(RetryAfter, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Enqueue(name);
    }

    /// <summary>Has a definition looked at again after a while, however its last object goes or another comes.</summary>
    private async Task LookAgainAsync(string name, CancellationToken cancellationToken)
    {
        lock (_queued)
        {
            if (!_lookingAgain.Add(name))
            {
                return;
            }
        }

        await Task.Delay(LookAgainAfter, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_queued)
        {
            _lookingAgain.Remove(name);
        }

        Enqueue(name);
    }

    private async Task ReconcileAsync(string name, CancellationToken cancellationToken)
    {
        if (_definitions.Cache.Get("", name) is not { } current)
        {
            _emptying.Remove(name);
            return;
        }

        var definition = DefinitionOutline.Read(current.Utf8);
        if (definition.Child("metadata").Text("deletionTimestamp") is null)
        {
            if (!Conditions.IsTrue(definition, Conditions.NamesAccepted))
            {
                // Whatever is written, the names are asked for again.
                await WriteAsync(name, obj => obj, cancellationToken).ConfigureAwait(false);
            }
        }
        else if (definition.Child("metadata").Texts("finalizers").Contains(DefinitionStrategy.Finalizer))
        {
            await EmptyAsync(name, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task EmptyAsync(string name, CancellationToken cancellationToken)
    {
        if (_kinds.Stored(name) is { } resource)
        {
            Follow(name, resource.Cache);
            await DeleteAllAsync(resource, cancellationToken).ConfigureAwait(false);
            if (resource.Cache.Count > 0)
            {
                await WriteAsync(name, obj => Say(obj, true, "InstanceDeletionInProgress", "CustomResource deletion is in progress"), cancellationToken).ConfigureAwait(false);
                _ = LookAgainAsync(name, cancellationToken);
                return;
            }
        }

        await WriteAsync(name, obj => Release(Say(obj, false, "InstanceDeletionCompleted", "removed all instances")), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Has the definition looked at again when the last of its objects goes.</summary>
    private void Follow(string name, KindCache cache)
    {
        if (_emptying.GetValueOrDefault(name) != cache)
        {
            _emptying[name] = cache;
            cache.Changed += change =>
            {
                if (change.Type == WatchEventType.Deleted && cache.Count == 0)
                {
                    Enqueue(name);
                }
            };
        }
    }

    private async Task DeleteAllAsync(Resource resource, CancellationToken cancellationToken)
    {
        CachedObject[] objects;
        using (var all = resource.Cache.List(null))
        {
            objects = all.Items.ToArray();
        }

        var options = new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(objects, options, async (obj, token) =>
        {
            try
            {
                await _deleter.DeleteAsync(resource, obj, new DeleteOptions { Propagation = Propagation.Background }, new WriteContext(WriteContext.System) { SkipsWebhooks = true }, token).ConfigureAwait(false);
            }
            catch (ApiException e) when (e.Code == 404)
            {
                // Gone meanwhile.
            }
        }).ConfigureAwait(false);
    }

    private async Task WriteAsync(string name, Func<JsonObject, JsonObject> change, CancellationToken cancellationToken)
    {
        try
        {
            await _updater.UpdateAsync(new UpdateRequest(_definitions, "", name, change) { IsInternal = true, IsWhole = true }, new WriteContext(WriteContext.System), cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.Code == 404)
        {
            // Gone meanwhile.
        }
    }

    private JsonObject Say(JsonObject definition, bool isTerminating, string reason, string message)
    {
        Conditions.Set(definition, Conditions.Terminating, isTerminating, (reason, message), _time.GetUtcNow());
        return definition;
    }

    private static JsonObject Release(JsonObject definition)
    {
        var metadata = definition.Child("metadata")!;
        metadata["finalizers"] = new JsonArray([.. metadata.Texts("finalizers").Where(f => f != DefinitionStrategy.Finalizer).Select(f => (JsonNode)f)]);
        return definition;
    }

    private static partial class Log
    {
        [LoggerMessage(40, LogLevel.Warning, "Definition {Name} could not be brought up to date")]
        public static partial void Failed(ILogger logger, string name, Exception error);
    }
}
