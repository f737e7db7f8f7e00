using Sealos.Kinds;
using Sealos.Kinds.Meta;
using Sealos.Objects.Meta;

namespace Sealos.OsServices.Users;

/// <summary>A person, or, with the label <see cref="UserKeys.Type"/>, a team's workspace. Its name is the id; its workspace is <c>ns-NAME</c>.</summary>
public sealed class User : IKubeObject<User>
{
    /// <inheritdoc/>
    public static KubeKind KubeKind { get; } = new("user.sealos.io", "v1", "User", "users", false);

    /// <inheritdoc/>
    public string? ApiVersion { get; set; }

    /// <inheritdoc/>
    public string? Kind { get; set; }

    /// <inheritdoc/>
    public ObjectMeta Metadata { get; set; } = new();

    /// <summary>What is wanted.</summary>
    public UserSpec? Spec { get; set; }

    /// <summary>What is.</summary>
    public UserStatus? Status { get; set; }
}

/// <summary>What is wanted of a user.</summary>
public sealed class UserSpec
{
    /// <summary>For how long the token of the user's kubeconfig is to hold, in seconds.</summary>
    public int? CsrExpirationSeconds { get; set; }

    /// <summary>A new value makes a new kubeconfig, and ends the old one.</summary>
    public DateTimeOffset? KubeConfigRotateAt { get; set; }
}

/// <summary>How far a user is.</summary>
public sealed class UserStatus
{
    /// <summary><c>Pending</c>, <c>Unknown</c> or <c>Active</c>.</summary>
    public string? Phase { get; set; }

    /// <summary>The user's kubeconfig without its credential, which is kept in a Secret of <c>user-system</c>.</summary>
    public string? KubeConfig { get; set; }

    /// <summary>The lifetime that the present kubeconfig was made with.</summary>
    public int? ObservedCSRExpirationSeconds { get; set; }

    /// <summary>The rotation that the present kubeconfig answers.</summary>
    public DateTimeOffset? ObservedKubeConfigRotateAt { get; set; }

    /// <summary>The generation the status speaks of.</summary>
    public long? ObservedGeneration { get; set; }

    /// <summary>One a step; <c>Ready</c> sums them up.</summary>
    public List<UserCondition>? Conditions { get; set; }
}

/// <summary>How a step of making a user ended.</summary>
public sealed class UserCondition
{
    /// <summary>The step, such as <c>NamespaceSyncReady</c>.</summary>
    public string Type { get; set; } = "";

    /// <summary><c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
    public string Status { get; set; } = "";

    /// <summary>When it was last looked at.</summary>
    public DateTimeOffset? LastHeartbeatTime { get; set; }

    /// <summary>When the status last changed.</summary>
    public DateTimeOffset? LastTransitionTime { get; set; }

    /// <summary>Why, in one word.</summary>
    public string? Reason { get; set; }

    /// <summary>Why, in a sentence.</summary>
    public string? Message { get; set; }
}

/// <summary>Asks for a change of somebody's role in a workspace. Only those in <c>user-system</c> are carried out, each once.</summary>
public sealed class Operationrequest : IKubeObject<Operationrequest>
{
    /// <inheritdoc/>
    public static KubeKind KubeKind { get; } = new("user.sealos.io", "v1", "Operationrequest", "operationrequests", true);

    /// <inheritdoc/>
    public string? ApiVersion { get; set; }

    /// <inheritdoc/>
    public string? Kind { get; set; }

    /// <inheritdoc/>
    public ObjectMeta Metadata { get; set; } = new();

    /// <summary>What is asked for; never changes.</summary>
    public OperationrequestSpec? Spec { get; set; }

    /// <summary>How far it is.</summary>
    public RequestStatus? Status { get; set; }
}

/// <summary>A change of a role.</summary>
public sealed class OperationrequestSpec
{
    /// <summary>The workspace's namespace.</summary>
    public string Namespace { get; set; } = "";

