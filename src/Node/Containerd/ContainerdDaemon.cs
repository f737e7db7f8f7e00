using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Sealos.Node.Cri;

namespace Sealos.Node.Containerd;

/// <summary>
/// Our own containerd: own root, state, socket and configuration, so that any other on the machine is left alone.
/// It outlives the server; a later server adopts it as long as its configuration is still the wanted one.
/// </summary>
public sealed partial class ContainerdDaemon(NodeOptions options, TimeProvider time, ILogger<ContainerdDaemon> logger)
{
    // Constant text: every path is handed over as an argument. The shell only opens the log, which must not be a pipe to us.
    private const string StartScript = "log=$1; shift; exec setsid \"$@\" </dev/null >>\"$log\" 2>&1";
    private const long MaxLogBytes = 16 * 1024 * 1024;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AdoptTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private readonly string _directory = Path.Combine(options.RunRoot, "containerd");
    private readonly string _log = Path.Combine(options.LogRoot, "containerd.log");

    private string PidFile => Path.Combine(options.RunRoot, "containerd.pid");

    private string ConfigFile => Path.Combine(_directory, "config.toml");

    /// <summary>Adopts the running daemon, or starts one; returns when it answers.</summary>
    /// <exception cref="ContainerdException">It could not be started.</exception>
    public async Task EnsureRunningAsync(CancellationToken ct)
    {
        var isConfigured = WriteConfiguration();
        if (FindProcess() is { } running)
        {
            if (isConfigured && await AnswersAsync(running, AdoptTimeout, ct).ConfigureAwait(false))
            {
                LogAdopted(logger, running);
                return;
            }

            LogReplaced(logger, running);
            await StopAsync(ct).ConfigureAwait(false);
        }

        await StartAsync(ct).ConfigureAwait(false);
    }

    /// <summary>The process id of the running daemon, or null.</summary>
    public int? FindProcess()
    {
        if (int.TryParse(ReadOrEmpty(PidFile), NumberStyles.None, CultureInfo.InvariantCulture, out var known) && IsOurs(known))
        {
            return known;
        }

        // The file may be lost while the daemon runs; a second one would wait for the first one's locks for ever.
        return Directory.EnumerateDirectories("/proc")
            .Select(d => int.TryParse(Path.GetFileName(d), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0)
            .Where(p => p > 0 && IsOurs(p))
            .Select(p => (int?)p)
            .FirstOrDefault();
    }

    /// <summary>Stops the daemon; containers keep running.</summary>
    public async Task StopAsync(CancellationToken ct)
    {
        if (FindProcess() is not { } pid)
        {
            return;
        }

        _ = NativeMethods.Kill(pid, NativeMethods.SigTerm);
        if (!await WaitAsync(() => FindProcess() is null, StopTimeout, ct).ConfigureAwait(false))
        {
            _ = NativeMethods.Kill(pid, NativeMethods.SigKill);
            await WaitAsync(() => FindProcess() is null, StopTimeout, ct).ConfigureAwait(false);
        }

        File.Delete(PidFile);
    }

    private async Task StartAsync(CancellationToken ct)
    {
        File.Delete(options.ContainerdSocket);
        if (new FileInfo(_log) is { Exists: true, Length: > MaxLogBytes })
        {
            File.Move(_log, _log + ".1", overwrite: true);
        }

        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = "/" };
        foreach (var argument in (string[])["-c", StartScript, "containerd", _log, options.ContainerdBinary, "--config", ConfigFile])
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start) ?? throw new ContainerdException("containerd could not be started");
        await File.WriteAllTextAsync(PidFile, process.Id.ToString(CultureInfo.InvariantCulture), ct).ConfigureAwait(false);
        if (!await AnswersAsync(process.Id, StartTimeout, ct).ConfigureAwait(false))
        {
            if (HasEnded(process.Id))
            {
                await process.WaitForExitAsync(ct).ConfigureAwait(false);
            }

            var state = process.HasExited ? $"ended with code {process.ExitCode}" : $"does not answer after {StartTimeout.TotalSeconds} s";
            process.Kill();
            throw new ContainerdException($"containerd {state}; its log {_log} ends with: {LastLine()}");
        }

        LogStarted(logger, process.Id);
    }

    // Whether what was there already is what we want.
    private bool WriteConfiguration()
    {
        foreach (var directory in (string[])[_directory, options.CniConfDir, options.LogRoot, Path.Combine(options.DataRoot, "containerd"), Path.Combine(options.DataRoot, "registries")])
        {
            Directory.CreateDirectory(directory);
        }

        return !WriteIfChanged(ConfigFile, ContainerdConfig.Render(options, MachineFeatures.Detect()));
    }

    private static bool WriteIfChanged(string path, string content)
    {
        if (File.Exists(path) && File.ReadAllText(path) == content)
        {
            return false;
        }

        File.WriteAllText(path + ".new", content);
        File.Move(path + ".new", path, overwrite: true);
        return true;
    }

    private async Task<bool> AnswersAsync(int pid, TimeSpan timeout, CancellationToken ct)
    {
        using var client = new CriClient(options.ContainerdSocket, time);
        var deadline = time.GetTimestamp();
        while (time.GetElapsedTime(deadline) < timeout)
        {
            try
            {
                await client.VersionAsync(ct).ConfigureAwait(false);
                return true;
            }
            catch (CriException)
            {
                if (HasEnded(pid))
                {
                    return false;
                }
            }

            await Task.Delay(PollInterval, time, ct).ConfigureAwait(false);
        }

        return false;
    }

    // By its state: while it turns from shell to containerd a process has no arguments for a moment, and is not gone.
    private static bool HasEnded(int pid)
    {
        var stat = ReadOrEmpty($"/proc/{pid}/stat");
        return stat.Length == 0 || stat[(stat.LastIndexOf(')') + 2)..][0] is 'Z' or 'X';
    }

    private bool IsOurs(int pid) => ReadOrEmpty($"/proc/{pid}/cmdline").Split('\0') is var arguments && arguments.Contains(options.ContainerdBinary) && arguments.Contains(ConfigFile);

    private static string ReadOrEmpty(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private async Task<bool> WaitAsync(Func<bool> isDone, TimeSpan timeout, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        while (!isDone())
        {
            if (time.GetElapsedTime(start) > timeout)
            {
                return false;
            }

            await Task.Delay(PollInterval, time, ct).ConfigureAwait(false);
        }

        return true;
    }

    private string LastLine() => File.Exists(_log) ? File.ReadLines(_log).LastOrDefault() ?? "" : "";

    [LoggerMessage(1, LogLevel.Information, "containerd {Pid} adopted")]
    private static partial void LogAdopted(ILogger logger, int pid);

    [LoggerMessage(2, LogLevel.Information, "containerd {Pid} started")]
    private static partial void LogStarted(ILogger logger, int pid);

    [LoggerMessage(3, LogLevel.Warning, "containerd {Pid} does not answer or runs with another configuration; replacing it, containers keep running")]
    private static partial void LogReplaced(ILogger logger, int pid);
}
