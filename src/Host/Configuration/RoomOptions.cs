using System.Net;
using System.Net.Sockets;
using Sealos.ControllerKit.Client;
using Sealos.Desktop;
using Sealos.Host.Running;
using Sealos.Network.Dns;
using Sealos.Network.Gateway;
using Sealos.Network.PodNetwork;
using Sealos.Network.Policies;
using Sealos.Network.Services;
using Sealos.Node;
using Sealos.Node.Exec;
using Sealos.Node.Gvisor;
using Sealos.Node.Pressure;
using Sealos.Node.Shutdown;
using Sealos.OsServices;
using Sealos.OsServices.Admission;
using Sealos.OsServices.Users;
using Sealos.OsServices.Users.Walls;
using Sealos.OsServices.Workspaces;

namespace Sealos.Host.Configuration;

/// <summary>The cloud's options as each room wants them; server, edge and teardown derive them here and nowhere else.</summary>
internal sealed class RoomOptions(CloudOptions options)
{
    private const int DnsPort = 53;

    private readonly CloudPaths _paths = new(options);

    /// <summary>Where the images' programs lie beside the program itself.</summary>
    public static string ImagePrograms => Path.Combine(AppContext.BaseDirectory, "images");

    public GvisorRuntime Gvisor => new(Node.GvisorRoot, Path.Combine(ImagePrograms, GvisorRuntime.ProgramName));

    public PodNetworkOptions PodNetwork => new()
    {
        Instance = options.Instance,
        PodRange = IPNetwork.Parse(options.PodCidr),
        ServiceRange = IPNetwork.Parse(options.ServiceCidr),
        DnsAddress = options.DnsAddress,
        CniConfigFolder = Node.CniConfDir,
        AddressFolder = Path.Combine(options.RunFolder, "addresses"),
    };

    public ServiceProxyOptions ServiceProxy => new()
    {
        Instance = options.Instance,
        PodRange = IPNetwork.Parse(options.PodCidr),
        ServiceRange = IPNetwork.Parse(options.ServiceCidr),
        NodeName = options.EffectiveNodeName,
        ReservedPorts = new HashSet<int> { DnsPort, options.ApiPort, options.HttpPort, options.HttpsPort, options.KubeletPort },
    };

    public PolicyOptions Policies => new() { Instance = options.Instance, PodRange = IPNetwork.Parse(options.PodCidr), DnsAddress = options.DnsAddress };

    public NodeOptions Node => new()
    {
        NodeName = options.EffectiveNodeName,
        Instance = options.Instance,
        DataRoot = options.DataFolder,
        RunRoot = options.RunFolder,
        LogRoot = options.LogFolder,
        KubeletPort = options.KubeletPort,
        ClusterDns = options.DnsAddress,
        CniConfDir = Path.Combine(options.DataFolder, "cni"),
        VolumeBackend = options.Volumes,
        Pressure = options.Eviction is { } thresholds ? new PressureOptions { Thresholds = thresholds } : new PressureOptions(),
        Shutdown = new ShutdownOptions { Grace = TimeSpan.FromSeconds(options.ShutdownGrace), CriticalGrace = TimeSpan.FromSeconds(options.ShutdownGrace / 3) },
        AllowedSysctls = options.AllowedSysctls.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
    };

    public KubeletServerOptions Kubelet(CloudCertificates certificates) => new()
    {
        Port = options.KubeletPort,
        Certificate = certificates.Kubelet,
        ClientAuthorityPem = certificates.Cluster.Pair.CertificatePem,
        AllowedClients = [CloudCertificates.KubeletClientName],
    };

    public DnsOptions Dns => new()
    {
        Listen = [new IPEndPoint(options.DnsAddress, DnsPort)],
        PodRange = IPNetwork.Parse(options.PodCidr),
        ServiceRange = IPNetwork.Parse(options.ServiceCidr),
        CloudDomain = options.Domain,
        GatewayAddress = PodNetwork.NodeAddress,
    };

    public GatewayOptions Gateway => new()
    {
        Domain = options.Domain,
        Http = new IPEndPoint(IPAddress.Any, options.HttpPort),
        Https = new IPEndPoint(IPAddress.Any, options.HttpsPort),
        CertificateFile = Path.Combine(_paths.EdgeFolder, "wildcard.crt"),
        CertificateKeyFile = Path.Combine(_paths.EdgeFolder, "wildcard.key"),
        Console = new UnixDomainSocketEndPoint(_paths.DesktopSocket),
        Services = new UnixDomainSocketEndPoint(_paths.ServicesSocket),
        PublishAddress = PodNetwork.NodeAddress,
        BackendRanges = [IPNetwork.Parse(options.PodCidr)],
        Limits = GatewayLimits.ForThisProcess(),
    };

    public UsersOptions Users(CloudCertificates certificates) => new()
    {
        // Names below localhost mean this machine to few programs but browsers.
        Server = new Uri($"https://{(options.Domain.EndsWith(".localhost", StringComparison.Ordinal) ? "127.0.0.1" : options.Domain)}:{options.ApiPort}"),
        CertificateAuthorityPem = certificates.Cluster.Pair.CertificatePem,
        IsSingleUser = options.SingleUser,
        Walls = new WallOptions
        {
            PodRanges = [IPNetwork.Parse(options.PodCidr), IPNetwork.Parse(options.ServiceCidr)],
            MachineAddresses = MachineAddresses,

            // Where the services' table and the names of the cloud lead to.
            Doors = [new OpenDoor(new IPNetwork(PodNetwork.NodeAddress, 32), [options.ApiPort, options.HttpPort, options.HttpsPort])],
        },
    };

    public ServicesApiOptions Services => new()
    {
        SocketPath = _paths.ServicesSocket,
        AuthorityFile = _paths.AppsAuthority,
        Share = path => Ownership.Give(path, options.EdgeUser),
        Workspaces = new WorkspaceOptions { IsSingleUser = options.SingleUser },
        Console = new Uri(options.ConsoleUrl),
        Audit = new AuditLogReader(_paths.AuditLog, TimeProvider.System),
    };

    public AdmissionOptions Admission => new()
    {
        Domain = options.Domain,
        IsSingleUser = options.SingleUser,
        ClosedRanges = [IPNetwork.Parse(options.PodCidr), IPNetwork.Parse(options.ServiceCidr)],
        MachineAddresses = MachineAddresses,
    };

    public DesktopOptions Desktop(KubeConfig api) => new()
    {
        SocketPath = _paths.DesktopSocket,
        ServicesSocketPath = _paths.ServicesSocket,
        KeyFolder = _paths.DesktopKeys,
        Domain = options.Domain,
        AddressOf = options.AddressOf,
        Api = new KubeConfig { Server = api.Server, CertificateAuthorityPem = api.CertificateAuthorityPem },
    };

    // The kernel's own list: going through a thousand pods' interfaces one by one takes seconds.
    private IEnumerable<IPAddress> MachineAddresses()
    {
        const string Routes = "/proc/net/fib_trie";
        HashSet<IPAddress> found = [PodNetwork.NodeAddress];
        IPAddress? last = null;
        foreach (var line in File.Exists(Routes) ? File.ReadLines(Routes) : [])
        {
            var text = line.AsSpan().Trim();
            if (text.StartsWith("|-- ", StringComparison.Ordinal))
            {
                _ = IPAddress.TryParse(text[4..], out last);
            }
            else if (text.StartsWith("/32 host LOCAL", StringComparison.Ordinal) && last is not null && !IPAddress.IsLoopback(last))
            {
                found.Add(last);
            }
        }

        return found;
    }
}
