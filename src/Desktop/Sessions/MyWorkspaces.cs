using Sealos.OsServices.Workspaces;

namespace Sealos.Desktop.Sessions;

/// <summary>Who the person of a page is, the workspaces they are in, and their invitations, as last asked.</summary>
internal sealed class MyWorkspaces(DesktopSession session, PersonalServices services)
{
    public event Action? Changed;

    public IReadOnlyList<WorkspaceView> All { get; private set; } = [];

    public IReadOnlyList<InvitationView> Invitations { get; private set; } = [];

    /// <summary>Why the lists may be old, or null.</summary>
    public Problem? Problem { get; private set; }

    public WhoAmI? Self { get; private set; }

    public bool IsOperator => Self?.IsOperator == true;

    /// <summary>What the shown workspace is, or null while that is not known.</summary>
    public WorkspaceView? Current => Find(session.WorkspaceName);

    /// <summary>The shown workspace as people call it.</summary>
    public string Title => Current?.Name ?? (session.WorkspaceName.StartsWith("ns-", StringComparison.Ordinal) ? session.WorkspaceName[3..] : session.WorkspaceName);

    /// <summary>The person's role in the shown workspace: what the watch says, which is newer than the list.</summary>
    public string Role => session.Workspace.Role ?? Current?.Role ?? "";

    public WorkspaceView? Find(string ns) => All.FirstOrDefault(w => w.Namespace == ns);

    /// <summary>Asks anew.</summary>
    public async Task RefreshAsync(CancellationToken ct)
    {
        var self = services.GetAsync<WhoAmI>("whoami", ct);
        var workspaces = services.GetAsync<ItemList<WorkspaceView>>("workspaces", ct);
        var invitations = services.GetAsync<ItemList<InvitationView>>("invitations", ct);
        await Task.WhenAll(self, workspaces, invitations).ConfigureAwait(false);
        Self = (await self.ConfigureAwait(false)).Value ?? Self;
        var list = await workspaces.ConfigureAwait(false);
        All = list.Value?.Items ?? All;
        Invitations = (await invitations.ConfigureAwait(false)).Value?.Items ?? Invitations;
        Problem = list.Problem;
        Changed?.Invoke();
    }
}
