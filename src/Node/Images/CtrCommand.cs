using System.ComponentModel;
using System.Diagnostics;
using Sealos.Node.Cri;

namespace Sealos.Node.Images;

/// <summary>Runs containerd's own command line for what CRI has no call for: importing, naming and labelling images.</summary>
internal sealed class CtrCommand(string socketPath)
{
    /// <summary>Runs <c>ctr</c> in the namespace that CRI uses and returns what it printed.</summary>
    /// <exception cref="ImageException">It failed.</exception>
    public async Task<string> RunAsync(IEnumerable<string> arguments, Stream? input, CancellationToken ct)
    {
        using var process = Start(arguments);
        await using var kill = ct.Register(() => Kill(process)).ConfigureAwait(false);
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        await FeedAsync(process, input, ct).ConfigureAwait(false);
        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        ct.ThrowIfCancellationRequested();
        return process.ExitCode == 0 ? await output.ConfigureAwait(false) : throw new ImageException(Explain(await error.ConfigureAwait(false)));
    }

    private static async Task FeedAsync(Process process, Stream? input, CancellationToken ct)
    {
        try
        {
            await using var stdin = process.StandardInput.BaseStream;
            if (input is not null)
            {
                await input.CopyToAsync(stdin, ct).ConfigureAwait(false);
            }
        }
        catch (InvalidDataException e)
        {
            Kill(process);
            throw new ImageException($"the archive cannot be uncompressed: {e.Message}", e);
        }
        catch (IOException)
        {
            // It gave up before it had read everything, or the archive broke off: what it says at its end tells.
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    private static string Explain(string error)
    {
        var line = error.Trim().Split('\n')[^1].Trim();
        line = line.StartsWith("ctr: ", StringComparison.Ordinal) ? line["ctr: ".Length..] : line;
        return line.Contains("unrecognized image format", StringComparison.Ordinal) || line.Contains("archive/tar", StringComparison.Ordinal) || line.Contains("unexpected EOF", StringComparison.Ordinal)
            ? $"not an image archive as 'docker save' or an OCI tool writes it: {line}"
            : line;
    }

    private Process Start(IEnumerable<string> arguments)
    {
        var info = new ProcessStartInfo("ctr") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        string[] common = ["--address", socketPath, "--namespace", CriClient.ContainerdNamespace, "images"];
        foreach (var argument in common.Concat(arguments))
        {
            info.ArgumentList.Add(argument);
        }

        try
        {
            return Process.Start(info) ?? throw new ImageException("ctr did not start");
        }
        catch (Win32Exception e)
        {
            throw new ImageException($"ctr, which comes with containerd, cannot be run: {e.Message}", e);
        }
    }
}
