using System.ComponentModel;
using System.Diagnostics;

namespace Sealos.Node.Shutdown;

/// <summary>Whether the machine is going down, as systemd knows it.</summary>
internal static class MachineState
{
    private const string Systemd = "/run/systemd/system";

    // A machine that goes down is busy, and its pods are lost time if the answer is not waited for.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Asks systemd; without it, or without an answer, the machine counts as staying up.</summary>
    public static async Task<bool> IsGoingDownAsync(TimeProvider time, CancellationToken ct)
    {
        if (!Directory.Exists(Systemd))
        {
            return false;
        }

        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            using var process = Process.Start(new ProcessStartInfo("systemctl", ["is-system-running"]) { RedirectStandardOutput = true, RedirectStandardError = true });
            return process is not null && IsGoingDown(await process.StandardOutput.ReadToEndAsync(either.Token).ConfigureAwait(false));
        }
        catch (Exception e) when (e is Win32Exception or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>What the answer means.</summary>
    internal static bool IsGoingDown(string answer) => answer.Trim() == "stopping";
}
