namespace Sealos.OsServices.Workspaces;

/// <summary>How much of workspaces there may be, and for how long.</summary>
public sealed record WorkspaceOptions
{
    /// <summary>Whether the cloud is one person's: there are no new teams and no invitations.</summary>
    public bool IsSingleUser { get; init; }

    /// <summary>Teams that one person owns.</summary>
    public int MaxTeams { get; init; } = 50;

    /// <summary>Members of one workspace.</summary>
    public int MaxMembers { get; init; } = 50;

    /// <summary>Invitations to one workspace that wait for an answer.</summary>
    public int MaxInvitations { get; init; } = 50;

    /// <summary>Personal tokens of one person.</summary>
    public int MaxTokens { get; init; } = 50;

    /// <summary>For how long an answer waits until what was asked for is done.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The same for the end of a workspace, whose apps get their time to stop.</summary>
    public TimeSpan DeletionPatience { get; init; } = TimeSpan.FromSeconds(80);

    /// <summary>For how long an invitation holds that says nothing of it.</summary>
    public TimeSpan InvitationLifetime { get; init; } = TimeSpan.FromDays(7);

    /// <summary>For how long an invitation may hold.</summary>
    public TimeSpan MaxInvitationLifetime { get; init; } = TimeSpan.FromDays(30);

    /// <summary>For how long a personal token holds that says nothing of it.</summary>
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromDays(30);

    /// <summary>For how long a personal token may hold.</summary>
    public TimeSpan MaxTokenLifetime { get; init; } = TimeSpan.FromDays(365);
}
