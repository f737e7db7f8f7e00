using Sealos.ControllerKit.Caching;
using Sealos.Kinds.Rbac;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.Workspaces;

/// <summary>Who is what in one workspace, live over a watch.</summary>
public sealed class MemberFeed
{
    private readonly InformerFactory _informers;
    private readonly Informer<RoleBinding> _bindings;

    /// <summary>Follows a workspace with informers that look at its namespace alone; the caller starts and disposes them.</summary>
    public MemberFeed(InformerFactory informers)
    {
        _informers = informers;
        _bindings = informers.For<RoleBinding>(labelSelector: UserKeys.Owner);
        _bindings.OnChange((_, _) => Changed?.Invoke());
    }

    /// <summary>Raised, on the watch's own thread, when somebody has come, gone or got another role.</summary>
    public event Action? Changed;

    /// <summary>Everybody with their role, the owner first.</summary>
    public IReadOnlyList<(string User, string Role)> Members =>
        [.. _bindings.List().Select(b => (User: b.Metadata.Labels![UserKeys.Owner], Binding: b)).Select(m => (m.User, Role: WorkspaceReader.RoleIn(m.Binding, m.User)!))
            .Where(m => m.Role is not null).OrderByDescending(m => UserRoles.Rank(m.Role)).ThenBy(m => m.User, StringComparer.Ordinal)];

    /// <summary>Somebody's role, or null.</summary>
    public string? RoleOf(string user) => _bindings.List().Where(b => b.Metadata.Labels?.GetValueOrDefault(UserKeys.Owner) == user).Select(b => WorkspaceReader.RoleIn(b, user)).FirstOrDefault(r => r is not null);

    /// <summary>Completes when everybody has been taken in.</summary>
    public Task WaitForSyncAsync(CancellationToken ct) => _informers.WaitForSyncAsync(ct);
}
