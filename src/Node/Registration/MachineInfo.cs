using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Sealos.Kinds.Core;

namespace Sealos.Node.Registration;

/// <summary>What this machine is and has, read from the kernel.</summary>
internal sealed record MachineInfo
{
    public required int Cores { get; init; }

    public required long MemoryBytes { get; init; }

    public required long DiskBytes { get; init; }

    /// <summary>Room in huge pages, in bytes, by resource name.</summary>
    public required IReadOnlyDictionary<string, long> HugePages { get; init; }

    public required IPAddress Address { get; init; }

    public required NodeSystemInfo System { get; init; }

    /// <summary>Looks at this machine.</summary>
    public static MachineInfo Read(NodeOptions options, string runtimeVersion)
    {
        Directory.CreateDirectory(options.DataRoot);
        return new MachineInfo
        {
            Cores = Environment.ProcessorCount,
            MemoryBytes = MemoryField(File.ReadAllText("/proc/meminfo"), "MemTotal"),
            DiskBytes = new DriveInfo(options.DataRoot).TotalSize,
            HugePages = ReadHugePages("/sys/kernel/mm/hugepages"),
            Address = options.NodeIp ?? FindAddress(),
            System = new NodeSystemInfo
            {
                MachineID = FirstLine("/etc/machine-id"),
                SystemUUID = FirstLine("/sys/class/dmi/id/product_uuid") is { Length: > 0 } uuid ? uuid : FirstLine("/etc/machine-id"),
                BootID = FirstLine("/proc/sys/kernel/random/boot_id"),
                KernelVersion = FirstLine("/proc/sys/kernel/osrelease"),
                OsImage = OsName("/etc/os-release"),
                ContainerRuntimeVersion = "containerd://" + runtimeVersion,
                KubeletVersion = options.KubernetesVersion,
                KubeProxyVersion = options.KubernetesVersion,
                OperatingSystem = "linux",
                Architecture = NodeOptions.Architecture,
            },
        };
    }

    /// <summary>A field of <c>/proc/meminfo</c> in bytes; 0 when it is not there.</summary>
    internal static long MemoryField(string text, string name)
    {
        var line = text.Split('\n').FirstOrDefault(l => l.StartsWith(name + ":", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line[(name.Length + 1)..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) * 1024;
    }

    private static Dictionary<string, long> ReadHugePages(string root)
    {
        var result = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var directory in Directory.Exists(root) ? Directory.EnumerateDirectories(root, "hugepages-*kB") : [])
        {
            var size = long.Parse(Path.GetFileName(directory)["hugepages-".Length..^2], CultureInfo.InvariantCulture);
            var name = size % (1024 * 1024) == 0 ? $"{size / 1024 / 1024}Gi" : $"{size / 1024}Mi";
            result["hugepages-" + name] = size * 1024 * long.Parse(FirstLine(Path.Combine(directory, "nr_hugepages")), CultureInfo.InvariantCulture);
        }

        return result;
    }

    // The address that packets to the outside would come from; nothing is sent to find it.
    private static IPAddress FindAddress()
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(IPAddress.Parse("192.0.2.1"), 9);
            return ((IPEndPoint)socket.LocalEndPoint!).Address;
        }
        catch (SocketException)
        {
            return NetworkInterface.GetAllNetworkInterfaces()
                .Where(n => n.OperationalStatus == OperationalStatus.Up)
                .SelectMany(n => n.GetIPProperties().UnicastAddresses)
                .Select(a => a.Address)
                .FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a)) ?? IPAddress.Loopback;
        }
    }

    private static string OsName(string path)
    {
        var line = File.Exists(path) ? File.ReadLines(path).FirstOrDefault(l => l.StartsWith("PRETTY_NAME=", StringComparison.Ordinal)) : null;
        return line is null ? "Linux" : line["PRETTY_NAME=".Length..].Trim('"');
    }

    private static string FirstLine(string path)
    {
        try
        {
            return File.ReadLines(path).FirstOrDefault()?.Trim() ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
