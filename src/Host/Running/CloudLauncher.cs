using System.Diagnostics;
using System.Security.Cryptography;
using Sealos.Host.Components;
using Sealos.Host.Configuration;
using Sealos.Node.Processes;

namespace Sealos.Host.Running;

/// <summary>Installs this program into the cloud's data folder and starts it from there as a daemon.</summary>
public sealed class CloudLauncher(CloudOptions options, TimeProvider time)
{
    private const string SystemdFolder = "/run/systemd/system";
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(20);

    private readonly CloudPaths _paths = new(options);
    private readonly Daemon _server = new("server", new CloudPaths(options).ServerPid);
    private readonly Daemon _edge = new("edge", new CloudPaths(options).EdgePid);

    /// <summary>Whether the installed program is this very build.</summary>
    public bool IsCurrent => File.Exists(Path.Combine(Program, "sealos.dll"));

    private static string Source => AppContext.BaseDirectory;

    private string Program => Path.Combine(_paths.Programs, BuildMark());

    /// <summary>Refuses a port that somebody else holds, naming who.</summary>
    /// <exception cref="IOException">A port is taken.</exception>
    public void CheckPorts()
    {
        var taken = new List<string>();
        void Check(string option, int port, bool isOurs)
        {
            if (!isOurs && PortOwner.Find(port) is { } owner)
            {
                taken.Add($"{option}: port {port} is in use by {owner}; stop it or choose another port");
            }
        }

        var serverRuns = _server.FindPid() is not null;
        var edgeRuns = _edge.FindPid() is not null;
        Check("--api-port", options.ApiPort, serverRuns);
        Check("--kubelet-port", options.KubeletPort, serverRuns);
        Check("--http-port", options.HttpPort, edgeRuns || !options.HasAtFirst(ComponentCatalog.Gateway));
        Check("--https-port", options.HttpsPort, edgeRuns || !options.HasAtFirst(ComponentCatalog.Gateway));
        if (taken.Count > 0)
        {
            throw new IOException(string.Join("\nerror: ", taken));
        }
    }

    /// <summary>Refuses folders to which the edge, which runs as another user, has no way: it would never start.</summary>
    /// <exception cref="IOException">A folder on the way lets only its owner through.</exception>
    public void CheckFolders()
    {
        var closed = new List<string>();
        foreach (var (option, folder) in new[] { ("--data-dir", options.DataFolder), ("--run-dir", options.RunFolder) })
        {
            if (FolderAccess.FindClosed(folder) is { } found)
            {
                closed.Add($"{option}: {found} lets only its owner through, and the edge runs as user {options.EdgeUser}; open it (chmod o+x {found}) or choose another folder");
            }
        }

        if (closed.Count > 0)
        {
            throw new IOException(string.Join("\nerror: ", closed));
        }
    }

    /// <summary>Copies this build beside the earlier ones; true when it was not there yet.</summary>
    public bool InstallProgram()
    {
        if (IsCurrent || Path.GetFullPath(Source).StartsWith(Path.GetFullPath(_paths.Programs), StringComparison.Ordinal))
        {
            return false;
        }

        // The edge runs as another user, so the program must be readable by all, and whole before it gets its name.
        var partial = Program + ".partial";
        if (Directory.Exists(partial))
        {
            Directory.Delete(partial, recursive: true);
        }

        CopyFolder(Source, partial);
        Directory.Move(partial, Program);
        foreach (var old in Directory.GetDirectories(_paths.Programs).OrderByDescending(Directory.GetLastWriteTimeUtc).Skip(3))
        {
            Directory.Delete(old, recursive: true);
        }

        return true;
    }

    /// <summary>Starts the server, or restarts it when it runs another build or other options. Containers are left alone.</summary>
    public async Task StartAsync(CancellationToken ct)
    {
        if (Directory.Exists(SystemdFolder))
        {
            await StartUnderSystemdAsync(ct).ConfigureAwait(false);
            return;
        }

        await _server.StopAsync(StopGrace, ct).ConfigureAwait(false);
        await StopStaleEdgeAsync(ct).ConfigureAwait(false);
        AtomicFile.Remove(_paths.ServerStatus);
        _server.EnsureStarted(DotNet, ServerArguments(), _paths.ServerLog);
    }

    /// <summary>Stops server and edge; containers and containerd are somebody else's to stop.</summary>
    public async Task StopAsync(CancellationToken ct)
    {
        if (Directory.Exists(SystemdFolder) && File.Exists(UnitFile))
        {
            await RunAsync("systemctl", ["disable", "--now", UnitName], ct).ConfigureAwait(false);
        }

        await _server.StopAsync(StopGrace, ct).ConfigureAwait(false);
        await _edge.StopAsync(StopGrace, ct).ConfigureAwait(false);
    }

