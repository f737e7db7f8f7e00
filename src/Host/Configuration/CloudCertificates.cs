using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sealos.ControllerKit.Certificates;
using Sealos.ControllerKit.Client;

namespace Sealos.Host.Configuration;

/// <summary>
/// Every certificate of a cloud: made on first start, kept, and renewed at a start when less than a third of its life is left.
/// Three authorities, so that none can vouch for what is another's: the API's, the apps' (which people trust in browsers), the kubelet's callers'.
/// </summary>
public sealed class CloudCertificates
{
    /// <summary>The name the API server shows to node agents.</summary>
    public const string KubeletClientName = "kube-apiserver-kubelet-client";

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan ServerLifetime = TimeSpan.FromDays(397);
    private static readonly TimeSpan ClientLifetime = TimeSpan.FromDays(365);

    private readonly Lock _lock = new();
    private readonly CloudOptions _options;
    private readonly CloudPaths _paths;
    private readonly TimeProvider _time;

    private CloudCertificates(CloudOptions options, TimeProvider time)
    {
        _options = options;
        _paths = new CloudPaths(options);
        _time = time;
        Directory.CreateDirectory(_paths.Certificates, Private | UnixFileMode.UserExecute);
        Cluster = Authority("ca", "sealos-cluster");
        Apps = Authority("apps-ca", $"Sealos local authority ({options.Domain})");
        ApiServer = Server("apiserver", Cluster, ApiNames(options), ApiAddresses(options));
        Kubelet = Server("kubelet", Cluster, [options.EffectiveNodeName, "localhost"], [IPAddress.Loopback, .. HostAddresses(options)]);
        KubeletClient = Client("apiserver-kubelet-client", KubeletClientName, []);
        Wildcard = Server("apps", Apps, [options.Domain, $"*.{options.Domain}"], []);
    }

    /// <summary>Signs the API's and every component's certificates.</summary>
    public CertificateAuthority Cluster { get; }

    /// <summary>Signs the certificates of apps on a local domain.</summary>
    public CertificateAuthority Apps { get; }

    /// <summary>The API server's certificate.</summary>
    public KeyPair ApiServer { get; }

    /// <summary>The node agent's certificate.</summary>
    public KeyPair Kubelet { get; }

    /// <summary>What the API server shows to node agents.</summary>
    public KeyPair KubeletClient { get; }

    /// <summary>For the domain and everything one level below it.</summary>
    public KeyPair Wildcard { get; }

    /// <summary>Loads what is there and makes what is missing or about to expire.</summary>
    public static CloudCertificates Ensure(CloudOptions options, TimeProvider time) => new(options, time);

    /// <summary>A kubeconfig for an identity, its client certificate made or renewed as needed.</summary>
    public KubeConfig ConfigFor(string file, string user, IReadOnlyList<string> groups)
    {
        var pair = Client(file, user, groups);
        return new KubeConfig
        {
            Server = new Uri($"https://127.0.0.1:{_options.ApiPort}"),
            CertificateAuthorityPem = Cluster.Pair.CertificatePem,
            ClientCertificatePem = pair.CertificatePem,
            ClientKeyPem = pair.KeyPem,
        };
    }

    /// <summary>Writes the operator's kubeconfig (mode 0600) and what the edge needs (owned by the edge's user).</summary>
    public void WriteKubeConfigs()
    {
        AtomicFile.WriteIfChanged(_paths.AdminKubeConfig, Encoding.UTF8.GetBytes(ConfigFor("admin", "kubernetes-admin", ["system:masters"]).ToYaml(_options.Instance)), Private);
        AtomicFile.WriteIfChanged(_paths.AppsAuthority, Encoding.ASCII.GetBytes(Apps.Pair.CertificatePem), Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        Directory.CreateDirectory(_paths.EdgeFolder, Private | UnixFileMode.UserExecute);
        AtomicFile.WriteIfChanged(_paths.EdgeKubeConfig, Encoding.UTF8.GetBytes(ConfigFor("edge", "sealos:edge", ["sealos:edge"]).ToYaml(_options.Instance)), Private);
        AtomicFile.WriteIfChanged(Path.Combine(_paths.EdgeFolder, "wildcard.crt"), Encoding.ASCII.GetBytes(Wildcard.CertificatePem + "\n" + Apps.Pair.CertificatePem), Private);
        AtomicFile.WriteIfChanged(Path.Combine(_paths.EdgeFolder, "wildcard.key"), Encoding.ASCII.GetBytes(Wildcard.KeyPem), Private);
        foreach (var entry in Directory.EnumerateFileSystemEntries(_paths.EdgeFolder).Prepend(_paths.EdgeFolder))
        {
            Ownership.Give(entry, _options.EdgeUser);
        }
    }

    private static List<string> ApiNames(CloudOptions options) =>
        ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", "localhost", options.EffectiveNodeName, options.Domain];

    private static List<IPAddress> ApiAddresses(CloudOptions options) => [IPAddress.Loopback, options.ApiServiceAddress, .. HostAddresses(options)];

    // The cloud's own network comes and goes with it; of that only the address this node has there counts, whether it is up or not.
    private static IEnumerable<IPAddress> HostAddresses(CloudOptions options)
    {
        IPNetwork[] own = [IPNetwork.Parse(options.PodCidr), IPNetwork.Parse(options.ServiceCidr)];
        return NetworkInterface.GetAllNetworkInterfaces()
            .Where(n => n.OperationalStatus == OperationalStatus.Up)
            .SelectMany(n => n.GetIPProperties().UnicastAddresses)
            .Select(a => a.Address)
            .Where(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a) && !own.Any(r => r.Contains(a)))
            .Append(new RoomOptions(options).PodNetwork.NodeAddress)
            .Distinct();
    }

