using System.Diagnostics;
using System.Text;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Testing;

namespace Sealos.Bench;

/// <summary>The API under clients that send and read raw bytes, each on a connection of its own. They share the machine's cores with the server.</summary>
internal static class ApiBench
{
    private const int Clients = 16;
    private const int Objects = 2_000;
    private const int WritesPerSecond = 1_000;
    private const string Path = "/api/v1/namespaces/bench/configmaps";
    private static readonly byte[] Padding = Encoding.ASCII.GetBytes(new string('x', 1024));

    public static async Task RunAsync(int seconds, CancellationToken ct)
    {
        await using var cloud = await Cloud.StartAsync(ct);
        var clients = new List<KubeClient>();
        for (var i = 0; i < Clients; i++)
        {
            clients.Add(await cloud.ConnectAsync(ct));
        }

        await clients[0].CreateAsync(new Namespace { Metadata = new ObjectMeta { Name = "bench" } }, ct);
        for (var i = 0; i < Objects; i++)
        {
            await SendAsync(clients[i % Clients], HttpMethod.Post, Path, Body(Name(i)), ct);
        }

        var made = 0;
        Figures.Head($"api: {Clients} clients, objects of 1 KiB, {seconds} s each");
        await MeasureAsync("get", clients, seconds, (c, _) => SendAsync(c, HttpMethod.Get, $"{Path}/{Name(Random.Shared.Next(Objects))}", null, ct));
        await MeasureAsync($"list 500 of {Objects}", clients, seconds, (c, _) => SendAsync(c, HttpMethod.Get, Path + "?limit=500", null, ct));
        await MeasureAsync("create", clients, seconds, (c, _) => SendAsync(c, HttpMethod.Post, "/api/v1/namespaces/default/configmaps", Body($"made-{Interlocked.Increment(ref made)}"), ct));
        await WatchLag.MeasureAsync(clients, Path, WritesPerSecond, seconds, ct);
        clients.ForEach(c => c.Dispose());
    }

    public static string Name(int i) => $"data-{i}";

    public static byte[] Body(string name, long sent = 0) =>
        [.. Encoding.ASCII.GetBytes($$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}"},"data":{"sent":"{{{sent}}}","text":" """), .. Padding, .. "\"}}"u8];

    public static async Task SendAsync(KubeClient client, HttpMethod method, string path, byte[]? body, CancellationToken ct)
    {
        using var content = body is null ? null : new ByteArrayContent(body);
        if (content is not null)
        {
            content.Headers.ContentType = new("application/json");
        }

        using var response = await client.OpenAsync(method, path, content, ct);
        await response.Content.CopyToAsync(Stream.Null, ct);
    }

    private static async Task MeasureAsync(string name, List<KubeClient> clients, int seconds, Func<KubeClient, int, Task> send)
    {
        await LoadAsync(2);
        var start = Stopwatch.GetTimestamp();
        var samples = await LoadAsync(seconds);
        Figures.Row(name, samples, "ms", $"{samples.Count / Stopwatch.GetElapsedTime(start).TotalSeconds:0} requests/s");

        async Task<List<double>> LoadAsync(int duration)
        {
            var end = Stopwatch.GetTimestamp() + (duration * Stopwatch.Frequency);
            var taken = await Task.WhenAll(clients.Select((c, i) => Task.Run(async () =>
            {
                var times = new List<double>();
                while (Stopwatch.GetTimestamp() < end)
                {
                    var sent = Stopwatch.GetTimestamp();
                    await send(c, i);
                    times.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
                }

                return times;
            })));
            return [.. taken.SelectMany(t => t)];
        }
    }
}
