using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;
using Sealos.Objects.Meta;

namespace Sealos.Network_Tests.Services;

/// <summary>An API server that speaks lists and watches over real HTTP, and remembers what was created.</summary>
internal sealed class FakeKubeApi : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SortedDictionary<string, IKubeObject>> _objects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _posted = new(StringComparer.Ordinal);
    private readonly List<(string Path, ChannelWriter<byte[]> Events)> _watches = [];
    private readonly CancellationTokenSource _stop = new();
    private int _version;

    private FakeKubeApi(WebApplication app) => _app = app;

    public Uri Address => new(_app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Bodies of objects that clients created, by the path they posted to.</summary>
    public ConcurrentQueue<(string Path, string Body)> Created { get; } = [];

    public static async Task<FakeKubeApi> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var api = new FakeKubeApi(builder.Build());
        api._app.Run(api.AnswerAsync);
        await api._app.StartAsync();
        return api;
    }

    public KubeClient Client() => new(new KubeConfig { Server = Address });

    public void Put<T>(T obj)
        where T : class, IKubeObject<T>, new()
    {
        lock (_lock)
        {
            var objects = Of(T.KubeKind);
            obj = KubeJson.Clone(obj);
            obj.Metadata.ResourceVersion = (++_version).ToString(CultureInfo.InvariantCulture);
            var isNew = !objects.ContainsKey(Key(obj));
            objects[Key(obj)] = obj;
            Tell(T.KubeKind, new WatchEvent<T> { Type = isNew ? "ADDED" : "MODIFIED", Object = obj });
        }
    }

    public void Delete<T>(string ns, string name)
        where T : class, IKubeObject<T>, new()
    {
        lock (_lock)
        {
            if (Of(T.KubeKind).Remove($"{ns}/{name}", out var obj))
            {
                var copy = KubeJson.Clone((T)obj);
                copy.Metadata.ResourceVersion = (++_version).ToString(CultureInfo.InvariantCulture);
                Tell(T.KubeKind, new WatchEvent<T> { Type = "DELETED", Object = copy });
            }
        }
    }

    /// <summary>Goes away, watches and all.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _app.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _app.DisposeAsync();
        _stop.Dispose();
    }

    private static string Key(IKubeObject obj) => $"{obj.Metadata.Namespace}/{obj.Metadata.Name}";

    private SortedDictionary<string, IKubeObject> Of(KubeKind kind)
    {
        if (!_objects.TryGetValue(kind.Path(null), out var objects))
        {
            _objects[kind.Path(null)] = objects = new SortedDictionary<string, IKubeObject>(StringComparer.Ordinal);
        }

        return objects;
    }

    private void Tell<T>(KubeKind kind, WatchEvent<T> change)
    {
        var line = JsonSerializer.SerializeToUtf8Bytes(change, KubeJson.Options);
        foreach (var (_, events) in _watches.Where(w => w.Path == kind.Path(null)))
        {
            events.TryWrite([.. line, (byte)'\n']);
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        context.Response.ContentType = "application/json";
        if (HttpMethods.IsPost(context.Request.Method))
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync(context.RequestAborted);
            Created.Enqueue((path, body));
            lock (_lock)
            {
                _posted[$"{path}/{(string?)JsonNode.Parse(body)?["metadata"]?["name"]}"] = body;
            }

            context.Response.StatusCode = StatusCodes.Status201Created;
            await context.Response.WriteAsync(body, context.RequestAborted);
        }
        else if (context.Request.Query.ContainsKey("watch"))
        {
            await WatchAsync(context, path);
        }
        else
        {
            await ReadAsync(context, path);
        }
    }

    private async Task ReadAsync(HttpContext context, string path)
    {
        byte[]? body = null;
        lock (_lock)
        {
            if (_objects.TryGetValue(path, out var objects))
            {
                var list = new { metadata = new { resourceVersion = $"{_version}" }, items = objects.Values.Select(o => JsonSerializer.SerializeToNode(o, o.GetType(), KubeJson.Options)) };
                body = JsonSerializer.SerializeToUtf8Bytes(list);
            }
            else if (_posted.TryGetValue(path, out var posted))
            {
                body = System.Text.Encoding.UTF8.GetBytes(posted);
            }
            else if (!path.Contains("/namespaces/", StringComparison.Ordinal))
            {
                body = JsonSerializer.SerializeToUtf8Bytes(new { metadata = new { resourceVersion = $"{_version}" }, items = Array.Empty<int>() });
            }
        }

        if (body is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            body = JsonSerializer.SerializeToUtf8Bytes(new { kind = "Status", code = 404, reason = "NotFound", message = "not found" });
        }

        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private async Task WatchAsync(HttpContext context, string path)
    {
        var events = Channel.CreateUnbounded<byte[]>();
        lock (_lock)
        {
            // A watch opens a moment after its list: what changed between them is sent first.
            var since = int.Parse(context.Request.Query["resourceVersion"].ToString(), CultureInfo.InvariantCulture);
            foreach (var obj in _objects.GetValueOrDefault(path)?.Values.Where(o => int.Parse(o.Metadata.ResourceVersion!, CultureInfo.InvariantCulture) > since) ?? [])
            {
                var line = JsonSerializer.SerializeToUtf8Bytes(new { type = "MODIFIED", @object = JsonSerializer.SerializeToNode(obj, obj.GetType(), KubeJson.Options) });
                events.Writer.TryWrite([.. line, (byte)'\n']);
            }

            _watches.Add((path, events.Writer));
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stop.Token);
        try
        {
            await context.Response.StartAsync(end.Token);
            await foreach (var line in events.Reader.ReadAllAsync(end.Token))
            {
                await context.Response.Body.WriteAsync(line, end.Token);
                await context.Response.Body.FlushAsync(end.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The watcher left, or the test is over.
        }
    }
}
