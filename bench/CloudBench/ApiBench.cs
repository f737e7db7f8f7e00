using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
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
    private const int Groups = 10;
    private const int WritesPerSecond = 1_000;
    private const double TicksPerSecond = 100;
    private const string Path = "/api/v1/namespaces/bench/configmaps";
    private const string Made = "/api/v1/namespaces/default/configmaps";
    private static readonly byte[] Padding = Encoding.ASCII.GetBytes(new string('x', 1024));

    public static async Task RunAsync(int seconds, CancellationToken ct)
    {
        await using var cloud = await Cloud.StartAsync(ct);
        var server = await cloud.PidAsync("server", ct);
        var clients = await ConnectAsync(cloud, ct);
        await FillAsync(clients, 0, Objects, ct);
        var (idle, made, gone) = (Memory(server), 0, 0);
        Figures.Head($"api: {Clients} clients, {Objects} objects of 1 KiB, {seconds} s each");
        Task MeasureAsync(string name, Func<KubeClient, Task> send) => LoadAsync(name, clients, seconds, server, send);
        await MeasureAsync("get", c => SendAsync(c, HttpMethod.Get, Any(), null, ct));
        await MeasureAsync($"list all {Objects}", c => SendAsync(c, HttpMethod.Get, Path, null, ct));
        await MeasureAsync($"list 500 of {Objects}", c => SendAsync(c, HttpMethod.Get, Path + "?limit=500", null, ct));
        await MeasureAsync($"list by label, {Objects / Groups} of {Objects}", c => SendAsync(c, HttpMethod.Get, Path + "?labelSelector=group%3Dg1", null, ct));
        await MeasureAsync("create", c => SendAsync(c, HttpMethod.Post, Made, Body($"made-{Interlocked.Increment(ref made)}"), ct));
        await MeasureAsync("update", c => UpdateAsync(c, Random.Shared.Next(Objects), ct));
        await MeasureAsync("patch", c => PatchAsync(c, Any(), ct));
        await MeasureAsync("delete", c => DeleteAsync(c, Interlocked.Increment(ref gone), () => made, ct));
        await WatchLag.MeasureAsync(clients, Path, WritesPerSecond, seconds, ct);
        Console.WriteLine($"server RssAnon, MiB: {idle} before the load, {Memory(server)} right after it");
        await IdleWatches.MeasureAsync(clients, Path, () => Memory(server, 1), ct);
        clients.ForEach(c => c.Dispose());
    }

    public static string Name(int i) => $"data-{i}";

    public static byte[] Body(string name, long sent = 0, int group = 0) =>
        [.. Encoding.ASCII.GetBytes($$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}","labels":{"group":"g{{{group}}}"}},"data":{"sent":"{{{sent}}}","text":" """), .. Padding, .. "\"}}"u8];

    public static async Task<List<KubeClient>> ConnectAsync(Cloud cloud, CancellationToken ct)
    {
        var clients = new List<KubeClient>();
        for (var i = 0; i < Clients; i++)
        {
            clients.Add(await cloud.ConnectAsync(ct));
        }

        await clients[0].CreateAsync(new Namespace { Metadata = new ObjectMeta { Name = "bench" } }, ct);
        return clients;
    }

    public static Task FillAsync(List<KubeClient> clients, int from, int to, CancellationToken ct) => Task.WhenAll(clients.Select((client, c) => Task.Run(
        async () =>
        {
            for (var i = from + c; i < to; i += clients.Count)
            {
                await SendAsync(client, HttpMethod.Post, Path, Body(Name(i), group: i % Groups), ct);
            }
        },
        ct)));

    public static async Task SendAsync(KubeClient client, HttpMethod method, string path, byte[]? body, CancellationToken ct, string type = "application/json")
    {
        using var content = body is null ? null : new ByteArrayContent(body);
        if (content is not null)
        {
            content.Headers.ContentType = new MediaTypeHeaderValue(type);
        }

        using var response = await client.OpenAsync(method, path, content, ct);
        await response.Content.CopyToAsync(Stream.Null, ct);
    }

    public static Task UpdateAsync(KubeClient client, int i, CancellationToken ct) =>
        SendAsync(client, HttpMethod.Put, $"{Path}/{Name(i)}", Body(Name(i), Stopwatch.GetTimestamp(), i % Groups), ct);

    public static Task GetAsync(KubeClient client, int i, CancellationToken ct) => SendAsync(client, HttpMethod.Get, $"{Path}/{Name(i)}", null, ct);

    /// <summary>The anonymous memory of a process, in MiB or in KiB.</summary>
    public static long Memory(int pid, int unit = 1024) =>
        long.Parse(File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("RssAnon:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / unit;

    private static string Any() => $"{Path}/{Name(Random.Shared.Next(Objects))}";

    private static Task PatchAsync(KubeClient client, string path, CancellationToken ct) =>
        SendAsync(client, HttpMethod.Patch, path, Encoding.ASCII.GetBytes($$$"""{"data":{"sent":"{{{Stopwatch.GetTimestamp()}}}"}}"""), ct, "application/merge-patch+json");

    // What is not there was not made yet or is gone: made at once, so that there is something to delete.
    private static async Task DeleteAsync(KubeClient client, int i, Func<int> made, CancellationToken ct)
    {
        if (i > made())
        {
            await SendAsync(client, HttpMethod.Post, Made, Body($"made-{i}"), ct);
        }

        await SendAsync(client, HttpMethod.Delete, $"{Made}/made-{i}", null, ct);
    }

    /// <summary>Processor time that a process has used, in seconds: unlike requests a second, it says something beside other work.</summary>
    private static double Processor(int pid)
    {
        var fields = File.ReadAllText($"/proc/{pid}/stat").Split(' ');
        return (long.Parse(fields[13], CultureInfo.InvariantCulture) + long.Parse(fields[14], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    private static async Task LoadAsync(string name, List<KubeClient> clients, int seconds, int server, Func<KubeClient, Task> send)
    {
        await RunAsync(1);
        var (start, used) = (Stopwatch.GetTimestamp(), Processor(server));
        var samples = await RunAsync(seconds);
        var rate = samples.Count / Stopwatch.GetElapsedTime(start).TotalSeconds;
        Figures.Row(name, samples, "ms", string.Create(CultureInfo.InvariantCulture, $"{rate:0} requests/s, {(Processor(server) - used) * 1e6 / samples.Count:0} us of the server each"));

        async Task<List<double>> RunAsync(int duration)
        {
            var end = Stopwatch.GetTimestamp() + (duration * Stopwatch.Frequency);
            var taken = await Task.WhenAll(clients.Select(c => Task.Run(async () =>
            {
                var times = new List<double>();
                while (Stopwatch.GetTimestamp() < end)
                {
                    var sent = Stopwatch.GetTimestamp();
                    await send(c);
                    times.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
                }

                return times;
            })));
            return [.. taken.SelectMany(t => t)];
        }
    }
}
