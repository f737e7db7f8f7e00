using System.Globalization;
using System.Text.RegularExpressions;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Testing;
using Sealos.Testing.Software;

namespace Sealos.Bench;

/// <summary>Two PostgreSQL servers in pods, one with its data on a claim's volume, one in a folder of the disk below, asked by pgbench in turns.</summary>
internal static partial class PgBench
{
    private const string Namespace = "pgbench";
    private const string Claim = "data";
    private const int Scale = 10;
    private const int TurnSeconds = 5;
    private const int User = 999;
    private static readonly int[] _clients = [1, 8];

    public static async Task RunAsync(Cloud cloud, KubeClient client, int turns, CancellationToken ct)
    {
        await cloud.SealosAsync(["image", "load", await SoftwareImages.PostgreSql.ArchiveAsync(ct)], ct).OutputAsync();
        await client.CreateAsync(new Namespace { Metadata = new ObjectMeta { Name = Namespace, Labels = new() { ["pod-security.kubernetes.io/enforce"] = "privileged" } } }, ct);
        await VolumeBench.ClaimAsync(client, Namespace, Claim, ct);
        var folder = Directory.CreateDirectory(Path.Combine(cloud.DataFolder, "pgbench")).FullName;
        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);
        await StartAsync(cloud, client, "volume", new Volume { Name = "data", PersistentVolumeClaim = new PersistentVolumeClaimVolumeSource { ClaimName = Claim } }, ct);
        await StartAsync(cloud, client, "disk", new Volume { Name = "data", HostPath = new HostPathVolumeSource { Path = folder } }, ct);
        foreach (var clients in _clients)
        {
            await MeasureAsync(cloud, clients, turns, ct);
        }
    }

    private static async Task MeasureAsync(Cloud cloud, int clients, int turns, CancellationToken ct)
    {
        var rates = new List<(double Volume, double Disk)>();
        for (var i = 0; i < turns; i++)
        {
            rates.Add((await TurnAsync(cloud, "volume", clients, ct), await TurnAsync(cloud, "disk", clients, ct)));
        }

        Console.WriteLine();
        Machine.PrintLoad();
        Console.WriteLine(
            $"pgbench, {clients} clients, {turns} turns of {TurnSeconds} s, medians: {VolumeBench.Median(rates.Select(r => r.Volume)):0} transactions/s on a volume, "
            + $"{VolumeBench.Median(rates.Select(r => r.Disk)):0} on the disk below, ratio {VolumeBench.Median(rates.Select(r => r.Volume / r.Disk)):0.00}");
    }

    private static async Task StartAsync(Cloud cloud, KubeClient client, string name, Volume volume, CancellationToken ct)
    {
        var container = new Container
        {
            Name = "main",
            Image = SoftwareImages.PostgreSql.Reference,
            Env = [new EnvVar { Name = "POSTGRES_PASSWORD", Value = "bench" }, new EnvVar { Name = "PGDATA", Value = "/data/pg" }],
            VolumeMounts = [new VolumeMount { Name = "data", MountPath = "/data" }],
        };
        await client.CreateAsync(new Pod { Metadata = new ObjectMeta { Namespace = Namespace, Name = name }, Spec = new PodSpec { SecurityContext = new PodSecurityContext { FsGroup = User }, Containers = [container], Volumes = [volume] } }, ct);
        await Eventually.TrueAsync($"pod {name}", async () => (await client.GetAsync<Pod>(Namespace, name, ct)).Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true, TimeSpan.FromMinutes(5), ct);
        await Eventually.TrueAsync($"PostgreSQL on the {name}", async () => (await ShAsync(cloud, name, "pg_isready", ct)).ExitCode == 0, TimeSpan.FromMinutes(5), ct);
        await ShAsync(cloud, name, $"pgbench -U postgres -i -q -s {Scale} postgres", ct).OutputAsync();
    }

    private static async Task<double> TurnAsync(Cloud cloud, string pod, int clients, CancellationToken ct)
    {
        var output = await ShAsync(cloud, pod, $"pgbench -U postgres -n -c {clients} -T {TurnSeconds} postgres", ct).OutputAsync();
        return double.Parse(Rate().Match(output).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    private static Task<CommandResult> ShAsync(Cloud cloud, string pod, string line, CancellationToken ct) =>
        cloud.KubectlAsync(["exec", "-n", Namespace, pod, "--", "sh", "-c", line], ct);

    [GeneratedRegex(@"tps = ([0-9.]+)")]
    private static partial Regex Rate();
}
