using System.Diagnostics;

namespace Sealos.Testing;

/// <summary>What a finished command left behind.</summary>
public sealed record CommandResult(int ExitCode, string Output, string Error)
{
    /// <summary>Both streams, for the message of a failing test.</summary>
    public override string ToString() => $"exit code {ExitCode}\n--- output\n{Output}\n--- error\n{Error}";
}

/// <summary>Runs programs for tests.</summary>
public static class Command
{
    /// <summary>What a command printed; fails the test, with both streams, when the command failed.</summary>
    public static async Task<string> OutputAsync(this Task<CommandResult> run)
    {
        var result = await run.ConfigureAwait(false);
        return result.ExitCode == 0 ? result.Output : throw new InvalidOperationException($"the command failed: {result}");
    }

    /// <summary>Runs to the end; ends the program (and what it started) when <paramref name="timeout"/> passes.</summary>
    public static async Task<CommandResult> RunAsync(string program, IEnumerable<string> arguments, string? input = null, TimeSpan? timeout = null, CancellationToken ct = default)
    {
        using var process = Start(program, arguments);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(timeout ?? TimeSpan.FromSeconds(120));
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            if (input is not null)
            {
                await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token).ConfigureAwait(false);
            }

            process.StandardInput.Close();
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            return new CommandResult(process.ExitCode, await output.ConfigureAwait(false), await error.ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end in time");
        }
    }

    /// <summary>Starts a program with its streams in the test's hands.</summary>
    public static Process Start(string program, IEnumerable<string> arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })
        ?? throw new InvalidOperationException($"{program} did not start");
}
