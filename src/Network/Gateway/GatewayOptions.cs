using System.Net;

namespace Sealos.Network.Gateway;

/// <summary>How the ingress gateway runs; every value has a default but the domain.</summary>
public sealed record GatewayOptions
{
    /// <summary>The cloud's own domain; its apex belongs to the console and never to a tenant.</summary>
    public required string Domain { get; init; }

    /// <summary>Where plain HTTP is answered, mostly with redirects.</summary>
    public IPEndPoint Http { get; init; } = new(IPAddress.Any, 80);

    /// <summary>Where HTTPS is answered.</summary>
    public IPEndPoint Https { get; init; } = new(IPAddress.Any, 443);

    /// <summary>The HTTPS port that clients see, written into redirects; null means the bound port.</summary>
    public int? PublicHttpsPort { get; init; }

    /// <summary>PEM file of the certificate for the domain and <c>*.domain</c>; read again when it changes.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>PEM file of that certificate's key.</summary>
    public string? CertificateKeyFile { get; init; }

    /// <summary>PEM file of the local certificate authority.</summary>
    public string? CaCertificateFile { get; init; }

    /// <summary>PEM file of the authority's key; where it cannot be read, custom hosts get the wildcard certificate.</summary>
    public string? CaKeyFile { get; init; }

    /// <summary>A fixed backend for the apex of the domain: an <see cref="IPEndPoint"/> or a Unix socket.</summary>
    public EndPoint? Console { get; init; }

    /// <summary>A fixed backend for what lies under <c>/api/v1</c> at the apex of the domain.</summary>
    public EndPoint? Services { get; init; }

    /// <summary>Where <c>/metrics</c> is served: a Unix socket or a loopback port; null means nowhere.</summary>
    public EndPoint? Metrics { get; init; }

    /// <summary>The address written into the status of each served ingress; null means status is not written.</summary>
    public IPAddress? PublishAddress { get; init; }

    /// <summary>Controller name that makes an IngressClass ours.</summary>
    public string ControllerName { get; init; } = "sealos.io/gateway";

    /// <summary>Class names served although no IngressClass object has that name.</summary>
    public IReadOnlyList<string> ClassNames { get; init; } = ["sealos", "nginx", "higress"];

    /// <summary>Whether an ingress that names no class is served.</summary>
    public bool ServeUnclassified { get; init; } = true;

    /// <summary>Class names that pause an app: its hosts stay its own and answer that it is paused.</summary>
    public IReadOnlyList<string> PausedClassNames { get; init; } = ["pause", "disable"];

    /// <summary>Namespaces that begin so belong to tenants, who get neither the apex nor catch-all hosts.</summary>
    public string TenantPrefix { get; init; } = "ns-";

    /// <summary>Hosts besides the apex that no tenant gets.</summary>
    public IReadOnlyList<string> ReservedHosts { get; init; } = [];

    /// <summary>Ranges in which an app's instances may live; endpoints elsewhere are never connected to.</summary>
    public IReadOnlyList<IPNetwork> BackendRanges { get; init; } = [IPNetwork.Parse("10.208.0.0/16")];

    /// <summary>Answers an ACME HTTP challenge from host and token; null lets the app answer it.</summary>
    public Func<string, string, string?>? ChallengeAnswer { get; init; }

    /// <summary>Bounds on connections, headers and time.</summary>
    public GatewayLimits Limits { get; init; } = new();
}
