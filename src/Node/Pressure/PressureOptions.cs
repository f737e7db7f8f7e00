namespace Sealos.Node.Pressure;

/// <summary>When a machine counts as short of something, and what is done then.</summary>
public sealed record PressureOptions
{
    /// <summary>What must be left, as Kubernetes' node agent takes it; empty watches nothing and evicts nobody.</summary>
    public string Thresholds { get; init; } = "memory.available<100Mi,nodefs.available<10%,nodefs.inodesFree<5%,pid.available<5%";

    /// <summary>How long a condition stays after what was short is there again.</summary>
    public TimeSpan Transition { get; init; } = TimeSpan.Zero;

    /// <summary>Used share of the disk, in percent, from which on images that nobody uses go.</summary>
    public int ImageHighPercent { get; init; } = 85;

    /// <summary>Used share of the disk at which enough of them have gone.</summary>
    public int ImageLowPercent { get; init; } = 80;

    /// <summary>Images that have not been unused for this long stay.</summary>
    public TimeSpan ImageMinAge { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Ended containers are kept for at least this long.</summary>
    public TimeSpan ContainerMinAge { get; init; } = TimeSpan.Zero;

    /// <summary>Everything that is wrong; empty when all is well.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        if (Threshold.TryParse(Thresholds, out _) is { } wrong)
        {
            errors.Add(wrong);
        }

        if (ImageLowPercent < 0 || ImageHighPercent > 100 || ImageLowPercent > ImageHighPercent)
        {
            errors.Add($"images go from {ImageHighPercent}% of the disk on until {ImageLowPercent}%: both must be from 0 to 100, the second not above the first");
        }

        return errors;
    }
}
