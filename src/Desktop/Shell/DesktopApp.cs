using Sealos.Desktop.Apps.Account;
using Sealos.Desktop.Apps.Launchpad;
using Sealos.Desktop.Apps.Users;
using Sealos.Desktop.Apps.Workspaces;

namespace Sealos.Desktop.Shell;

/// <summary>A step of a window's title: what it says and where it leads within the window.</summary>
public sealed record Crumb(string Text, string Path);

/// <summary>An application of the desktop.</summary>
/// <param name="Id">First segment of its addresses.</param>
/// <param name="Name">As the desktop shows it.</param>
/// <param name="Icon">Its glyph.</param>
/// <param name="About">What it is for, in a few words.</param>
/// <param name="View">The component that fills its window; it gets the window as a cascading value.</param>
/// <param name="Crumbs">The titles of a path within it.</param>
public sealed record DesktopApp(string Id, string Name, string Icon, string About, Type View, Func<string, IReadOnlyList<Crumb>> Crumbs)
{
    /// <summary>For whom it is.</summary>
    public Audience Audience { get; init; } = Audience.Everybody;

    /// <summary>Whether it is part of every desktop, whatever services run.</summary>
    public bool IsBuiltIn { get; init; }

    /// <summary>Whether what it shows is of the workspace that is shown.</summary>
    public bool IsOfWorkspace { get; init; }
}

/// <summary>For whom an application is. What its views may do the API decides, by the person's own credential.</summary>
public enum Audience
{
    /// <summary>Whoever is signed in.</summary>
    Everybody,

    /// <summary>Those who run the cloud.</summary>
    Operators,
}

/// <summary>Every application there is, in the order of the desktop's icons.</summary>
internal static class DesktopApps
{
    public static IReadOnlyList<DesktopApp> All { get; } =
    [
        new(LaunchpadComponent.Id, "App Launchpad", "rocket", "Run an app from an image", typeof(LaunchpadView), path => LaunchpadRoute.Parse(path).Crumbs) { IsOfWorkspace = true },
        new(WorkspaceRoute.Id, "Workspace", "users", "Members, invitations and quota", typeof(WorkspaceHome), path => WorkspaceRoute.Parse(path).Crumbs) { IsBuiltIn = true, IsOfWorkspace = true },
        new(AccountRoute.Id, "Account", "circle-user", "Your password, sessions and tokens", typeof(AccountHome), path => AccountRoute.Parse(path).Crumbs) { IsBuiltIn = true },
        new(UsersRoute.Id, "Users", "shield", "Everybody who may use the cloud", typeof(UsersHome), path => UsersRoute.Parse(path).Crumbs) { IsBuiltIn = true, Audience = Audience.Operators },
    ];
}
