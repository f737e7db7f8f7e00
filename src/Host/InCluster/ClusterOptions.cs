using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Sealos.ControllerKit.Client;
using Sealos.Desktop;
using Sealos.Network.Gateway;
using Sealos.OsServices;
using Sealos.OsServices.Admission;
using Sealos.OsServices.Users;
using Sealos.OsServices.Users.Walls;

namespace Sealos.Host.InCluster;

/// <summary>How the services run on a cluster that exists; <c>sealos install</c> writes it into the cluster, as one ConfigMap.</summary>
public sealed partial record ClusterOptions
{
    /// <summary>The namespace of the services' own things; also where admission looks for them.</summary>
    public const string Namespace = "sealos-system";

    /// <summary>The name of the Deployment, the gateway's Service and all else that is one.</summary>
    public const string Name = "sealos-server";

    /// <summary>The Service by which the API server reaches admission.</summary>
    public const string AdmissionName = "sealos-admission";

    /// <summary>The port that admission listens on in the pod.</summary>
    public const int AdmissionPort = 9443;

    /// <summary>Where people's addresses lie.</summary>
    public required string Domain { get; init; }

    /// <summary>The port of HTTPS as people see it.</summary>
    public int PublicHttpsPort { get; init; } = 443;

    /// <summary>The API server as it stands in people's kubeconfigs.</summary>
    public required Uri ApiServer { get; init; }

    /// <summary>PEM of the authority of its certificate; null where it is a public one.</summary>
    public string? ApiAuthority { get; init; }

    /// <summary>Addresses of pods.</summary>
    public required IReadOnlyList<string> PodRanges { get; init; }

    /// <summary>Whether the nodes say where pods are, and so nodes that come later do.</summary>
    public bool FollowsNodes { get; init; }

    /// <summary>Addresses of Services.</summary>
    public required IReadOnlyList<string> ServiceRanges { get; init; }

    /// <summary>Storage classes that workspaces may use.</summary>
    public IReadOnlyList<string> StorageClasses { get; init; } = [];

    /// <summary>The components that run.</summary>
    public IReadOnlyList<string> Components { get; init; } = ["admission", "users", "gateway", "desktop", "launchpad"];

    /// <summary>Whether the cloud is one person's.</summary>
    public bool SingleUser { get; init; }

    /// <summary>Whether the services run in the cluster's pods, and not outside for development.</summary>
    public bool IsInPod { get; init; }

    /// <summary>The port that plain HTTP is answered on.</summary>
    public int HttpPort { get; init; } = 8080;

    /// <summary>The port that HTTPS is answered on.</summary>
    public int HttpsPort { get; init; } = 8443;

    /// <summary>Sockets and cookie keys.</summary>
    public string RunFolder { get; init; } = "/run/sealos";

    /// <summary>The domain's certificate: <c>tls.crt</c>, <c>tls.key</c> and its authority, <c>ca.crt</c>.</summary>
    public string TlsFolder { get; init; } = "/etc/sealos/tls";

    private string DesktopSocket => Path.Combine(RunFolder, "desktop.sock");

    private string ServicesSocket => Path.Combine(RunFolder, "services.sock");

    /// <summary>The address of a public host, with the port where it is not the usual one.</summary>
    public string AddressOf(string host) => PublicHttpsPort == 443 ? $"https://{host}" : $"https://{host}:{PublicHttpsPort}";

    /// <summary>What is wrong with the options; empty when all is well.</summary>
    public IEnumerable<string> Validate()
    {
        if (!DomainPattern().IsMatch(Domain) || Domain.Length > 200)
        {
            yield return $"--domain: '{Domain}' must be a domain name in lower case, such as cloud.example.com";
        }

        foreach (var range in PodRanges.Concat(ServiceRanges).Where(r => !IPNetwork.TryParse(r, out _)))
        {
            yield return $"'{range}' must be a range of addresses, such as 10.244.0.0/16";
        }
    }

    /// <summary>Their text.</summary>
    public string Write() => JsonSerializer.Serialize(this, ClusterOptionsContext.Default.ClusterOptions);

    /// <summary>Reads them from a file.</summary>
    /// <exception cref="InvalidDataException">They are not there, or cannot be read.</exception>
    public static async Task<ClusterOptions> LoadAsync(string path, CancellationToken ct)
    {
        try
        {
            return JsonSerializer.Deserialize(await File.ReadAllBytesAsync(path, ct).ConfigureAwait(false), ClusterOptionsContext.Default.ClusterOptions) ?? throw new InvalidDataException($"{path} is empty");
        }
        catch (Exception e) when (e is JsonException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidDataException($"{path} cannot be read: {e.Message}", e);
        }
    }

    internal AdmissionOptions Admission(ClusterNetwork network) => new()
    {
        Domain = Domain,
        IsSingleUser = SingleUser,
        ClosedRanges = network.Closed,
        Service = IsInPod ? new AdmissionService(Namespace, AdmissionName) : null,
        Port = IsInPod ? AdmissionPort : 0,
        StorageClasses = StorageClasses,
    };

    internal UsersOptions Users(ClusterNetwork network, IReadOnlyList<OpenDoor> doors) => new()
    {
        Server = ApiServer,
        CertificateAuthorityPem = ApiAuthority,
        IsSingleUser = SingleUser,
        Walls = new WallOptions { PodRanges = network.Inside, Doors = doors, GatewayNamespace = IsInPod ? Namespace : null },
    };

    internal ServicesApiOptions Services() => new()
    {
        SocketPath = ServicesSocket,
        AuthorityFile = Path.Combine(TlsFolder, "ca.crt"),
        Workspaces = new() { IsSingleUser = SingleUser },
        Console = new Uri(AddressOf(Domain)),
    };

    internal GatewayOptions Gateway(ClusterNetwork network) => new()
    {
        Domain = Domain,
        Http = new IPEndPoint(IPAddress.Any, HttpPort),
        Https = new IPEndPoint(IPAddress.Any, HttpsPort),
        PublicHttpsPort = PublicHttpsPort,
        CertificateFile = Path.Combine(TlsFolder, "tls.crt"),
        CertificateKeyFile = Path.Combine(TlsFolder, "tls.key"),
        Console = new System.Net.Sockets.UnixDomainSocketEndPoint(DesktopSocket),
        Services = new System.Net.Sockets.UnixDomainSocketEndPoint(ServicesSocket),
        BackendRanges = network.Pods,

        // The cluster may have a gateway of its own for those that name no class.
        ServeUnclassified = false,
        Limits = GatewayLimits.ForThisProcess(),
    };

    internal DesktopOptions Desktop(KubeConfig api) => new()
    {
        SocketPath = DesktopSocket,
        ServicesSocketPath = ServicesSocket,
        KeyFolder = Path.Combine(RunFolder, "cookie-keys"),
        Domain = Domain,
        AddressOf = AddressOf,
        Api = new KubeConfig { Server = api.Server, CertificateAuthorityPem = api.CertificateAuthorityPem },
    };

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)+\z")]
    private static partial Regex DomainPattern();
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ClusterOptions))]
internal sealed partial class ClusterOptionsContext : JsonSerializerContext;
