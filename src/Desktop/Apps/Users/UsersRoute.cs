using Sealos.Desktop.Shell;

namespace Sealos.Desktop.Apps.Users;

/// <summary>Where the operator's window is: the list, or one user or team. Read from the window's path.</summary>
internal sealed record UsersRoute(string? User)
{
    public const string Id = "users";

    /// <summary>The titles behind the application's own.</summary>
    public IReadOnlyList<Crumb> Crumbs => User is null ? [] : [new Crumb(User, PathOf(User))];

    public static UsersRoute Parse(string path) => path.Split('/') is ["of", { Length: > 0 } user] ? new UsersRoute(user) : new UsersRoute((string?)null);

    /// <summary>The path of a user or team within the window.</summary>
    public static string PathOf(string user) => $"of/{user}";
}
