namespace Sealos.Desktop.Apps.Workspaces;

/// <summary>What the roles are, in words, and what a person of one role is offered; whether it may be done the API decides.</summary>
internal static class RoleWords
{
    public const string Owner = "Owner";
    public const string Manager = "Manager";
    public const string Developer = "Developer";

    public static string About(string role) => role switch
    {
        Owner => "Everything, including who is in it and its end",
        Manager => "Runs apps, and lets developers in and out",
        Developer => "Looks at everything but secrets, and changes nothing",
        _ => "",
    };

    /// <summary>The roles that somebody may invite as.</summary>
    public static IReadOnlyList<string> Invitable(string role) => role switch
    {
        Owner => [Developer, Manager],
        Manager => [Developer],
        _ => [],
    };

    /// <summary>Whether somebody is offered to change another member's role.</summary>
    public static bool MayChange(string role, string other) => role == Owner && other != Owner;

    /// <summary>Whether somebody is offered to take another member out.</summary>
    public static bool MayRemove(string role, string other) => (role == Owner && other != Owner) || (role == Manager && other == Developer);
}
