namespace Sealos.Node.Logs;

/// <summary>What of a container's log is wanted.</summary>
internal sealed record LogOptions
{
    /// <summary>Go on with what is written from now on, until the container ends.</summary>
    public bool Follow { get; init; }

    /// <summary>Put the time before each line.</summary>
    public bool Timestamps { get; init; }

    /// <summary>Only lines from then on.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only so many of the last lines.</summary>
    public long? TailLines { get; init; }

    /// <summary>Stop after so many bytes.</summary>
    public long? LimitBytes { get; init; }
}
