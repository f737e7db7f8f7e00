using System.Diagnostics;
using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Networking;
using Sealos.OsServices.Apps;
using Sealos.OsServices.Users;
using Sealos.Testing;

namespace Sealos.Bench;

/// <summary>How long from asking for an app, and for a route, to its first 200 through the gateway. The image is there.</summary>
internal static class AppBench
{
    private const string Image = "sealos.hub/library/hello:1";
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(5);
    private static readonly string Workspace = UserDirectory.WorkspaceOf(UserDirectory.AdminName);

    public static async Task RunAsync(int runs, CancellationToken ct)
    {
        await using var cloud = await Cloud.StartAsync(ct);
        using var client = await cloud.ConnectAsync(ct);
        using var browser = cloud.OpenBrowser();
        var launchpad = new AppLaunchpad(client, cloud.Domain, TimeProvider.System);
        List<double> api = [], cli = [], route = [];
        await ByApiAsync(cloud, launchpad, browser, "warm-up", ct);
        for (var i = 0; i < runs; i++)
        {
            api.Add(await ByApiAsync(cloud, launchpad, browser, $"api-{i}", ct));
        }

        for (var i = 0; i < Math.Max(1, runs / 4); i++)
        {
            cli.Add(await ByCommandAsync(cloud, launchpad, browser, $"cli-{i}", ct));
        }

        var target = await launchpad.CreateAsync(Workspace, Form("target"), ct);
        await UntilAnsweredAsync(browser, Address(cloud, target.Hosts[0]), ct);
        for (var i = 0; i < runs; i++)
        {
            route.Add(await ByRouteAsync(cloud, client, browser, target, i, ct));
        }

        Figures.Head("apps: until the first 200 through the gateway");
        Figures.Row("app create, from the API call", api, "ms", "aim < 1500 p50");
        Figures.Row("app create, from the start of the command", cli, "ms", "aim < 1500 p50");
        Figures.Row("a further route to a running app", route, "ms", "aim < 1000");
    }

    public static AppForm Form(string name) => new() { Name = name, Image = Image, Cpu = "100m", Memory = "64Mi", Ports = [new AppPort { Number = 8080, IsPublic = true }] };

    public static Uri Address(Cloud cloud, string host) => new($"https://{host}:{cloud.HttpsPort}/");

    public static async Task UntilAnsweredAsync(HttpClient browser, Uri address, CancellationToken ct)
    {
        while (true)
        {
            using var answer = await browser.GetAsync(address, ct);
            if (answer.IsSuccessStatusCode)
            {
                return;
            }

            await Task.Delay(Between, ct);
        }
    }

    private static async Task<double> ByApiAsync(Cloud cloud, AppLaunchpad launchpad, HttpClient browser, string name, CancellationToken ct)
    {
        var start = Stopwatch.GetTimestamp();
        var app = await launchpad.CreateAsync(Workspace, Form(name), ct);
        await UntilAnsweredAsync(browser, Address(cloud, app.Hosts[0]), ct);
        var taken = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        await RemoveAsync(launchpad, name, ct);
        return taken;
    }

    private static async Task<double> ByCommandAsync(Cloud cloud, AppLaunchpad launchpad, HttpClient browser, string name, CancellationToken ct)
    {
        var start = Stopwatch.GetTimestamp();
        var created = await cloud.SealosAsync(["app", "create", name, "--image", Image, "--port", "8080", "--public", "--cpu", "100m", "--memory", "64Mi", "-o", "json"], ct);
        if (created.ExitCode != 0)
        {
            throw new InvalidOperationException($"sealos app create failed: {created}");
        }

        await UntilAnsweredAsync(browser, new Uri((string)JsonNode.Parse(created.Output)!["address"]!), ct);
        var taken = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        await RemoveAsync(launchpad, name, ct);
        return taken;
    }

    private static async Task<double> ByRouteAsync(Cloud cloud, KubeClient client, HttpClient browser, AppView target, int i, CancellationToken ct)
    {
        var existing = (await client.ListAsync<Ingress>(Workspace, null, ct)).Items.First(g => g.Spec!.Rules![0].Host == target.Hosts[0]);
        var host = $"route-{i}.{cloud.Domain}";
        var rule = existing.Spec!.Rules![0];
        rule.Host = host;
        var ingress = new Ingress { Metadata = new ObjectMeta { Namespace = Workspace, Name = $"route-{i}" }, Spec = new IngressSpec { IngressClassName = existing.Spec.IngressClassName, Rules = [rule] } };
        var start = Stopwatch.GetTimestamp();
        await client.CreateAsync(ingress, ct);
        await UntilAnsweredAsync(browser, Address(cloud, host), ct);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    // Until its instances are gone, so that the next one has the machine to itself.
    private static async Task RemoveAsync(AppLaunchpad launchpad, string name, CancellationToken ct)
    {
        await launchpad.DeleteAsync(Workspace, name, ct);
        await Eventually.TrueAsync($"the end of {name}", async () => (await launchpad.InstancesAsync(Workspace, name, ct)).Count == 0, TimeSpan.FromMinutes(1), ct);
    }
}
