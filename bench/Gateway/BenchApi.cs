using System.Collections.Concurrent;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Sealos.Bench;

/// <summary>Lists and watches of as many apps as asked for, and nothing else of an API server.</summary>
internal sealed class BenchApi : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Collection> _collections = new();
    private WebApplication? _app;
    private int _version;

    public async Task StartAsync(int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, port));
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync();
    }

    public void AddApp(string name, string host, int port)
    {
        var ns = $"ns-{name}";
        Add("/api/v1/services", ns, name, """ "spec":{"ports":[{"name":"web","port":80}]}""");
        Add(
            "/apis/discovery.k8s.io/v1/endpointslices",
            ns,
            name,
            $$$$""" "addressType":"IPv4","endpoints":[{"addresses":["127.0.0.1"],"conditions":{"ready":true}}],"ports":[{"name":"web","port":{{{{port}}}},"protocol":"TCP"}]""");
        Add(
            "/apis/networking.k8s.io/v1/ingresses",
            ns,
            name,
            $$$$$""" "spec":{"ingressClassName":"nginx","rules":[{"host":"{{{{{host}}}}}","http":{"paths":[{"path":"/","pathType":"Prefix","backend":{"service":{"name":"{{{{{name}}}}}","port":{"number":80}}}}]}}]}""");
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(0);
        try
        {
            await _app!.StopAsync(now.Token);
        }
        catch (OperationCanceledException)
        {
        }

        await _app!.DisposeAsync();
    }

    private void Add(string path, string ns, string name, string rest)
    {
        var version = Interlocked.Increment(ref _version);
        var json = $$$"""{"metadata":{"namespace":"{{{ns}}}","name":"{{{name}}}","uid":"{{{version}}}","resourceVersion":"{{{version}}}","generation":1,"creationTimestamp":"2026-01-01T00:00:00Z","labels":{"kubernetes.io/service-name":"{{{name}}}"},"annotations":{"nginx.ingress.kubernetes.io/proxy-body-size":"32m"}},{{{rest}}}}""";
        var collection = _collections.GetOrAdd(path, _ => new Collection());
        lock (collection)
        {
            collection.Items.Add(json);
            collection.Watchers.ForEach(w => w.TryWrite($$"""{"type":"ADDED","object":{{json}}}""" + "\n"));
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var collection = _collections.GetOrAdd(context.Request.Path, _ => new Collection());
        if (context.Request.Query["watch"] != "true")
        {
            string list;
            lock (collection)
            {
                list = $$"""{"metadata":{"resourceVersion":"{{Volatile.Read(ref _version)}}"},"items":[{{string.Join(',', collection.Items)}}]}""";
            }

            await context.Response.WriteAsync(list);
            return;
        }

        var events = Channel.CreateUnbounded<string>();
        lock (collection)
        {
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
        public List<string> Items { get; } = [];

        public List<ChannelWriter<string>> Watchers { get; } = [];
    }
}
