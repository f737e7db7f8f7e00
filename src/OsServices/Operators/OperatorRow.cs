using Sealos.Kinds.Core;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.Operators;

/// <summary>What an operator searches and sorts by, of one user or team.</summary>
internal sealed class OperatorRow(string name)
{
    public string Name { get; } = name;

    public bool IsHere { get; private set; }

    public bool IsTeam { get; private set; }

    public string DisplayName { get; private set; } = name;

    public string? Email { get; private set; }

    public string Owner { get; private set; } = name;

    /// <summary><c>ready</c>, <c>preparing</c>, <c>locked</c> or <c>deleting</c>.</summary>
    public string State { get; private set; } = "preparing";

    /// <summary>Why the user is locked.</summary>
    public string? Reason { get; private set; }

    public DateTimeOffset Created { get; private set; }

    /// <summary>Why the workspace is suspended.</summary>
    public string? SuspendReason { get; private set; }

    /// <summary>In how many workspaces the user is.</summary>
    public int Roles { get; private set; }

    /// <summary>How many are in the workspace.</summary>
    public int Members { get; private set; }

    public bool IsEmpty => !IsHere && Roles == 0 && Members == 0 && Debt is null;

    /// <summary>The workspace's: <c>suspended</c>, <c>suspending</c> and <c>resuming</c> besides what its user is.</summary>
    public string WorkspaceState => State switch
    {
        "deleting" or "preparing" => State,
        _ => WorkspaceSuspension.StateOf(Debt) ?? "ready",
    };

    private string? Debt { get; set; }

    public void Take(User user)
    {
        var notes = user.Metadata.Annotations;
        IsTeam = user.IsTeam();
        DisplayName = notes?.GetValueOrDefault(UserKeys.DisplayName) is { Length: > 0 } shown ? shown : Name;
        Email = notes?.GetValueOrDefault(UserKeys.Email);
        Owner = user.OwnerOf() ?? Name;
        State = user.Metadata.DeletionTimestamp is not null ? "deleting" : user.IsLocked() ? "locked" : user.Status?.Phase == "Active" ? "ready" : "preparing";
        Reason = user.IsLocked() ? notes?.GetValueOrDefault(UserKeys.LockReason) : null;
        Created = user.Metadata.CreationTimestamp ?? default;
        IsHere = true;
    }

    public void Leave() => IsHere = false;

    public void Take(Namespace? ns)
    {
        Debt = ns?.Metadata.Annotations?.GetValueOrDefault(UserKeys.DebtStatus);
        SuspendReason = ns?.Metadata.Annotations?.GetValueOrDefault(UserKeys.SuspendReason);
    }

    public void Count(int roles, int members)
    {
        Roles += roles;
        Members += members;
    }

    /// <summary>Whether a text stands in what people call it by.</summary>
    public bool Holds(string text) => Holds(Name, text) || Holds(DisplayName, text) || Holds(Email, text) || Holds(Owner, text);

    private static bool Holds(string? value, string text) => value?.Contains(text, StringComparison.OrdinalIgnoreCase) == true;
}
