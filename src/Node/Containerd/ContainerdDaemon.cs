using System.ComponentModel;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Sealos.Node.Cri;
using Sealos.Node.Processes;

namespace Sealos.Node.Containerd;

/// <summary>
/// Our own containerd: own root, state, socket and configuration, so that any other on the machine is left alone.
/// It outlives the server; a later server adopts it as long as its configuration is still the wanted one.
/// </summary>
public sealed partial class ContainerdDaemon(NodeOptions options, TimeProvider time, ILogger<ContainerdDaemon> logger)
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AdoptTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private readonly SemaphoreSlim _starting = new(1);
    private readonly string _directory = Path.Combine(options.RunRoot, "containerd");
    private readonly string _log = options.ContainerdLog;
    private readonly Daemon _process = new("containerd", Path.Combine(options.RunRoot, "containerd.pid"));

    private string ConfigFile => Path.Combine(_directory, "config.toml");

    /// <summary>
    /// Adopts the running daemon, or starts one, in place of one whose configuration is no longer the wanted one; returns when it
    /// answers.
    /// </summary>
    /// <exception cref="ContainerdException">It could not be started.</exception>
    public async Task EnsureRunningAsync(CancellationToken ct)
    {
        await _starting.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            await AdoptOrStartAsync(ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ContainerdException or IOException or UnauthorizedAccessException or Win32Exception)
        {
            LogFailed(logger, e.Message);
            throw e as ContainerdException ?? new ContainerdException($"containerd could not be started: {e.Message}");
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>The process id of the running daemon, or null.</summary>
    public int? FindProcess() => _process.FindPid() ?? Search();

    /// <summary>Stops the daemon; containers keep running.</summary>
    public async Task StopAsync(CancellationToken ct)
    {
        if (FindProcess() is { } pid)
        {
            _process.Claim(pid);
        }

        await _process.StopAsync(StopTimeout, ct).ConfigureAwait(false);
    }

    private async Task AdoptOrStartAsync(CancellationToken ct)
    {
        var isConfigured = WriteConfiguration();
        if (FindProcess() is { } running)
        {
            _process.Claim(running);
            if (isConfigured && IsFiltered(running) && await AnswersAsync(running, AdoptTimeout, ct).ConfigureAwait(false))
            {
                LogAdopted(logger, running);
                return;
            }

            LogReplaced(logger, running);
            await StopAsync(ct).ConfigureAwait(false);
        }

        await StartAsync(ct).ConfigureAwait(false);
    }

    private async Task StartAsync(CancellationToken ct)
    {
        File.Delete(options.ContainerdSocket);
        using var process = await SubvolumeBan.RunAsync(() => _process.Start(options.ContainerdBinary, ["--config", ConfigFile], _log)).ConfigureAwait(false);
        if (!await AnswersAsync(process.Id, StartTimeout, ct).ConfigureAwait(false))
        {
            if (_process.FindPid() is null)
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

        return !WriteIfChanged(ConfigFile, ContainerdConfig.Render(options, MachineFeatures.Detect(options)));
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
                if (_process.FindPid() != pid)
                {
                    return false;
                }
            }

            await Task.Delay(PollInterval, time, ct).ConfigureAwait(false);
        }

        return false;
    }

    // The file may be lost while the daemon runs; a second one would wait for the first one's locks for ever.
    private int? Search() => Directory.EnumerateDirectories("/proc")
        .Select(d => int.TryParse(Path.GetFileName(d), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0)
        .Where(p => p > 0 && IsOurs(p))
        .Select(p => (int?)p)
        .FirstOrDefault();

    private bool IsOurs(int pid) => ReadOrEmpty($"/proc/{pid}/cmdline").Split('\0') is var arguments && arguments.Contains(options.ContainerdBinary) && arguments.Contains(ConfigFile);

    // One of an earlier release is not.
    private static bool IsFiltered(int pid) => ReadOrEmpty($"/proc/{pid}/status").Contains("\nSeccomp:\t2", StringComparison.Ordinal);

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

    private string LastLine() => File.Exists(_log) ? File.ReadLines(_log).LastOrDefault() ?? "" : "";

    [LoggerMessage(1, LogLevel.Information, "containerd {Pid} adopted")]
    private static partial void LogAdopted(ILogger logger, int pid);

    [LoggerMessage(2, LogLevel.Information, "containerd {Pid} started")]
    private static partial void LogStarted(ILogger logger, int pid);

    [LoggerMessage(3, LogLevel.Warning, "containerd {Pid} does not answer or runs with another configuration; replacing it, containers keep running")]
    private static partial void LogReplaced(ILogger logger, int pid);

    [LoggerMessage(4, LogLevel.Error, "containerd does not run: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
