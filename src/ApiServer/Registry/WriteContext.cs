using Sealos.ApiServer.Authentication;

namespace Sealos.ApiServer.Registry;

/// <summary>Who writes, how, and what they are to be told besides the answer.</summary>
internal sealed class WriteContext(UserInfo user)
{
    /// <summary>The API server itself.</summary>
    public static UserInfo System { get; } = new("system:apiserver", null, [UserInfo.MastersGroup, UserInfo.AuthenticatedGroup], UserInfo.NoExtra);

    /// <summary>In whose name the API server itself owns fields.</summary>
    public const string SystemManager = "kube-apiserver";

    public UserInfo User => user;

    /// <summary>Everything is done but the writing.</summary>
    public bool DryRun { get; init; }

    /// <summary>Set where the server cleans up after itself, which no webhook is asked about: whoever ran it may be gone already.</summary>
    public bool SkipsWebhooks { get; init; }

    /// <summary>Set for the server's own writes on the way of a request that admission has judged.</summary>
    public bool SkipsAdmission { get; init; }

    /// <summary>The subresource that is written, or null.</summary>
    public string? Subresource { get; init; }

    /// <summary>What admission has to say to whoever reads the audit log.</summary>
    public Dictionary<string, string> AuditAnnotations { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Whether the audit log writes down what is sent, too.</summary>
    public bool NotesContent { get; init; }

    /// <summary>The subresource through which fields are owned, where the write itself is one of the main resource.</summary>
    public string? OwnedThrough { get; init; }

    /// <summary>In whose name fields are owned; null for writes that keep no account, such as the server's own of parts of an object.</summary>
    public string? Manager { get; init; }

    /// <summary>The accounts after an apply, which has done its own.</summary>
    public OwnedFields? Applied { get; set; }

    /// <summary>Texts for Warning headers.</summary>
    public List<string> Warnings { get; } = [];
}
