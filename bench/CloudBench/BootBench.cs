using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Testing;

namespace Sealos.Bench;

/// <summary>How long <c>sealos up</c> takes until everything runs, from the command's start to its end.</summary>
internal static class BootBench
{
    private const int Objects = 10_000;
    private static readonly Dictionary<string, List<double>> _parts = [];

    public static async Task RunAsync(int runs, CancellationToken ct)
    {
        List<double> nothing = [], data = [], again = [], full = [];
        for (var i = 0; i < runs; i++)
        {
            var start = Stopwatch.GetTimestamp();
            var began = TimeProvider.System.GetUtcNow();
            await using var cloud = await Cloud.StartAsync(ct);
            nothing.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            await NotePartsAsync(cloud, began, ct);
            again.Add(await UpAsync(cloud, ct));
            data.Add(await DownAndUpAsync(cloud, ct));
        }

        await using (var cloud = await Cloud.StartAsync(ct))
        {
            await FillAsync(cloud, ct);
            for (var i = 0; i < runs; i++)
            {
                full.Add(await DownAndUpAsync(cloud, ct));
            }
        }

        Figures.Head("boot: sealos up, until it ends");
        Figures.Row("from nothing", nothing, "s", "aim < 3");
        Figures.Row("again from data", data, "s", "aim < 3");
        Figures.Row($"again with {Objects} objects", full, "s", "aim < 5");
        Figures.Row("when all runs already", again, "s");
        Figures.Head("boot from nothing: when each component runs");
        foreach (var (name, times) in _parts.OrderBy(p => p.Value.Average()))
        {
            Figures.Row(name, times, "s");
        }
    }

    public static async Task<double> DownAndUpAsync(Cloud cloud, CancellationToken ct)
    {
        var down = await cloud.SealosAsync(["down"], ct);
        return down.ExitCode == 0 ? await UpAsync(cloud, ct) : throw new InvalidOperationException($"sealos down failed: {down}");
    }

    private static async Task<double> UpAsync(Cloud cloud, CancellationToken ct)
    {
        var start = Stopwatch.GetTimestamp();
        var up = await cloud.UpAsync(ct);
        return up.ExitCode == 0 ? Stopwatch.GetElapsedTime(start).TotalSeconds : throw new InvalidOperationException($"sealos up failed: {up}");
    }

    private static async Task NotePartsAsync(Cloud cloud, DateTimeOffset began, CancellationToken ct)
    {
        var status = JsonNode.Parse((await cloud.SealosAsync(["status", "-o", "json"], ct)).Output)!;
        foreach (var component in status["components"]!.AsArray())
        {
            var since = DateTimeOffset.Parse((string)component!["since"]!, CultureInfo.InvariantCulture);
            var name = (string)component["name"]!;
            _parts.TryAdd(name, []);
            _parts[name].Add((since - began).TotalSeconds);
        }
    }

    // Half data, half Deployments that rest, each of which its controller gives a ReplicaSet.
    private static async Task FillAsync(Cloud cloud, CancellationToken ct)
    {
        using var client = await cloud.ConnectAsync(ct);
        await client.CreateAsync(new Namespace { Metadata = new ObjectMeta { Name = "bench" } }, ct);
        var text = new string('x', 1024);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = ct };
        await Parallel.ForAsync(0, Objects / 2, parallel, async (i, token) =>
            await client.CreateAsync(new ConfigMap { Metadata = Meta($"data-{i}"), Data = new Dictionary<string, string> { ["text"] = text } }, token));
        await Parallel.ForAsync(0, Objects / 4, parallel, async (i, token) => await client.CreateAsync(Resting($"resting-{i}"), token));
        await Eventually.TrueAsync(
            "a ReplicaSet for each Deployment",
            async () => (await client.ListAsync<ReplicaSet>("bench", null, ct)).Items.Count == Objects / 4,
            TimeSpan.FromMinutes(3),
            ct);
    }

    private static ObjectMeta Meta(string name) => new() { Namespace = "bench", Name = name };

    private static Deployment Resting(string name)
    {
        var labels = new Dictionary<string, string> { ["app"] = name };
        return new Deployment
        {
            Metadata = Meta(name),
            Spec = new DeploymentSpec
            {
                Replicas = 0,
                Selector = new LabelSelector { MatchLabels = labels },
                Template = new PodTemplateSpec { Metadata = new ObjectMeta { Labels = labels }, Spec = new PodSpec { Containers = [new Container { Name = "main", Image = "sealos.hub/library/hello:1" }] } },
            },
        };
    }
}
