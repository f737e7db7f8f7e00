using Sealos.Desktop.Shell;

namespace Sealos.Desktop.Apps.Launchpad;

/// <summary>Where the launchpad's window is: the list, the form, or a tab of one app. Read from the window's path.</summary>
internal sealed record LaunchpadRoute(bool IsForm, string? App, string Tab)
{
    public const string Form = "new";
    public const string Overview = "overview";
    public const string Logs = "logs";
    public const string Events = "events";

    private static readonly HashSet<string> Tabs = [Overview, Logs, Events];

    /// <summary>The titles behind the application's own.</summary>
    public IReadOnlyList<Crumb> Crumbs => IsForm ? [new Crumb("Launch an app", Form)] : App is not null ? [new Crumb(App, PathOf(App))] : [];

    public static LaunchpadRoute Parse(string path) => path.Split('/') switch
    {
        [Form] => new LaunchpadRoute(true, null, ""),
        ["app", { Length: > 0 } app] => new LaunchpadRoute(false, app, Overview),
        ["app", { Length: > 0 } app, var tab] when Tabs.Contains(tab) => new LaunchpadRoute(false, app, tab),
        _ => new LaunchpadRoute(false, null, ""),
    };

    /// <summary>The path of an app, or of one of its tabs, within the window.</summary>
    public static string PathOf(string app, string tab = Overview) => tab == Overview ? $"app/{app}" : $"app/{app}/{tab}";
}
