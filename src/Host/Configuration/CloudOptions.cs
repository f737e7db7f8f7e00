using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Sealos.Host.Components;
using Sealos.Node;
using Sealos.Node.Pressure;

namespace Sealos.Host.Configuration;

/// <summary>
/// How one cloud on this machine is set up. <c>sealos up</c> writes it into the data folder, so that every later command
/// and every restart uses the same. Many clouds can share a machine: <see cref="Instance"/> sets their traces apart.
/// </summary>
public sealed partial record CloudOptions
{
    /// <summary>Prefix of cgroups, nftables table, interfaces and default folders; lower-case letters and digits, at most 10.</summary>
    public string Instance { get; init; } = DefaultInstance;

    /// <summary>What must survive: database, certificates, images, volumes.</summary>
    public string DataFolder { get; init; } = "/var/lib/sealos";

    /// <summary>What a reboot may take: sockets, pid files, mounts.</summary>
    public string RunFolder { get; init; } = "/run/sealos";

    /// <summary>Logs of the cloud's own processes and of pods.</summary>
    public string LogFolder { get; init; } = "/var/log/sealos";

    /// <summary>The domain apps are reached under.</summary>
    public string Domain { get; init; } = "sealos.localhost";

    /// <summary>Port of the plain-HTTP gateway.</summary>
    public int HttpPort { get; init; } = 80;

    /// <summary>Port of the HTTPS gateway.</summary>
    public int HttpsPort { get; init; } = 443;

    /// <summary>Port of the Kubernetes API.</summary>
    public int ApiPort { get; init; } = 6443;

    /// <summary>Port of the node agent.</summary>
    public int KubeletPort { get; init; } = 10250;

    /// <summary>The node's name; null for the host's.</summary>
    public string? NodeName { get; init; }

    /// <summary>What must be left of the machine's memory, disk and processes before pods are ended for it; null for the usual.</summary>
    public string? Eviction { get; init; }

    /// <summary>How long pods get to stop when the machine goes down, in seconds; 0 leaves them to the machine.</summary>
    public int ShutdownGrace { get; init; }

    /// <summary>Kernel parameters that pods may set besides the harmless ones, separated by commas.</summary>
    public string AllowedSysctls { get; init; } = "";

    /// <summary>How long older states of the API's objects can still be listed, such as <c>5m</c>; read by <see cref="HistoryKept"/>.</summary>
    public string History { get; init; } = "5m";

    /// <summary>Addresses of pods.</summary>
    public string PodCidr { get; init; } = "10.208.0.0/16";

    /// <summary>Addresses of services; the tenth is DNS.</summary>
    public string ServiceCidr { get; init; } = "10.209.0.0/16";

    /// <summary>How persistent volumes are kept.</summary>
    [JsonConverter(typeof(JsonStringEnumConverter<VolumeBackend>))]
    public VolumeBackend Volumes { get; init; }

    /// <summary>Components that a new cloud has besides the usual ones, separated by commas.</summary>
    public string With { get; init; } = "";

    /// <summary>Components that a new cloud is without, separated by commas.</summary>
    public string Without { get; init; } = "";

    /// <summary>Whether the cloud is one person's: nobody but the operator gets in anew, and there are no teams.</summary>
    public bool SingleUser { get; init; }

    /// <summary>Whether a new cloud is bare Kubernetes: without users, gateway and desktop.</summary>
    public bool KernelOnly { get; init; }

    /// <summary>The unprivileged user that DNS and the gateway run as.</summary>
    public int EdgeUser { get; init; } = 64080;

    /// <summary>The instance name used when none is given.</summary>
    public const string DefaultInstance = "sealos";

    private const string FileName = "cloud.json";

    /// <summary>The node's name in the API.</summary>
    [JsonIgnore]
    public string EffectiveNodeName => NodeName ?? Dns.GetHostName().ToLowerInvariant();

    /// <summary>The cluster DNS server's address.</summary>
    [JsonIgnore]
    public IPAddress DnsAddress => AddressAt(10);

    /// <summary>The API's own service address, the first of the range.</summary>
    [JsonIgnore]
    public IPAddress ApiServiceAddress => AddressAt(1);

    /// <summary><see cref="History"/> as a time, or null when it cannot be read.</summary>
    [JsonIgnore]
    public TimeSpan? HistoryKept => HistoryPattern().Match(History) is { Success: true } match
        ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * (match.Groups[2].ValueSpan[0] switch { 'h' => TimeSpan.FromHours(1), 'm' => TimeSpan.FromMinutes(1), _ => TimeSpan.FromSeconds(1) })
        : null;

    /// <summary>The console's address as a person types it.</summary>
    [JsonIgnore]
    public string ConsoleUrl => AddressOf(Domain);

    /// <summary>The address of a public host, with the port where it is not the usual one.</summary>
    public string AddressOf(string host) => HttpsPort == 443 ? $"https://{host}" : $"https://{host}:{HttpsPort}";

