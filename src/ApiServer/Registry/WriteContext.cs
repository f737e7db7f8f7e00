using Sealos.ApiServer.Authentication;

namespace Sealos.ApiServer.Registry;

/// <summary>Who writes, how, and what they are to be told besides the answer.</summary>
internal sealed class WriteContext(UserInfo user)
{
    /// <summary>The API server itself.</summary>
    public static UserInfo System { get; } = new("system:apiserver", null, [UserInfo.MastersGroup, UserInfo.AuthenticatedGroup], UserInfo.NoExtra);

    public UserInfo User => user;

    /// <summary>Everything is done but the writing.</summary>
    public bool DryRun { get; init; }

    /// <summary>The subresource that is written, or null.</summary>
    public string? Subresource { get; init; }

    /// <summary>What admission has to say to whoever reads the audit log.</summary>
    public Dictionary<string, string> AuditAnnotations { get; } = new(StringComparer.Ordinal);

    /// <summary>Texts for Warning headers.</summary>
    public List<string> Warnings { get; } = [];
}
