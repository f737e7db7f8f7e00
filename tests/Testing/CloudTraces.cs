using System.Globalization;
using System.Text.Json.Nodes;

namespace Sealos.Testing;

/// <summary>
/// What a cloud has left on the machine, found without the product's help. Links, tables, routes and mounts are compared with what
/// was there before, which is exact because the tests have network and mount namespaces of their own.
/// </summary>
public sealed class CloudTraces
{
    private const string CgroupRoot = "/sys/fs/cgroup";
    private const string CniResults = "/var/lib/cni/results";

    private readonly string _instance;
    private readonly string _folder;
    private readonly HashSet<string> _before;

    private CloudTraces(string instance, string folder, IEnumerable<string> before)
    {
        _instance = instance;
        _folder = folder;
        _before = [.. before];
    }

    /// <summary>Remembers the machine as it is before the cloud starts.</summary>
    public static async Task<CloudTraces> BeforeAsync(string instance, string folder, CancellationToken ct) =>
        new(instance, folder, await KernelAsync(ct).ConfigureAwait(false));

    /// <summary>Everything the cloud has left, one line each; empty when nothing. Its folders must be gone, not only empty.</summary>
    public async Task<IReadOnlyList<string>> FindAsync(IEnumerable<string> folders, CancellationToken ct)
    {
        var processes = Processes().Select(p => $"process {p} {CommandLine(p)}");
        var cgroups = Cgroups().Select(c => $"cgroup {c}");
        var files = folders.Where(Directory.Exists).SelectMany(f => Directory.EnumerateFileSystemEntries(f, "*", SearchOption.AllDirectories).Prepend(f)).Select(f => $"file {f}");
        var results = Directory.Exists(CniResults) ? Directory.EnumerateFiles(CniResults, $"*{_instance}*").Select(f => $"file {f}") : [];
        return [.. (await NewInKernelAsync(ct).ConfigureAwait(false)).Concat(processes).Concat(cgroups).Concat(files).Concat(results)];
    }

    /// <summary>Pids of everything that runs for the cloud: in its cgroups, or with its folder or name on the command line.</summary>
    public IReadOnlyList<int> Processes() =>
        [.. Directory.EnumerateDirectories("/proc")
            .Select(d => int.TryParse(Path.GetFileName(d), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0)
            .Where(p => p > 0 && p != Environment.ProcessId && IsOfCloud(p))];

    /// <summary>
    /// What a machine that loses its power loses: processes, mounts, network and whatever lies in <paramref name="runFolder"/>, which
    /// is in memory on a real machine. Data and logs stay.
    /// </summary>
    public async Task LosePowerAsync(string runFolder, CancellationToken ct)
    {
        while (Processes() is { Count: > 0 } processes)
        {
            foreach (var pid in processes)
            {
                LinuxProcess.Kill(pid);
            }

            await Task.Delay(20, ct).ConfigureAwait(false);
        }

        foreach (var line in (await NewInKernelAsync(ct).ConfigureAwait(false)).Reverse())
        {
            var words = line.Split(' ');
            var command = words[0] switch
            {
                "mount" => (string[])["umount", "--lazy", line["mount ".Length..]],
                "link" => ["ip", "link", "delete", words[1]],
                "route" => ["ip", "route", "delete", .. words[1..]],
                _ => ["nft", "delete", .. words],
            };

            // One end of a pair takes the other with it, so some are gone when it is their turn.
            await Command.RunAsync(command[0], command[1..], ct: ct).ConfigureAwait(false);
        }

        foreach (var cgroup in Cgroups().SelectMany(c => Directory.EnumerateDirectories(c, "*", SearchOption.AllDirectories).Prepend(c)).OrderByDescending(c => c.Length))
        {
            Directory.Delete(cgroup);
        }

        Directory.Delete(runFolder, recursive: true);
    }

    private static async Task<IReadOnlyList<string>> KernelAsync(CancellationToken ct)
    {
        var links = JsonNode.Parse(await Command.RunAsync("ip", ["-j", "link"], ct: ct).OutputAsync().ConfigureAwait(false))!.AsArray().Select(l => $"link {l!["ifname"]}");
        var routes = Lines(await Command.RunAsync("ip", ["route"], ct: ct).OutputAsync().ConfigureAwait(false)).Select(r => $"route {r.Trim()}");
        var tables = Lines(await Command.RunAsync("nft", ["list", "tables"], ct: ct).OutputAsync().ConfigureAwait(false));
        var mounts = File.ReadLines("/proc/self/mountinfo").Select(l => $"mount {l.Split(' ')[4]}");
        return [.. routes, .. links, .. tables, .. mounts];
    }

    private static IEnumerable<string> Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private async Task<IReadOnlyList<string>> NewInKernelAsync(CancellationToken ct) =>
        [.. (await KernelAsync(ct).ConfigureAwait(false)).Where(l => !_before.Contains(l))];

    private IEnumerable<string> Cgroups() =>
        Directory.EnumerateDirectories(CgroupRoot).Where(d => new DirectoryInfo(d).LinkTarget is null).Prepend(CgroupRoot)
            .Select(r => Path.Combine(r, _instance)).Where(Directory.Exists);

    private bool IsOfCloud(int pid) =>
        LinuxProcess.Read(pid, "cgroup").Contains($":/{_instance}/", StringComparison.Ordinal)
        || (LinuxProcess.Read(pid, "cmdline") is var line && (line.Contains(_folder + "/", StringComparison.Ordinal) || line.Split('\0').Contains(_instance)));

    private static string CommandLine(int pid) => LinuxProcess.Read(pid, "cmdline").Replace('\0', ' ').Trim();
}
