namespace Sealos.OsServices.Users;

/// <summary>Labels, annotations and finalizers of users and workspaces; the names are Sealos's.</summary>
public static class UserKeys
{
    /// <summary>Label and annotation of User and Namespace: who owns it. What bears the label is a tenant's.</summary>
    public const string Owner = "user.sealos.io/owner";

    /// <summary>Annotation: who made it.</summary>
    public const string Creator = "user.sealos.io/creator";

    /// <summary>Annotation: what people read.</summary>
    public const string DisplayName = "user.sealos.io/display-name";

    /// <summary>Label of User: <see cref="StatusDeleted"/> or <see cref="StatusLocked"/>.</summary>
    public const string Status = "user.sealos.io/status";

    /// <summary>The user is to be deleted: a DeleteRequest may do it.</summary>
    public const string StatusDeleted = "Deleted";

    /// <summary>The user may not sign in, and has no credential that holds.</summary>
    public const string StatusLocked = "Locked";

    /// <summary>Label of User: <see cref="TypeGroup"/> makes it a team's workspace.</summary>
    public const string Type = "user.sealos.io/type";

    /// <summary>A team's workspace.</summary>
    public const string TypeGroup = "Group";

    /// <summary>Annotation of Namespace: its own name.</summary>
    public const string NamespaceName = "sealos.io/namespace";

    /// <summary>Annotation of Namespace, written by money: <c>Normal</c>, <c>Suspend</c>, <c>SuspendCompleted</c>, <c>Resume</c> and on.</summary>
    public const string DebtStatus = "debt.sealos/status";

    /// <summary>Label of Operationrequest and DeleteRequest: whose it is, if it is a tenant's. Written by admission.</summary>
    public const string Requester = "user.sealos.io/requester";

    /// <summary>Finalizer of User.</summary>
    public const string Finalizer = "sealos.io/user.finalizers";

    /// <summary>Annotation of Namespace: what the workspace may take instead of what all may, as a JSON object of quantities.</summary>
    public const string Quota = "user.sealos.io/quota";

    /// <summary>Annotation of Namespace: by how much its quota has grown by itself, and when.</summary>
    public const string QuotaExpanded = "user.sealos.io/quota-expanded";

    /// <summary>Annotation of Namespace, written by operators: the level of Pod Security of this workspace, instead of what all have.</summary>
    public const string PodSecurity = "user.sealos.io/pod-security";

    /// <summary>Annotation of Namespace, written by operators: the runtime class of this workspace's pods, instead of what all have.</summary>
    public const string RuntimeClass = "user.sealos.io/runtime-class";

    /// <summary>Annotation of Namespace: it was made while strangers could sign up, or its owner's was; what keeps strangers apart stays.</summary>
    public const string AmongStrangers = "user.sealos.io/among-strangers";

    /// <summary>Annotation of Namespace: why an operator has suspended the workspace; its members read it.</summary>
    public const string SuspendReason = "user.sealos.io/suspend-reason";

    /// <summary>Annotation of User: why an operator has locked them.</summary>
    public const string LockReason = "user.sealos.io/lock-reason";

    /// <summary>Annotation of a credential: the UID of whom it lets in, as a name may be somebody else's later.</summary>
    internal const string UserUid = "user.sealos.io/user-uid";

    /// <summary>Annotation of User, beside the status <see cref="StatusDeleted"/>: when they asked for the end of their own account.</summary>
    public const string Leaving = "user.sealos.io/leaving";

    /// <summary>Annotation of User, beside <see cref="Leaving"/>: whom what they have is passed to before, by name and UID.</summary>
    public const string MergedInto = "user.sealos.io/merged-into";

    /// <summary>Annotation of User, while somebody signs up: the invitation they bring, or nothing.</summary>
    public const string SigningUp = "user.sealos.io/signing-up";

    /// <summary>Annotation of User: where they are written to.</summary>
    public const string Email = "user.sealos.io/email";
}
