using Sealos.OsServices.Users.Walls;

namespace Sealos.OsServices.Users;

/// <summary>How users and their workspaces are made.</summary>
public sealed record UsersOptions
{
    /// <summary>The API server's address as it stands in users' kubeconfigs.</summary>
    public required Uri Server { get; init; }

    /// <summary>PEM of the authority that signed the server's certificate; null where the system's authorities do.</summary>
    public string? CertificateAuthorityPem { get; init; }

    /// <summary>Whether the cloud is one person's: those who have a workspace keep it, and nobody else gets one.</summary>
    public bool IsSingleUser { get; init; }

    /// <summary>What keeps workspaces apart.</summary>
    public WallOptions Walls { get; init; } = new();
}
