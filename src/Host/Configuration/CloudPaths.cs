namespace Sealos.Host.Configuration;

/// <summary>Where everything of one cloud lies, derived from its options.</summary>
public sealed class CloudPaths(CloudOptions options)
{
    /// <summary>The database of the API server.</summary>
    public string Store => Path.Combine(options.DataFolder, "store", "kernel.db");

    /// <summary>Certificates and keys; readable by root alone.</summary>
    public string Certificates => Path.Combine(options.DataFolder, "pki");

    /// <summary>What the edge may read: its kubeconfig and the wildcard certificate.</summary>
    public string EdgeFolder => Path.Combine(options.DataFolder, "edge");

    /// <summary>Programs as installed by <c>up</c>, one folder a build.</summary>
    public string Programs => Path.Combine(options.DataFolder, "program");

    /// <summary>The operator's kubeconfig, mode 0600.</summary>
    public string AdminKubeConfig => Path.Combine(Certificates, "admin.kubeconfig");

    /// <summary>The certificate of the apps' authority, for everybody to read and trust.</summary>
    public string AppsAuthority => Path.Combine(options.DataFolder, "apps-ca.crt");

    /// <summary>The edge's kubeconfig, readable by the edge's user.</summary>
    public string EdgeKubeConfig => Path.Combine(EdgeFolder, "kubeconfig");

    /// <summary>Pid of the server.</summary>
    public string ServerPid => Path.Combine(options.RunFolder, "server.pid");

    /// <summary>Pid of the edge.</summary>
    public string EdgePid => Path.Combine(options.RunFolder, "edge.pid");

    /// <summary>What the server's components are doing.</summary>
    public string ServerStatus => Path.Combine(options.RunFolder, "server.status.json");

    /// <summary>What the edge's components are doing; in a folder the edge's user may write.</summary>
    public string EdgeStatus => Path.Combine(options.RunFolder, "edge", "edge.status.json");

    /// <summary>Where the services' own API listens; only the edge's user may connect.</summary>
    public string ServicesSocket => Path.Combine(options.RunFolder, "services", "api.sock");

    /// <summary>Where the desktop listens for the gateway.</summary>
    public string DesktopSocket => Path.Combine(options.RunFolder, "edge", "desktop.sock");

    /// <summary>Keys that seal the desktop's cookies.</summary>
    public string DesktopKeys => Path.Combine(EdgeFolder, "cookie-keys");

    /// <summary>The server's log.</summary>
    public string ServerLog => Path.Combine(options.LogFolder, "server.log");

    /// <summary>Who changed what through the API.</summary>
    public string AuditLog => Path.Combine(options.LogFolder, "audit.log");

    /// <summary>The operator's own rules about what is written there; need not be.</summary>
    public string AuditPolicy => Path.Combine(options.DataFolder, "audit-policy.yaml");

    /// <summary>The edge's log.</summary>
    public string EdgeLog => Path.Combine(options.LogFolder, "edge.log");
}
