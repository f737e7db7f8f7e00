using System.Globalization;
using Sealos.Bench;

// Usage: Sealos.CloudBench boot|apps|memory|api|all [--runs N]; bench/run starts it in namespaces of its own.
var what = args.FirstOrDefault() ?? "all";
var at = Array.IndexOf(args, "--runs");
var runs = at >= 0 ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : (int?)null;
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    // Clouds are taken away again on the way out.
    e.Cancel = true;
    stop.Cancel();
};

Machine.Print(what);
foreach (var (name, measure) in new (string, Func<Task>)[]
{
    ("boot", () => BootBench.RunAsync(runs ?? 10, stop.Token)),
    ("apps", () => AppBench.RunAsync(runs ?? 40, stop.Token)),
    ("memory", () => MemoryBench.RunAsync(runs ?? 3, stop.Token)),
    ("api", () => ApiBench.RunAsync(runs ?? 5, stop.Token)),
})
{
    if (what == "all" || what == name)
    {
        await measure();
    }
}