    /// <summary>Whose role it is.</summary>
    public string User { get; set; } = "";

    /// <summary><c>Owner</c>, <c>Manager</c> or <c>Developer</c>.</summary>
    public string Role { get; set; } = "";

    /// <summary><c>Grant</c>, <c>Update</c> or <c>Deprive</c>.</summary>
    public string Action { get; set; } = "";
}

/// <summary>Asks for the end of a user or of a team's workspace.</summary>
public sealed class DeleteRequest : IKubeObject<DeleteRequest>
{
    /// <inheritdoc/>
    public static KubeKind KubeKind { get; } = new("user.sealos.io", "v1", "DeleteRequest", "deleterequests", false);

    /// <inheritdoc/>
    public string? ApiVersion { get; set; }

    /// <inheritdoc/>
    public string? Kind { get; set; }

    /// <inheritdoc/>
    public ObjectMeta Metadata { get; set; } = new();

    /// <summary>What is asked for; never changes.</summary>
    public DeleteRequestSpec? Spec { get; set; }

    /// <summary>How far it is.</summary>
    public RequestStatus? Status { get; set; }
}

/// <summary>Whose end is asked for.</summary>
public sealed class DeleteRequestSpec
{
    /// <summary>The name of the User object.</summary>
    public string User { get; set; } = "";
}

/// <summary>How far a request is.</summary>
public sealed class RequestStatus
{
    /// <summary><c>Pending</c>, <c>Processing</c>, <c>Completed</c> or <c>Failed</c>.</summary>
    public string? Phase { get; set; }

    /// <summary>Why it failed.</summary>
    public string? Message { get; set; }
}

/// <summary>Invites somebody into a workspace: a user by name, or whoever first brings the code of a link. Lives in <c>user-system</c>.</summary>
public sealed class Invitation : IKubeObject<Invitation>
{
    /// <inheritdoc/>
    public static KubeKind KubeKind { get; } = new("user.sealos.io", "v1", "Invitation", "invitations", true);

    /// <inheritdoc/>
    public string? ApiVersion { get; set; }

    /// <inheritdoc/>
    public string? Kind { get; set; }

    /// <inheritdoc/>
    public ObjectMeta Metadata { get; set; } = new();

    /// <summary>Who is invited, and to what.</summary>
    public InvitationSpec? Spec { get; set; }

    /// <summary>How far it is.</summary>
    public InvitationStatus? Status { get; set; }
}

/// <summary>Who is invited, and to what.</summary>
public sealed class InvitationSpec
{
    /// <summary>The workspace's namespace; none where the invitation is one to sign up.</summary>
    public string? Namespace { get; set; }

    /// <summary><c>Manager</c> or <c>Developer</c>.</summary>
    public string? Role { get; set; }

    /// <summary>Who invites; whether they still may is looked at when it is accepted.</summary>
    public string InvitedBy { get; set; } = "";

    /// <summary>The user who is invited by name.</summary>
    public string? User { get; set; }

    /// <summary>That user's UID: whoever takes the name later is somebody else.</summary>
    public string? UserUid { get; set; }

    /// <summary>SHA-256 of the link's code, in hex; the code itself is shown once and kept nowhere.</summary>
    public string? CodeHash { get; set; }

    /// <summary>When it ends by itself.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }
}

/// <summary>How far an invitation is.</summary>
public sealed class InvitationStatus
{
    internal const string Pending = "Pending";
    internal const string Accepted = "Accepted";
    internal const string Declined = "Declined";

    /// <summary><c>Pending</c>, <c>Accepted</c>, <c>Declined</c> or <c>Expired</c>.</summary>
    public string? Phase { get; set; }

    /// <summary>Who took it.</summary>
    public string? AcceptedBy { get; set; }

    /// <summary>When.</summary>
    public DateTimeOffset? AcceptedAt { get; set; }
}
