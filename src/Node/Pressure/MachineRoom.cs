using System.Globalization;
using System.Runtime.InteropServices;
using Sealos.Node.Registration;

namespace Sealos.Node.Pressure;

/// <summary>What is left of what a machine has, at one moment.</summary>
internal sealed partial record MachineRoom(Room Memory, Room Disk, Room Inodes, Room Processes)
{
    /// <summary>Looks at this machine; its disk is the one that <paramref name="folder"/> is on.</summary>
    public static MachineRoom Read(string folder)
    {
        var memory = File.ReadAllText("/proc/meminfo");
        var most = long.Parse(File.ReadAllText("/proc/sys/kernel/pid_max"), CultureInfo.InvariantCulture);
        var disk = ReadDisk(folder);
        return new MachineRoom(
            new Room(MachineInfo.MemoryField(memory, "MemAvailable"), MachineInfo.MemoryField(memory, "MemTotal")),
            new Room((long)(disk.Available * disk.BlockSize), (long)(disk.Blocks * disk.BlockSize)),
            new Room((long)disk.FreeInodes, (long)disk.Inodes),
            new Room(most - CountProcesses(File.ReadAllText("/proc/loadavg")), most));
    }

    /// <summary>The room that a threshold is about.</summary>
    public Room Of(string signal) => signal switch
    {
        Threshold.Memory => Memory,
        Threshold.Disk => Disk,
        Threshold.Inodes => Inodes,
        _ => Processes,
    };

    /// <summary>All processes and threads, from <c>/proc/loadavg</c>: its fourth word is running/all.</summary>
    internal static long CountProcesses(string loadavg) => long.Parse(loadavg.Split(' ')[3].Split('/')[1], CultureInfo.InvariantCulture);

    private static FileSystemRoom ReadDisk(string folder) => StatFileSystem(folder, out var found) == 0 ? found
        : throw new IOException($"the room on the disk of {folder} is not known: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    [LibraryImport("libc", EntryPoint = "statvfs", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatFileSystem(string path, out FileSystemRoom found);

    // The C library's struct statvfs on 64 bits.
    [StructLayout(LayoutKind.Sequential)]
    private struct FileSystemRoom
    {
        public ulong PreferredSize;
        public ulong BlockSize;
        public ulong Blocks;
        public ulong Free;
        public ulong Available;
        public ulong Inodes;
        public ulong FreeInodes;
        public ulong AvailableInodes;
        public ulong Id;
        public ulong Flags;
        public ulong LongestName;
        public ulong Spare0;
        public ulong Spare1;
        public ulong Spare2;
    }
}
