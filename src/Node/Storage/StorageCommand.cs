using System.ComponentModel;
using System.Diagnostics;

namespace Sealos.Node.Storage;

/// <summary>Runs the programs that make and change file systems. What they are told is arguments, never text for a shell.</summary>
internal static class StorageCommand
{
    /// <summary>Runs a program to its end and returns what it printed.</summary>
    /// <exception cref="StorageException">It failed; the message is its last words.</exception>
    public static async Task<string> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        using var process = Start(program, arguments);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);

        // Each is done in moments, and half of it would have to be found out and taken back.
        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        var said = (await error.ConfigureAwait(false)).Trim();
        return process.ExitCode == 0 ? await output.ConfigureAwait(false)
            : throw new StorageException($"{program} {arguments[0]} failed: {(said.Length > 0 ? said.Split('\n')[^1] : $"exit code {process.ExitCode}")}");
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