    /// <summary>Removes what was installed outside the cloud's own folders.</summary>
    public void RemoveUnit() => AtomicFile.Remove(UnitFile);

    /// <summary>The last lines of a log, for an error message.</summary>
    public static string LastLines(string path, int count) => File.Exists(path) ? string.Join('\n', File.ReadLines(path).TakeLast(count)) : "(no log)";

    /// <summary>The .NET host that runs this process.</summary>
    internal static string DotNet => Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "/usr/bin/dotnet";

    private string UnitName => $"sealos-{options.Instance}.service";

    private string UnitFile => Path.Combine("/etc/systemd/system", UnitName);

    private List<string> ServerArguments() => [Path.Combine(Program, "sealos.dll"), "server", "--instance", options.Instance, "--data-dir", options.DataFolder];

    // An edge of this build and these options is left alone, whatever happens to the server: people's connections end in it.
    private async Task StopStaleEdgeAsync(CancellationToken ct)
    {
        var isWell = ComponentBoard.Read(_paths.EdgeStatus)?.Components.All(c => c.State == "running") == true;
        if (isWell && _edge.Runs(Path.Combine(Program, "sealos.dll")) && _edge.Started > CloudOptions.SavedAt(options.DataFolder))
        {
            return;
        }

        await _edge.StopAsync(StopGrace, ct).ConfigureAwait(false);
        AtomicFile.Remove(_paths.EdgeStatus);
    }

    private async Task StartUnderSystemdAsync(CancellationToken ct)
    {
        // KillMode=process: containers, containerd and the edge go on when the server restarts.
        var unit = $"""
            [Unit]
            Description=Sealos cloud {options.Instance}
            After=network-online.target
            Wants=network-online.target

            [Service]
            ExecStart={DotNet} {string.Join(' ', ServerArguments())}
            Restart=always
            RestartSec=1
            KillMode=process
            TimeoutStopSec={90 + options.ShutdownGrace}
            Delegate=yes
            LimitNOFILE=1048576
            TasksMax=infinity
            Environment={string.Join(' ', RuntimeSettings.Environment.Select(s => $"{s.Key}={s.Value}"))}
            StandardOutput=append:{_paths.ServerLog}
            StandardError=append:{_paths.ServerLog}

            [Install]
            WantedBy=multi-user.target

            """;
        Directory.CreateDirectory(options.LogFolder);
        AtomicFile.Write(UnitFile, System.Text.Encoding.UTF8.GetBytes(unit), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        await StopStaleEdgeAsync(ct).ConfigureAwait(false);
        await RunAsync("systemctl", ["daemon-reload"], ct).ConfigureAwait(false);
        await RunAsync("systemctl", ["enable", UnitName], ct).ConfigureAwait(false);
        await RunAsync("systemctl", ["restart", UnitName], ct).ConfigureAwait(false);
        var deadline = time.GetTimestamp();
        while (_server.FindPid() is null && time.GetElapsedTime(deadline) < TimeSpan.FromSeconds(10))
        {
            await Task.Delay(50, ct).ConfigureAwait(false);
        }
    }

    private static async Task RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken ct)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true }) ?? throw new IOException($"{program} could not be started");
        var error = await process.StandardError.ReadToEndAsync(ct).ConfigureAwait(false);
        await process.WaitForExitAsync(ct).ConfigureAwait(false);
        if (process.ExitCode != 0)
        {
            throw new IOException($"{program} {string.Join(' ', arguments)}: {error.Trim()}");
        }
    }

    // The launcher script leaves the stamp of the sources it built; a build made by hand is told by its own assemblies.
    internal static string BuildMark()
    {
        var stamp = Path.Combine(Source, "build.stamp");
        if (File.Exists(stamp))
        {
            return File.ReadAllText(stamp).Trim();
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Directory.EnumerateFiles(Source, "*ealos*.dll").Order(StringComparer.Ordinal))
        {
            hash.AppendData(File.ReadAllBytes(file));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    private static void CopyFolder(string from, string to)
    {
        const UnixFileMode Folder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        Directory.CreateDirectory(to, Folder);
        foreach (var folder in Directory.EnumerateDirectories(from))
        {
            CopyFolder(folder, Path.Combine(to, Path.GetFileName(folder)));
        }

        foreach (var file in Directory.EnumerateFiles(from))
        {
            var target = Path.Combine(to, Path.GetFileName(file));
            File.Copy(file, target);
            File.SetUnixFileMode(target, File.GetUnixFileMode(file) | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }
    }
}
