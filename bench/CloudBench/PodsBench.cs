using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.OsServices.Apps;
using Sealos.OsServices.Users;
using Sealos.Testing;

namespace Sealos.Bench;

/// <summary>A node full of running apps: what they take to start, to keep, to replace, and what a restart of the server does to them.</summary>
internal static class PodsBench
{
    private const string Namespace = "bench";
    private const string Image = "sealos.hub/library/hello:1";
    private const int Replicas = 100;
    private const int ChurnedPods = 150;
    private static readonly TimeSpan ChurnStep = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(60);
    private static readonly string Workspace = UserDirectory.WorkspaceOf(UserDirectory.AdminName);

    public static async Task RunAsync(int apps, CancellationToken ct)
    {
        await using var cloud = await Cloud.StartAsync(ct);
        using var client = await cloud.ConnectAsync(ct);
        await client.CreateAsync(new Namespace { Metadata = new ObjectMeta { Name = Namespace } }, ct);
        var before = await ChurnAsync(client, "alone", ct);
        var without = await Processes.MemoryAsync(cloud, ct);
        var hosts = await LaunchAsync(cloud, client, apps, ct);
        var with = await Processes.AllMemoryAsync(cloud, ct);
        MemoryBench.Print($"memory, {apps} apps, MiB (right after the last answered; one boot)", [with]);
        PrintEach(without, with, apps);
        await RestAsync(cloud, apps, ct);
        await SweepAsync(cloud, hosts, "at rest", ct);
        await SweepServicesAsync(client, ct);
        var among = await ChurnAsync(client, "among", ct);
        Figures.Head($"pods: {1 / ChurnStep.TotalSeconds:0} created and deleted a second, from the create to ready");
        Figures.Row("with nothing else", before, "ms", "aim p99 < 1000");
        Figures.Row($"beside {apps} apps", among, "ms", "aim p99 < 1000");
        await RolloutAsync(client, apps, ct);
        await RestartAsync(cloud, client, hosts, ct);
    }

