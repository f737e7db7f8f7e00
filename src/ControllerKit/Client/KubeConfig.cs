using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using YamlDotNet.Serialization;

namespace Sealos.ControllerKit.Client;

/// <summary>Where an API server is and as whom to speak to it; read from and written as a kubeconfig file.</summary>
public sealed class KubeConfig
{
    /// <summary>The API server's address.</summary>
    public required Uri Server { get; init; }

    /// <summary>PEM of the authority that signed the server's certificate; null trusts the system's authorities.</summary>
    public string? CertificateAuthorityPem { get; init; }

    /// <summary>PEM of the client certificate.</summary>
    public string? ClientCertificatePem { get; init; }

    /// <summary>PEM of the client certificate's key.</summary>
    public string? ClientKeyPem { get; init; }

    /// <summary>Bearer token.</summary>
    public string? Token { get; init; }

    /// <summary>A file with the bearer token, which may change while the client is used.</summary>
    public string? TokenFile { get; init; }

    /// <summary>Namespace of the context.</summary>
    public string? Namespace { get; init; }

    /// <summary>The cluster that this process is a pod of, as the pod's own service account.</summary>
    /// <exception cref="InvalidDataException">This is no pod, or it was given no token.</exception>
    public static KubeConfig OfPod()
    {
        const string Folder = "/var/run/secrets/kubernetes.io/serviceaccount";
        var token = Path.Combine(Folder, "token");
        return Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST") is { Length: > 0 } host && Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT") is { Length: > 0 } port && File.Exists(token)
            ? new KubeConfig { Server = ServerOf(host, port), CertificateAuthorityPem = File.ReadAllText(Path.Combine(Folder, "ca.crt")), TokenFile = token }
            : throw new InvalidDataException("this process is no pod with a service account's token: name a cluster with --kubeconfig");
    }

    /// <summary>Where an API server is; an IPv6 address stands in brackets in a URL (RFC 3986).</summary>
    internal static Uri ServerOf(string host, string port) =>
        new(host.Contains(':', StringComparison.Ordinal) && !host.StartsWith('[') ? $"https://[{host}]:{port}" : $"https://{host}:{port}");

    /// <summary>Loads the current context of a kubeconfig file.</summary>
    /// <exception cref="InvalidDataException">The file is not a kubeconfig, or its current context is incomplete.</exception>
    public static async Task<KubeConfig> LoadAsync(string path, CancellationToken ct)
    {
        return Parse(await File.ReadAllTextAsync(path, ct).ConfigureAwait(false), path);
    }

    /// <summary>Reads the current context of a kubeconfig; <paramref name="path"/> is what errors call it, and where other files are looked for.</summary>
    /// <exception cref="InvalidDataException">The text is not a kubeconfig, or its current context is incomplete.</exception>
    public static KubeConfig Parse(string text, string path)
    {
        KubeConfigFile file;
        try
        {
            file = new DeserializerBuilder().IgnoreUnmatchedProperties().Build().Deserialize<KubeConfigFile>(text) ?? new KubeConfigFile();
        }
        catch (YamlDotNet.Core.YamlException e)
        {
            throw new InvalidDataException($"{path} is not a kubeconfig: {e.Message}", e);
        }

        var context = file.Contexts.Find(c => c.Name == file.CurrentContext)?.Context
            ?? throw new InvalidDataException($"{path}: current-context '{file.CurrentContext}' is not among its contexts");
        var cluster = file.Clusters.Find(c => c.Name == context.Cluster)?.Cluster
            ?? throw new InvalidDataException($"{path}: cluster '{context.Cluster}' is missing");
        var user = file.Users.Find(u => u.Name == context.User)?.User ?? new UserSection();
        if (cluster.InsecureSkipTlsVerify)
        {
            throw new InvalidDataException($"{path}: insecure-skip-tls-verify is not supported; give certificate-authority-data instead");
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return new KubeConfig
        {
            Server = new Uri(cluster.Server ?? throw new InvalidDataException($"{path}: cluster '{context.Cluster}' has no server")),
            CertificateAuthorityPem = Pem(cluster.CertificateAuthorityData, cluster.CertificateAuthority, folder),
            ClientCertificatePem = Pem(user.ClientCertificateData, user.ClientCertificate, folder),
            ClientKeyPem = Pem(user.ClientKeyData, user.ClientKey, folder),
            Token = user.Token,
            Namespace = context.Namespace,
        };
    }

    /// <summary>The file's text, with one context called <paramref name="name"/>.</summary>
    public string ToYaml(string name)
    {
        var text = new StringBuilder();
        text.Append("apiVersion: v1\nkind: Config\nclusters:\n");
        text.Append($"- name: {name}\n  cluster:\n    server: {Server.ToString().TrimEnd('/')}\n");
        Append("certificate-authority-data", CertificateAuthorityPem);
        text.Append($"users:\n- name: {name}\n  user:\n");
        Append("client-certificate-data", ClientCertificatePem);
        Append("client-key-data", ClientKeyPem);
        if (Token is not null)
        {
            text.Append($"    token: {Token}\n");
        }

        text.Append($"contexts:\n- name: {name}\n  context:\n    cluster: {name}\n    user: {name}\n");
        if (Namespace is not null)
        {
            text.Append($"    namespace: {Namespace}\n");
        }

        return text.Append($"current-context: {name}\n").ToString();

        void Append(string key, string? pem)
        {
            if (pem is not null)
            {
                text.Append($"    {key}: {Convert.ToBase64String(Encoding.ASCII.GetBytes(pem))}\n");
            }
        }
    }

    internal SocketsHttpHandler CreateHandler()
    {
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
            ConnectTimeout = TimeSpan.FromSeconds(10),
            UseProxy = false,
            AutomaticDecompression = System.Net.DecompressionMethods.GZip,
        };
        handler.SslOptions = CreateTlsOptions();
        return handler;
    }

    /// <summary>TLS options that trust the server's authority and present the client certificate; for WebSockets and raw streams.</summary>
    public SslClientAuthenticationOptions CreateTlsOptions()
    {
        var options = new SslClientAuthenticationOptions { TargetHost = Server.Host };
        if (CertificateAuthorityPem is not null)
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPem(CertificateAuthorityPem);
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
        }

        if (ClientCertificatePem is not null && ClientKeyPem is not null)
        {
            options.ClientCertificates = [X509Certificate2.CreateFromPem(ClientCertificatePem, ClientKeyPem)];
        }

        return options;
    }

    private static string? Pem(string? data, string? file, string folder) =>
        data is not null ? Encoding.ASCII.GetString(Convert.FromBase64String(data))
        : file is not null ? File.ReadAllText(Path.Combine(folder, file))
        : null;
}
