using System.ComponentModel;
using System.Diagnostics;

namespace Sealos.Network.Nft;

/// <summary>
/// Runs the host's network tools (<c>nft</c>, <c>ip</c>, <c>conntrack</c>): arguments as argv, data on stdin, never a shell.
/// Everything runs behind <paramref name="prefix"/>, by which tests enter a network namespace of their own.
/// </summary>
internal sealed class HostCommands(params IReadOnlyList<string> prefix)
{
    private static readonly string[] ExtraFolders = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

    /// <summary>Runs a tool and returns what it printed.</summary>
    /// <exception cref="HostCommandException">The tool is missing or answered with an error.</exception>
    public async Task<string> RunAsync(string tool, IReadOnlyList<string> arguments, string? input, CancellationToken ct)
    {
        var result = await TryRunAsync(tool, arguments, input, ct).ConfigureAwait(false);
        return result.ExitCode == 0 ? result.Output : throw new HostCommandException(tool, result.ExitCode, result.Error);
    }

    /// <summary>Runs a tool whose exit code is an answer, not a failure.</summary>
    public async Task<CommandResult> TryRunAsync(string tool, IReadOnlyList<string> arguments, string? input, CancellationToken ct)
    {
        string[] line = [.. prefix, tool, .. arguments];
        var start = new ProcessStartInfo(Find(line[0]) ?? line[0], line.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C";
        using var process = Start(start, tool);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(ct);
            var error = process.StandardError.ReadToEndAsync(ct);
            await WriteInputAsync(process, input, ct).ConfigureAwait(false);
            await process.WaitForExitAsync(ct).ConfigureAwait(false);
            return new CommandResult(process.ExitCode, await output.ConfigureAwait(false), await error.ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>Whether a tool is installed.</summary>
    public static bool Has(string tool) => Find(tool) is not null;

    // A service's PATH often lacks the sbin folders.
    private static string? Find(string tool)
    {
        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        return path.Split(':', StringSplitOptions.RemoveEmptyEntries).Concat(ExtraFolders)
            .Select(folder => Path.Combine(folder, tool))
            .FirstOrDefault(File.Exists);
    }

    private static Process Start(ProcessStartInfo start, string tool)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new HostCommandException(tool, -1, $"cannot be started ({e.Message}); is it installed?");
        }
    }

    private static async Task WriteInputAsync(Process process, string? input, CancellationToken ct)
    {
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), ct).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The tool stopped reading: its exit code and error text say why.
        }
    }
}

internal readonly record struct CommandResult(int ExitCode, string Output, string Error);

/// <summary>A network tool of the host failed; the message carries what it printed.</summary>
public sealed class HostCommandException : Exception
{
    internal HostCommandException(string tool, int exitCode, string error)
        : base($"{tool} failed ({exitCode}): {Shorten(error)}") => Tool = tool;

    /// <summary>The tool that failed.</summary>
    public string Tool { get; }

    // nft repeats the whole offending line; the first lines hold the reason.
    private static string Shorten(string text)
    {
        text = text.Trim();
        return text.Length <= 2000 ? text : text[..2000] + " …";
    }
}