    /// <summary>The options of an instance with its folders at their default places.</summary>
    public static CloudOptions ForInstance(string instance) => instance == DefaultInstance
        ? new CloudOptions()
        : new CloudOptions { Instance = instance, DataFolder = $"/var/lib/sealos-{instance}", RunFolder = $"/run/sealos-{instance}", LogFolder = $"/var/log/sealos-{instance}" };

    /// <summary>Reads the options <c>up</c> wrote into a data folder, or null when there are none.</summary>
    /// <exception cref="InvalidDataException">The file is damaged; the message names it.</exception>
    public static CloudOptions? Load(string dataFolder)
    {
        var path = Path.Combine(dataFolder, FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), CloudOptionsContext.Default.CloudOptions);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is not readable: {e.Message}", e);
        }
    }

    /// <summary>When the options in a data folder last changed.</summary>
    public static DateTime SavedAt(string dataFolder) => File.GetLastWriteTimeUtc(Path.Combine(dataFolder, FileName));

    /// <summary>Writes the options into their data folder, whole or not at all; the file is left alone when it says the same.</summary>
    public void Save() => Save(DataFolder);

    /// <summary>Writes the options into another folder.</summary>
    internal void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        AtomicFile.WriteIfChanged(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(this, CloudOptionsContext.Default.CloudOptions), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }

    /// <summary>Everything that is wrong with the options, each with the option's name; empty when all is well.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        Check(InstancePattern().IsMatch(Instance), $"--instance: '{Instance}' must be 1 to 10 lower-case letters and digits, a letter first");
        Check(DomainPattern().IsMatch(Domain) && Domain.Length <= 200, $"--domain: '{Domain}' must be a domain name in lower case, such as cloud.example.com");
        foreach (var (name, port) in new[] { ("--http-port", HttpPort), ("--https-port", HttpsPort), ("--api-port", ApiPort), ("--kubelet-port", KubeletPort) })
        {
            Check(port is > 0 and < 65536, $"{name}: {port} must be from 1 to 65535");
        }

        var ports = new[] { HttpPort, HttpsPort, ApiPort, KubeletPort };
        Check(ports.Distinct().Count() == ports.Length, "--http-port, --https-port, --api-port and --kubelet-port must differ");
        Check(NodeName is null || NodePattern().IsMatch(NodeName), $"--node-name: '{NodeName}' must be a DNS name in lower case");
        Check(Eviction is null || new PressureOptions { Thresholds = Eviction }.Validate().Count == 0, $"--eviction: {string.Join("; ", new PressureOptions { Thresholds = Eviction ?? "" }.Validate())}");
        Check(ShutdownGrace is >= 0 and <= 600, $"--shutdown-grace: {ShutdownGrace} must be from 0 to 600 seconds");
        Check(HistoryKept >= TimeSpan.FromSeconds(10) && HistoryKept <= TimeSpan.FromHours(24), $"--history: '{History}' must be a time from 10s to 24h, such as 90s, 5m or 1h");
        Check(AllowedSysctls.Length == 0 || SysctlsPattern().IsMatch(AllowedSysctls), $"--allowed-sysctls: '{AllowedSysctls}' must be names such as kernel.msgmax or net.core.*, separated by commas");
        foreach (var (name, cidr) in new[] { ("--pod-cidr", PodCidr), ("--service-cidr", ServiceCidr) })
        {
            Check(IPNetwork.TryParse(cidr, out var network) && network.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork && network.PrefixLength is >= 12 and <= 24, $"{name}: '{cidr}' must be an IPv4 range from /12 to /24, such as 10.208.0.0/16 (IPv6 is not supported yet)");
        }

        errors.AddRange(ComponentChoice.Validate(this));
        return errors;

        void Check(bool holds, string error)
        {
            if (!holds)
            {
                errors.Add(error);
            }
        }
    }

    private IPAddress AddressAt(int index)
    {
        var bytes = IPNetwork.Parse(ServiceCidr).BaseAddress.GetAddressBytes();
        bytes[3] += (byte)index;
        return new IPAddress(bytes);
    }

    [GeneratedRegex(@"^[a-z0-9]([-_a-z0-9./]*[a-z0-9])?([./]\*)?(,[a-z0-9]([-_a-z0-9./]*[a-z0-9])?([./]\*)?)*\z")]
    private static partial Regex SysctlsPattern();

    [GeneratedRegex(@"^([0-9]{1,5})([smh])\z")]
    private static partial Regex HistoryPattern();

    [GeneratedRegex("^[a-z][a-z0-9]{0,9}$")]
    private static partial Regex InstancePattern();

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)+$")]
    private static partial Regex DomainPattern();

    [GeneratedRegex("^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$")]
    private static partial Regex NodePattern();
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CloudOptions))]
internal sealed partial class CloudOptionsContext : JsonSerializerContext;