    private CertificateAuthority Authority(string file, string name)
    {
        if (Read(file) is { } pair)
        {
            return CertificateAuthority.Load(pair, _time);
        }

        var authority = CertificateAuthority.Create(name, _time);
        Write(file, authority.Pair);
        return authority;
    }

    private KeyPair Server(string file, CertificateAuthority authority, IReadOnlyList<string> names, IReadOnlyList<IPAddress> addresses) =>
        Reuse(file, authority, c => Covers(c, names, addresses)) ?? TryWrite(file, authority.IssueServer(names, addresses, ServerLifetime));

    // Components ask as they start, side by side.
    private KeyPair Client(string file, string user, IReadOnlyList<string> groups)
    {
        lock (_lock)
        {
            return Reuse(file, Cluster, _ => true) ?? TryWrite(file, Cluster.IssueClient(user, groups, ClientLifetime));
        }
    }

    private KeyPair? Reuse(string file, CertificateAuthority authority, Func<X509Certificate2, bool> fits)
    {
        if (Read(file) is not { } pair)
        {
            return null;
        }

        using var certificate = Open(pair);
        if (certificate is null)
        {
            return null;
        }

        var left = certificate.NotAfter.ToUniversalTime() - _time.GetUtcNow().UtcDateTime;
        var whole = certificate.NotAfter - certificate.NotBefore;

        // Made while the clock was ahead, it would be trusted by nobody before its time has come; a new one would not be either before its authority's.
        var begin = certificate.NotBefore.ToUniversalTime();
        var hasBegun = begin <= _time.GetUtcNow().UtcDateTime || begin <= authority.Begin;
        return hasBegun && left > whole / 3 && fits(certificate) ? pair : null;
    }

    // Null when a crash between the writing of the two has left a key and a certificate that do not belong together.
    private static X509Certificate2? Open(KeyPair pair)
    {
        try
        {
            return X509Certificate2.CreateFromPem(pair.CertificatePem, pair.KeyPem);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    private static bool Covers(X509Certificate2 certificate, IReadOnlyList<string> names, IReadOnlyList<IPAddress> addresses)
    {
        var san = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        return san is not null && names.All(san.EnumerateDnsNames().Contains) && addresses.All(san.EnumerateIPAddresses().Contains);
    }

    private KeyPair? Read(string file)
    {
        var certificate = Path.Combine(_paths.Certificates, file + ".crt");
        var key = Path.Combine(_paths.Certificates, file + ".key");
        return File.Exists(certificate) && File.Exists(key) ? new KeyPair(File.ReadAllText(certificate), File.ReadAllText(key)) : null;
    }

    // One that cannot be kept serves until the next start: a full disk must not keep the cloud from starting.
    private KeyPair TryWrite(string file, KeyPair pair)
    {
        try
        {
            return Write(file, pair);
        }
        catch (IOException)
        {
            return pair;
        }
    }

    // The key first: a certificate without its key would be taken for whole after a crash.
    private KeyPair Write(string file, KeyPair pair)
    {
        AtomicFile.Write(Path.Combine(_paths.Certificates, file + ".key"), Encoding.ASCII.GetBytes(pair.KeyPem), Private);
        AtomicFile.Write(Path.Combine(_paths.Certificates, file + ".crt"), Encoding.ASCII.GetBytes(pair.CertificatePem), Private);
        return pair;
    }
}
