using Sealos.OsServices.Users;

namespace Sealos.OsServices.Admission;

/// <summary>What rules ask about the world.</summary>
internal interface IAdmissionFacts
{
    /// <summary>The word of money about a workspace, or null.</summary>
    string? DebtStatusOf(string workspace);

    /// <summary>Why an operator has suspended a workspace; null when none has.</summary>
    string? SuspensionReasonOf(string workspace);

    /// <summary>A user's role in a workspace, or null.</summary>
    Task<string?> RoleOfAsync(string user, string workspace, CancellationToken ct);

    /// <summary>A User, or null.</summary>
    Task<User?> FindUserAsync(string name, CancellationToken ct);

    /// <summary>Whether a namespace is there, whoever's it is.</summary>
    Task<bool> HasNamespaceAsync(string name, CancellationToken ct);

    /// <summary>Whether a user may have one more team; it counts from now on, before it is stored.</summary>
    Task<bool> TryAddTeamAsync(string user, string team, int most, CancellationToken ct);

    /// <summary>How many requests of a user there are, done or not, that have not been forgotten yet.</summary>
    Task<int> CountRequestsAsync(string user, CancellationToken ct);

    /// <summary>The namespace whose claim a persistent volume was or is bound to; null when there is no such volume or claim.</summary>
    Task<string?> ClaimantOfVolumeAsync(string volume, CancellationToken ct);
}
