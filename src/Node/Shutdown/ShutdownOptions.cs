namespace Sealos.Node.Shutdown;

/// <summary>What happens to pods when the machine goes down. The server alone may stop at any time; pods go on then.</summary>
public sealed record ShutdownOptions
{
    /// <summary>How long pods get in all to stop; zero leaves them to the machine.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.Zero;

    /// <summary>How much of that is kept for the pods the machine itself depends on.</summary>
    public TimeSpan CriticalGrace { get; init; } = TimeSpan.Zero;
}
