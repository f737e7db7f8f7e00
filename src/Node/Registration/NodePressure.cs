namespace Sealos.Node.Registration;

/// <summary>What is running short on this machine, by the thresholds of Kubernetes' node agent.</summary>
/// <param name="Memory">Less than 100 MiB are available.</param>
/// <param name="Disk">Less than a tenth of the disk is free.</param>
/// <param name="Processes">Nearly all process ids are in use.</param>
internal sealed record NodePressure(bool Memory, bool Disk, bool Processes)
{
    private const long LeastMemory = 100 * 1024 * 1024;
    private const double LeastDisk = 0.10;
    private const double MostProcesses = 0.95;

    public static NodePressure Read(string dataRoot)
    {
        var drive = new DriveInfo(dataRoot);
        return new NodePressure(
            MachineInfo.MemoryField(File.ReadAllText("/proc/meminfo"), "MemAvailable") < LeastMemory,
            drive.AvailableFreeSpace < drive.TotalSize * LeastDisk,
            CountProcesses(File.ReadAllText("/proc/loadavg")) > MostProcesses * long.Parse(File.ReadAllText("/proc/sys/kernel/pid_max"), System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>All processes and threads, from <c>/proc/loadavg</c>: its fourth word is running/all.</summary>
    internal static long CountProcesses(string loadavg) =>
        long.Parse(loadavg.Split(' ')[3].Split('/')[1], System.Globalization.CultureInfo.InvariantCulture);
}
