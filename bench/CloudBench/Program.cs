using System.Globalization;
using System.Runtime.InteropServices;
using Sealos.Bench;

// Usage: Sealos.CloudBench boot|apps|memory|api|large|volumes|policy|pods|tenants|soak|all [--runs N] [--users N] [--apps N] [--minutes N]; bench/run starts it in namespaces of its own.
var what = args.FirstOrDefault() ?? "all";
var runs = Option("--runs");
using var stop = new CancellationTokenSource();

// Clouds are taken away again on the way out.
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
Machine.Print(what);
foreach (var (name, measure) in new (string, Func<Task>)[]
{
    ("boot", () => BootBench.RunAsync(runs ?? 10, stop.Token)),
    ("apps", () => AppBench.RunAsync(runs ?? 40, stop.Token)),
    ("memory", () => MemoryBench.RunAsync(runs ?? 3, stop.Token)),
    ("api", () => ApiBench.RunAsync(runs ?? 5, stop.Token)),
    ("large", () => LargeBench.RunAsync(runs ?? 3, stop.Token)),
    ("volumes", () => VolumeBench.RunAsync(runs ?? 5, stop.Token)),
    ("policy", () => PolicyBench.RunAsync(runs ?? 5000, stop.Token)),
    ("pods", () => PodsBench.RunAsync(runs ?? 1000, stop.Token)),
    ("tenants", () => TenantsBench.RunAsync(Option("--users") ?? 10_000, stop.Token)),
    ("soak", SoakAsync),
})
{
    if (what == name || (what == "all" && name is not ("soak" or "tenants")))
    {
        await measure();
    }
}

// The one that must not fail.
async Task SoakAsync() =>
    Environment.ExitCode = await SoakBench.RunAsync(Option("--apps") ?? 800, TimeSpan.FromMinutes(Option("--minutes") ?? 60), stop.Token) ? 0 : 1;

int? Option(string name) => Array.IndexOf(args, name) is var at and >= 0 ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : null;
