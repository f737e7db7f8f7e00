using System.Runtime.InteropServices;

namespace Sealos.Testing;

/// <summary>Processes by their pid, as the kernel shows them.</summary>
public static partial class LinuxProcess
{
    private const int SigKill = 9;
    private const int SigTerm = 15;

    /// <summary>A file of <c>/proc/PID</c>, or nothing when the process has gone.</summary>
    public static string Read(int pid, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/{file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>Ends a process without asking.</summary>
    public static void Kill(int pid) => _ = SendSignal(pid, SigKill);

    /// <summary>Asks a process to end.</summary>
    public static void Terminate(int pid) => _ = SendSignal(pid, SigTerm);

    /// <summary>Ends a process without asking, and waits until it is gone.</summary>
    public static Task KillAsync(int pid, CancellationToken ct)
    {
        Kill(pid);
        return Eventually.TrueAsync($"the end of process {pid}", () => Task.FromResult(IsGone(pid)), ct: ct);
    }

    // A zombie has ended; its parent just has not looked yet.
    private static bool IsGone(int pid) => Read(pid, "stat") is var stat && (stat.Length == 0 || stat[(stat.LastIndexOf(')') + 2)..][0] is 'Z' or 'X');

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int pid, int signal);
}
