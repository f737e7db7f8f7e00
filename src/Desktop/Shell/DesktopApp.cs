using Sealos.Desktop.Apps.Launchpad;

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
public sealed record DesktopApp(string Id, string Name, string Icon, string About, Type View, Func<string, IReadOnlyList<Crumb>> Crumbs);

/// <summary>Every application there is, in the order of the desktop's icons.</summary>
internal static class DesktopApps
{
    public static IReadOnlyList<DesktopApp> All { get; } =
    [
        new(LaunchpadComponent.Id, "App Launchpad", "rocket", "Run an app from an image", typeof(LaunchpadView), path => LaunchpadRoute.Parse(path).Crumbs),
    ];
}
