namespace Sealos.Node.Pressure;

/// <summary>What is running short on this machine.</summary>
internal sealed record NodePressure(bool Memory, bool Disk, bool Processes)
{
    public static readonly NodePressure None = new(false, false, false);

    /// <summary>The conditions that hold, in Kubernetes' words.</summary>
    public IEnumerable<string> Conditions =>
        new[] { (Memory, "MemoryPressure"), (Disk, "DiskPressure"), (Processes, "PIDPressure") }.Where(c => c.Item1).Select(c => c.Item2);
}
