using System.Net;
using System.Security.Cryptography.X509Certificates;
using Sealos.ApiServer.Audit;

namespace Sealos.ApiServer;

/// <summary>What an API server needs to run.</summary>
public sealed record ApiServerOptions
{
    /// <summary>The store's database file.</summary>
    public required string StorePath { get; init; }

    /// <summary>Addresses to serve HTTPS on; port 0 takes any free one.</summary>
    public required IReadOnlyList<IPEndPoint> Listen { get; init; }

    /// <summary>The serving certificate with its private key.</summary>
    public required X509Certificate2 ServerCertificate { get; init; }

    /// <summary>Authorities whose client certificates name users.</summary>
    public required X509Certificate2Collection ClientAuthorities { get; init; }

    /// <summary>PEM with which pods verify this server, published in every namespace as <c>kube-root-ca.crt</c>.</summary>
    public required string RootCertificatesPem { get; init; }

    /// <summary>The private key that signs service-account tokens; made when missing.</summary>
    public required string ServiceAccountKeyFile { get; init; }

    /// <summary>The certificate that this server shows to kubelets, with its private key.</summary>
    public required X509Certificate2 KubeletClientCertificate { get; init; }

    /// <summary>Authorities that kubelets' serving certificates must come from.</summary>
    public required X509Certificate2Collection KubeletAuthorities { get; init; }

    /// <summary>The group that may list and watch Secrets of type <c>kubernetes.io/tls</c>, and no others; null for none.</summary>
    public string? CertificateReaders { get; init; }

    /// <summary>The namespace whose service accounts stand for one person each; those of another share that namespace's part of the server.</summary>
    public string? UsersNamespace { get; init; }

    /// <summary>The addresses of Services; its first is the API server's own.</summary>
    public IPNetwork ServiceRange { get; init; } = new(IPAddress.Parse("10.209.0.0"), 16);

    /// <summary>The address of Services that every pod's resolver names: for <c>kube-system/kube-dns</c> alone, even while there is none; null reserves nothing.</summary>
    public IPAddress? DnsAddress { get; init; }

    /// <summary>The node ports of Services.</summary>
    public (int First, int Last) NodePorts { get; init; } = (30000, 32767);

    /// <summary>The address under which pods reach this server behind its Service; null takes the machine's own.</summary>
    public IPAddress? AdvertiseAddress { get; init; }

    /// <summary>Groups that do not exist until <see cref="ApiServerComponent.Serve"/> says so, such as <c>metrics.k8s.io</c>.</summary>
    public IReadOnlyList<string> Withheld { get; init; } = [];

    /// <summary>How long an older state can still be listed.</summary>
    public TimeSpan HistoryKept { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long an Event is kept.</summary>
    public TimeSpan EventLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The audit log; null for none.</summary>
    public AuditLogOptions? Audit { get; init; }

    /// <summary>What one client may take of the server's time and memory.</summary>
    internal Http.RequestLimits Limits { get; init; } = new();

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
