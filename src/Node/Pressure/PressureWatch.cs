namespace Sealos.Node.Pressure;

/// <summary>Says from measurements which conditions hold; one that has held holds on for a while. Not for several threads at once.</summary>
internal sealed class PressureWatch(IReadOnlyList<Threshold> thresholds, TimeSpan transition, TimeProvider time)
{
    private readonly Dictionary<string, DateTimeOffset> _lastMet = new(StringComparer.Ordinal);

    /// <summary>What holds after the last measurement.</summary>
    public NodePressure Current { get; private set; } = NodePressure.None;

    /// <summary>Takes a measurement and returns the thresholds that are crossed by it.</summary>
    public IReadOnlyList<Threshold> Observe(MachineRoom room)
    {
        var now = time.GetUtcNow();
        List<Threshold> met = [.. thresholds.Where(t => t.IsMet(room.Of(t.Signal)))];
        foreach (var threshold in met)
        {
            _lastMet[threshold.Signal] = now;
        }

        bool Holds(string signal) => met.Any(t => t.Signal == signal) || (_lastMet.TryGetValue(signal, out var last) && now - last < transition);
        Current = new NodePressure(Holds(Threshold.Memory), Holds(Threshold.Disk) || Holds(Threshold.Inodes), Holds(Threshold.Processes));
        return met;
    }
}
