using System.Diagnostics;
using System.Globalization;

namespace Sealos.Node.Processes;

/// <summary>
/// A process of the cloud that outlives whoever started it: its own session, output appended to a log, found again by a pid
/// file that also holds the process' start time, so that a reused pid is never taken for it.
/// </summary>
public sealed class Daemon(string name, string pidFile)
{
    // The script is constant; program, arguments and log path reach it as data.
    private const string Redirect = "exec \"$@\" </dev/null >>\"$SEALOS_DAEMON_LOG\" 2>&1";

    /// <summary>What people call it.</summary>
    public string Name => name;

    /// <summary>When it was last started.</summary>
    public DateTime Started => File.GetLastWriteTimeUtc(pidFile);

    /// <summary>Whether it runs with <paramref name="argument"/> on its command line.</summary>
    public bool Runs(string argument)
    {
        try
        {
            return FindPid() is { } pid && File.ReadAllText($"/proc/{pid}/cmdline").Split('\0').Contains(argument);
        }
        catch (IOException)
        {
            // It has just ended.
            return false;
        }
    }

    /// <summary>The running process' pid, or null.</summary>
    public int? FindPid()
    {
        string[] words;
        try
        {
            words = File.ReadAllText(pidFile).Split(' ', StringSplitOptions.TrimEntries);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        return words.Length == 2 && int.TryParse(words[0], CultureInfo.InvariantCulture, out var pid) && StartTime(pid) == words[1] ? pid : null;
    }

    /// <summary>Starts the program unless it runs already; true when it was started.</summary>
    /// <param name="program">Absolute path of the executable.</param>
    /// <param name="arguments">Its arguments, handed over as they are.</param>
    /// <param name="log">File its output is appended to.</param>
    public bool EnsureStarted(string program, IReadOnlyList<string> arguments, string log)
    {
        if (FindPid() is not null)
        {
            return false;
        }

        using var process = Start(program, arguments, log);
        return true;
    }

    /// <summary>Starts the program; who needs to know how it ends can ask the process for as long as they live themselves.</summary>
    internal Process Start(string program, IReadOnlyList<string> arguments, string log)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        var start = new ProcessStartInfo("setsid", ["/bin/sh", "-c", Redirect, "sh", program, .. arguments]) { WorkingDirectory = "/" };
        start.Environment["SEALOS_DAEMON_LOG"] = log;
        foreach (var (setting, value) in RuntimeSettings.Environment)
        {
            start.Environment[setting] = value;
        }

        var process = Process.Start(start) ?? throw new IOException($"{name} could not be started");
        Claim(process.Id);
        return process;
    }

    /// <summary>Says that this very process is the daemon (it was started by systemd or by hand).</summary>
    public void ClaimSelf() => Claim(Environment.ProcessId);

    /// <summary>Says which process is the daemon, when it was found by other means than its pid file.</summary>
    internal void Claim(int pid)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(pidFile)!);
        var temporary = $"{pidFile}.{Environment.ProcessId}.new";
        File.WriteAllText(temporary, $"{pid} {StartTime(pid)}");
        File.Move(temporary, pidFile, overwrite: true);
    }

    /// <summary>Asks the process to stop, and ends it when it has not within <paramref name="grace"/>; false when none ran.</summary>
    public async Task<bool> StopAsync(TimeSpan grace, CancellationToken ct)
    {
        if (FindPid() is not { } pid)
        {
            RemovePidFile();
            return false;
        }

        Signals.Send(pid, Signals.Terminate);
        var deadline = Stopwatch.GetTimestamp() + (long)(grace.TotalSeconds * Stopwatch.Frequency);
        while (FindPid() is not null)
        {
            if (Stopwatch.GetTimestamp() > deadline)
            {
                Signals.Send(pid, Signals.Kill);
            }

            await Task.Delay(20, ct).ConfigureAwait(false);
        }

        RemovePidFile();
        return true;
    }

    /// <summary>Resident and anonymous memory of a process in bytes.</summary>
    public static (long Resident, long Anonymous) Memory(int pid)
    {
        long resident = 0, anonymous = 0;
        foreach (var line in File.ReadLines($"/proc/{pid}/status"))
        {
            if (line.StartsWith("VmRSS:", StringComparison.Ordinal))
            {
                resident = Kilobytes(line);
            }
            else if (line.StartsWith("RssAnon:", StringComparison.Ordinal))
            {
                anonymous = Kilobytes(line);
            }
        }

        return (resident, anonymous);

        static long Kilobytes(string line) => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    private void RemovePidFile()
    {
        if (File.Exists(pidFile))
        {
            File.Delete(pidFile);
        }
    }

    // Field 22 of /proc/pid/stat, counted after the command name, which may itself hold spaces and brackets. A zombie has ended.
    private static string? StartTime(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : fields[19];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
