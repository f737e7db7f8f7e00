namespace Sealos.Cli;

/// <summary>A failure to be told to a person in one message, with the exit code it ends the program with.</summary>
internal sealed class CliException(int exitCode, string message) : Exception(message)
{
    public int ExitCode => exitCode;

    /// <summary>The reason in one short word, where the cloud has given one.</summary>
    public string? Code { get; init; }
}
