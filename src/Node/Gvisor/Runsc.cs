using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Sealos.Node.Gvisor;

/// <summary>gVisor's program on this machine: where it is, how old it is, and what it can do here.</summary>
/// <param name="path">The program.</param>
internal sealed partial class Runsc(string path)
{
    /// <summary>The first release with systrap; what is older is slow, and long without mending.</summary>
    private const int OldestRelease = 20230501;
    private const int ProbeOk = 42;
    private const string HowToInstall = "Debian 12 has it in the suite bookworm-backports, Debian 13 in its own: apt-get install runsc (on Debian 12, with that suite in apt's sources: apt-get install -t bookworm-backports runsc)";

    // The best first. A platform that hangs on this machine counts as one that does not work.
    private static readonly string[] Platforms = ["systrap", "kvm", "ptrace"];
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>The program.</summary>
    public string Path { get; } = path;

    /// <summary>Finds the program among the folders of <paramref name="search"/>, separated by colons.</summary>
    /// <exception cref="GvisorException">It is not there.</exception>
    public static Runsc Find(string search) =>
        search.Split(':').Where(d => d.StartsWith('/')).Select(d => System.IO.Path.Combine(d, "runsc")).FirstOrDefault(File.Exists) is { } found
            ? new Runsc(found)
            : throw new GvisorException($"gVisor is not installed: there is no program runsc on the PATH. {HowToInstall}");

    /// <summary>Refuses a release that is too old; what does not say its date is not judged by it.</summary>
    /// <param name="version">What the program says of itself.</param>
    /// <exception cref="GvisorException">It is too old.</exception>
    public static void CheckAge(string version)
    {
        if (ReleaseDate().Match(version) is { Success: true } date && int.Parse(date.Value, CultureInfo.InvariantCulture) < OldestRelease)
        {
            throw new GvisorException($"gVisor is too old: {FirstLine(version)}, and at least {OldestRelease} is needed. {HowToInstall}");
        }
    }

    /// <summary>Tries which way of running programs works here.</summary>
    /// <param name="program">A program of the host that ends with a code of its own inside of a sandbox when told <c>probe</c>.</param>
    /// <param name="folder">A folder that may be filled; its disk must allow programs.</param>
    /// <param name="ct">Ends the trying.</param>
    /// <returns>The platform.</returns>
    /// <exception cref="GvisorException">None does, or the program is too old.</exception>
    public async Task<string> FindPlatformAsync(string program, string folder, CancellationToken ct)
    {
        CheckAge((await RunAsync(["--version"], folder, ct).ConfigureAwait(false)).Text);
        WriteBundle(program, folder);
        var said = "";
        foreach (var platform in Platforms)
        {
            string[] arguments = ["--root", System.IO.Path.Combine(folder, "state"), "--platform", platform, "--network", "none", "--ignore-cgroups", "run", "--bundle", folder, "probe-" + platform];
            var (code, text) = await RunAsync(arguments, folder, ct).ConfigureAwait(false);
            if (code == ProbeOk)
            {
                return platform;
            }

            said += $"\n  {platform}: {(text.Trim() is { Length: > 0 } last ? last.Split('\n')[^1] : string.Create(CultureInfo.InvariantCulture, $"exit code {code}"))}";
        }

        throw new GvisorException($"gVisor does not run on this machine ({Path}):{said}");
    }

    private static void WriteBundle(string program, string folder)
    {
        var root = Directory.CreateDirectory(System.IO.Path.Combine(folder, "rootfs")).FullName;
        File.Copy(program, System.IO.Path.Combine(root, "probe"), overwrite: true);
        File.WriteAllText(System.IO.Path.Combine(folder, "config.json"), new JsonObject
        {
            ["ociVersion"] = "1.0.0",
            ["process"] = new JsonObject { ["args"] = new JsonArray("/probe", "probe"), ["cwd"] = "/", ["user"] = new JsonObject { ["uid"] = 0, ["gid"] = 0 } },
            ["root"] = new JsonObject { ["path"] = root, ["readonly"] = true },
            ["linux"] = new JsonObject { ["namespaces"] = new JsonArray(new[] { "pid", "network", "ipc", "uts", "mount" }.Select(n => (JsonNode)new JsonObject { ["type"] = n }).ToArray()) },
        }.ToJsonString());
    }

    private async Task<(int Code, string Text)> RunAsync(string[] arguments, string folder, CancellationToken ct)
    {
        var start = new ProcessStartInfo(Path, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        using var process = Start(start);
        process.StandardInput.Close();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Longest);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            return (process.ExitCode, await output.ConfigureAwait(false) + await error.ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            ct.ThrowIfCancellationRequested();
            return (-1, $"did not answer within {Longest.TotalSeconds} s");
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw new GvisorException($"{start.FileName} did not start");
        }
        catch (Win32Exception e)
        {
            throw new GvisorException($"{start.FileName} cannot be run: {e.Message}");
        }
    }

    private static string FirstLine(string text) => text.Split('\n')[0].Trim();

    [GeneratedRegex(@"(?<!\d)20\d{6}(?!\d)")]
    private static partial Regex ReleaseDate();
}
