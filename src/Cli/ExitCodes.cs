namespace Sealos.Cli;

/// <summary>What the program's exit codes mean; <c>sealos --help</c> and the guide list the same.</summary>
internal static class ExitCodes
{
    /// <summary>It worked.</summary>
    public const int Ok = 0;

    /// <summary>It failed for a reason that the message states.</summary>
    public const int Failed = 1;

    /// <summary>The command line, or something it names, is not valid; nothing was changed.</summary>
    public const int Usage = 2;

    /// <summary>The cloud is not running.</summary>
    public const int NotRunning = 3;

    /// <summary>The cloud runs, but a component is not healthy.</summary>
    public const int Unhealthy = 4;

    /// <summary>What was asked for does not exist.</summary>
    public const int NotFound = 5;

    /// <summary>The caller may not do this (root, or a right in the cloud, is missing).</summary>
    public const int Forbidden = 6;

    /// <summary>It did not happen in time.</summary>
    public const int Timeout = 7;

    /// <summary>Interrupted by Ctrl+C.</summary>
    public const int Interrupted = 130;
}