    private static async Task<string[]> LaunchAsync(Cloud cloud, KubeClient client, int apps, CancellationToken ct)
    {
        using var browser = cloud.OpenBrowser();
        var launchpad = new AppLaunchpad(client, cloud.Domain, TimeProvider.System);
        var hosts = new string[apps];
        var taken = new ConcurrentBag<double>();
        var start = Stopwatch.GetTimestamp();
        await Parallel.ForAsync(0, apps, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = ct }, async (i, token) =>
        {
            var began = Stopwatch.GetTimestamp();
            var app = await launchpad.CreateAsync(Workspace, AppBench.Form($"app-{i}"), token);
            hosts[i] = app.Hosts[0];
            await AppBench.UntilAnsweredAsync(browser, AppBench.Address(cloud, app.Hosts[0]), token);
            taken.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        });
        Figures.Head($"pods: {apps} apps, each with a service and a route, 8 at once; {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s in all");
        Figures.Row("from the API call to the first 200", taken, "ms");
        return hosts;
    }

    public static async Task RestAsync(Cloud cloud, int apps, CancellationToken ct)
    {
        await Task.Delay(Rest / 2, ct);
        var before = await Processes.CpuAsync(cloud, ct);
        await Task.Delay(Rest, ct);
        var after = await Processes.CpuAsync(cloud, ct);
        Console.WriteLine();
        Console.WriteLine($"CPU at rest with {apps} apps, percent of one core over {Rest.TotalSeconds:0} s; aim < 10 in all");
        foreach (var (name, seconds) in after)
        {
            Console.WriteLine($"{name,-20} {(seconds - before[name]) / Rest.TotalSeconds * 100,6:0.0}");
        }
    }

    private static async Task SweepAsync(Cloud cloud, string[] hosts, string when, CancellationToken ct)
    {
        using var browser = cloud.OpenBrowser();
        var (taken, failed) = (new List<double>(), 0);
        foreach (var host in hosts)
        {
            var began = Stopwatch.GetTimestamp();
            using var answer = await browser.GetAsync(AppBench.Address(cloud, host), ct);
            taken.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            failed += answer.IsSuccessStatusCode ? 0 : 1;
        }

        Figures.Head($"pods: every app asked once, {when}");
        Figures.Row("answer", taken, "ms", $"{failed} failed");
    }

    private static async Task SweepServicesAsync(KubeClient client, CancellationToken ct)
    {
        using var inside = new HttpClient(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.Zero });
        var (taken, failed) = (new List<double>(), 0);
        foreach (var service in (await client.ListAsync<Service>(Workspace, null, ct)).Items)
        {
            var began = Stopwatch.GetTimestamp();
            try
            {
                using var answer = await inside.GetAsync(new Uri($"http://{service.Spec!.ClusterIP}:{service.Spec.Ports![0].Port}/"), ct);
                taken.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                failed += answer.IsSuccessStatusCode ? 0 : 1;
            }
            catch (HttpRequestException)
            {
                failed++;
            }
        }

        Figures.Row("answer through the service, on a new connection", taken, "ms", $"{failed} failed");
    }

    private static void PrintEach(Dictionary<string, Memory> without, Dictionary<string, Memory> with, int apps)
    {
        Console.WriteLine();
        Console.WriteLine($"{"memory for each app, KiB more than without apps",-72} {"RSS",8} {"RssAnon",8} {"PSS",8}");
        foreach (var (name, memory) in with)
        {
            var before = without.GetValueOrDefault(name);
            Console.WriteLine($"{name,-72} {(memory.Resident - before.Resident) / apps,8} {(memory.Anonymous - before.Anonymous) / apps,8} {(memory.Proportional - before.Proportional) / apps,8}");
        }
    }

    private static async Task<IReadOnlyCollection<double>> ChurnAsync(KubeClient client, string name, CancellationToken ct)
    {
        var waiting = new ConcurrentDictionary<string, TaskCompletionSource<long>>();
        await using var informers = new InformerFactory(client, NullLoggerFactory.Instance, Namespace);
        using var subscription = informers.For<Pod>().OnChange((_, pod) =>
        {
            if (pod?.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true && waiting.TryGetValue(pod.Metadata.Name!, out var ready))
            {
                ready.TrySetResult(Stopwatch.GetTimestamp());
            }
        });
        informers.Start();
        await informers.WaitForSyncAsync(ct);
        using var timer = new PeriodicTimer(ChurnStep);
        var runs = new List<Task<double>>();
        for (var i = 0; i < ChurnedPods && await timer.WaitForNextTickAsync(ct); i++)
        {
            runs.Add(StartOneAsync($"{name}-{i}"));
        }

        return await Task.WhenAll(runs);

        async Task<double> StartOneAsync(string pod)
        {
            var ready = waiting[pod] = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            var sent = Stopwatch.GetTimestamp();
            await client.CreateAsync(new Pod { Metadata = new ObjectMeta { Namespace = Namespace, Name = pod }, Spec = Spec() }, ct);
            var taken = Stopwatch.GetElapsedTime(sent, await ready.Task.WaitAsync(TimeSpan.FromMinutes(2), ct)).TotalMilliseconds;
            await client.DeleteAsync<Pod>(Namespace, pod, null, ct);
            return taken;
        }
    }

    private static PodSpec Spec() => new() { Containers = [new Container { Name = "main", Image = Image }] };

    private static async Task RolloutAsync(KubeClient client, int apps, CancellationToken ct)
    {
        var labels = new Dictionary<string, string> { ["app"] = "many" };
        var start = Stopwatch.GetTimestamp();
        await client.CreateAsync(
            new Deployment
            {
                Metadata = new ObjectMeta { Namespace = Namespace, Name = "many" },
                Spec = new DeploymentSpec
                {
                    Replicas = Replicas,
                    Selector = new LabelSelector { MatchLabels = labels },
                    Template = new PodTemplateSpec { Metadata = new ObjectMeta { Labels = labels }, Spec = Spec() },
                },
            },
            ct);
        await RolledOutAsync(client, ct);
        var created = Stopwatch.GetElapsedTime(start);
        start = Stopwatch.GetTimestamp();
        await client.PatchAsync<Deployment>(Namespace, "many", JsonNode.Parse("""{"spec":{"template":{"metadata":{"annotations":{"again":"1"}}}}}""")!.AsObject(), null, ct);
        await RolledOutAsync(client, ct);
        Console.WriteLine();
        Console.WriteLine($"a Deployment of {Replicas} beside {apps} apps: all there after {created.TotalSeconds:0.0} s, all replaced after {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s more");
        await client.DeleteAsync<Deployment>(Namespace, "many", null, ct);
        await Eventually.TrueAsync("the end of the Deployment's pods", async () => (await client.ListAsync<Pod>(Namespace, null, ct)).Items.Count == 0, TimeSpan.FromMinutes(5), ct);
    }

    private static Task RolledOutAsync(KubeClient client, CancellationToken ct) => Eventually.TrueAsync(
        "the rollout",
        async () => await client.GetAsync<Deployment>(Namespace, "many", ct) is { Status: { AvailableReplicas: Replicas, UpdatedReplicas: Replicas, Replicas: Replicas } status } deployment
            && status.ObservedGeneration == deployment.Metadata.Generation,
        TimeSpan.FromMinutes(10),
        ct);

    // Adopted are the pods of before once the node has looked at each again: a new one runs, and none of them was started anew.
    private static async Task RestartAsync(Cloud cloud, KubeClient client, string[] hosts, CancellationToken ct)
    {
        var containers = await ContainersAsync(client, ct);
        Process.GetProcessById(await cloud.PidAsync("server", ct)).Kill();
        var start = Stopwatch.GetTimestamp();
        await cloud.UpAsync(ct);
        var up = Stopwatch.GetElapsedTime(start);
        await client.CreateAsync(new Pod { Metadata = new ObjectMeta { Namespace = Namespace, Name = "next" }, Spec = Spec() }, ct);
        await Eventually.TrueAsync("a new pod", async () => (await client.GetAsync<Pod>(Namespace, "next", ct)).Status?.Phase == "Running", TimeSpan.FromMinutes(5), ct);
        Console.WriteLine();
        Console.WriteLine($"server killed beside {hosts.Length} apps: up after {up.TotalSeconds:0.0} s, a new pod runs after {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s (aim < 10)");
        await SweepAsync(cloud, hosts, "after the restart", ct);
        var kept = await ContainersAsync(client, ct);
        Console.WriteLine($"{containers.Count(kept.Contains)} of {containers.Count} containers are the same");
    }

    private static async Task<HashSet<string>> ContainersAsync(KubeClient client, CancellationToken ct) =>
        [.. (await client.ListAsync<Pod>(Workspace, null, ct)).Items.SelectMany(p => p.Status?.ContainerStatuses ?? []).Select(c => c.ContainerID).OfType<string>()];
}
