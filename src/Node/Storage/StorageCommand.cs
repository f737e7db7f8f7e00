using System.ComponentModel;
using System.Diagnostics;

namespace Sealos.Node.Storage;

/// <summary>Runs the programs that make and change file systems. What they are told is arguments, never text for a shell.</summary>
internal static class StorageCommand
{
    // Each is done in moments, unless the disk is slow or broken. What half of it leaves behind is repeated or removed the next time.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>Runs a program to its end and returns what it printed.</summary>
    /// <exception cref="StorageException">It failed; the message is its last words.</exception>
    public static async Task<string> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        using var process = Start(program, arguments);
        process.StandardInput.Close();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Longest);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            await Task.WhenAll(output, error).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            End(process);
            throw new StorageException($"{program} {arguments[0]} has not ended after {Longest.TotalMinutes} minutes");
        }
        catch (OperationCanceledException)
        {
            End(process);
            throw;
        }

        var said = (await error.ConfigureAwait(false)).Trim();
        return process.ExitCode == 0 ? await output.ConfigureAwait(false)
            : throw new StorageException($"{program} {arguments[0]} failed: {(said.Length > 0 ? said.Split('\n')[^1] : $"exit code {process.ExitCode}")}");
    }

    // It may wait in the kernel for a disk, and go only when that answers; nobody waits for it.
    private static void End(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has just ended.
        }
    }

    private static Process Start(string program, IReadOnlyList<string> arguments)
    {
        var info = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
        {
            info.ArgumentList.Add(argument);
        }

        info.Environment["LC_ALL"] = "C";
        try
        {
            return Process.Start(info) ?? throw new StorageException($"{program} did not start");
        }
        catch (Win32Exception e)
        {
            throw new StorageException($"{program} cannot be run: {e.Message}", e);
        }
    }
}
