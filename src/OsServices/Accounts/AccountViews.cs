using Sealos.OsServices.Workspaces;

namespace Sealos.OsServices.Accounts;

/// <summary>What goes with an account, and what keeps it from going.</summary>
/// <param name="User">Whose it is.</param>
/// <param name="Contents">How much of each kind is in the private workspace.</param>
/// <param name="Owned">Teams that must be handed over or deleted first.</param>
/// <param name="Teams">Teams that are left, and go on.</param>
/// <param name="Obstacle">Why the account cannot be deleted at present, or nothing.</param>
public sealed record AccountHoldings(string User, IReadOnlyList<ContentView> Contents, IReadOnlyList<WorkspaceView> Owned, IReadOnlyList<WorkspaceView> Teams, string? Obstacle);

/// <summary>Asks for the end of one's own account; the name is typed as the confirmation.</summary>
public sealed record AccountDeletion(string? Name);

/// <summary>Asks for the end of another account of one's own, once what it has is passed to this one.</summary>
/// <param name="Token">The token of a session of the other account, which was opened or confirmed in the last 15 minutes.</param>
/// <param name="DeleteWorkspace">Whether the other's private workspace is deleted with all that is in it; otherwise it must be empty.</param>
public sealed record AccountMergeRequest(string? Token, bool DeleteWorkspace = false);

/// <summary>Which account has become part of which.</summary>
public sealed record AccountMerged(string From, string Into);
