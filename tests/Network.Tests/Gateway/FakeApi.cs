using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;

namespace Sealos.Network_Tests.Gateway;

/// <summary>As much of an API server as watches need: lists, watch streams, merge patches of status, events.</summary>
internal sealed class FakeApi : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Collection> _collections = new();
    private TestBackend? _server;
    private int _version = 1;

    public ConcurrentQueue<string> Writes { get; } = new();

    public int Port { get; private set; }

    public async Task StartAsync()
    {
        _server = await TestBackend.StartAsync(AnswerAsync, Port);
        Port = _server.Port;
    }

    public async Task StopAsync()
    {
        await _server!.DisposeAsync();
        _server = null;
    }

    public KubeClient CreateClient() =>
        new(new KubeConfig { Server = new Uri($"http://127.0.0.1:{Port}") }) { Http = { DefaultRequestVersion = new Version(1, 1) } };

    public void Put<T>(T obj)
        where T : class, IKubeObject<T>, new()
    {
        obj.Metadata.ResourceVersion = Interlocked.Increment(ref _version).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var node = JsonSerializer.SerializeToNode(obj, KubeJson.Options)!;
        var collection = Of(T.KubeKind.Path(null));
        lock (collection)
        {
            var isNew = !collection.Objects.ContainsKey(KeyOf(obj));
            collection.Objects[KeyOf(obj)] = node;
            collection.Tell(isNew ? "ADDED" : "MODIFIED", node);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await StopAsync();
        }
    }

    private static string KeyOf(IKubeObject obj) => $"{obj.Metadata.Namespace}/{obj.Metadata.Name}";

    private Collection Of(string path) => _collections.GetOrAdd(path, _ => new Collection());

    private async Task AnswerAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method))
        {
            using var reader = new StreamReader(context.Request.Body);
            Writes.Enqueue($"{context.Request.Method} {context.Request.Path} {await reader.ReadToEndAsync(context.RequestAborted)}");
            await context.Response.WriteAsync("{}", context.RequestAborted);
            return;
        }

        var collection = Of(context.Request.Path);
        if (context.Request.Query["watch"] == "true")
        {
            await WatchAsync(collection, context);
            return;
        }

        string list;
        lock (collection)
        {
            list = new JsonObject
            {
                ["metadata"] = new JsonObject { ["resourceVersion"] = Volatile.Read(ref _version).ToString(System.Globalization.CultureInfo.InvariantCulture) },
                ["items"] = new JsonArray([.. collection.Objects.Values.Select(o => o.DeepClone())]),
            }.ToJsonString();
        }

        await context.Response.WriteAsync(list, context.RequestAborted);
    }

    private static async Task WatchAsync(Collection collection, HttpContext context)
    {
        var from = int.Parse(context.Request.Query["resourceVersion"]!, System.Globalization.CultureInfo.InvariantCulture);
        var events = Channel.CreateUnbounded<string>();
        lock (collection)
        {
            foreach (var missed in collection.History.Where(h => h.Version > from))
            {
                events.Writer.TryWrite(missed.Line);
            }

            collection.Watchers.Add(events.Writer);
        }

        await context.Response.StartAsync(context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await foreach (var line in events.Reader.ReadAllAsync(context.RequestAborted))
        {
            await context.Response.WriteAsync(line, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }

    private sealed class Collection
    {
        public Dictionary<string, JsonNode> Objects { get; } = [];

        public List<(int Version, string Line)> History { get; } = [];

        public List<ChannelWriter<string>> Watchers { get; } = [];

        public void Tell(string type, JsonNode obj)
        {
            var line = new JsonObject { ["type"] = type, ["object"] = obj.DeepClone() }.ToJsonString() + "\n";
            History.Add((int.Parse((string)obj["metadata"]!["resourceVersion"]!, System.Globalization.CultureInfo.InvariantCulture), line));
            Watchers.ForEach(w => w.TryWrite(line));
        }
    }
}
