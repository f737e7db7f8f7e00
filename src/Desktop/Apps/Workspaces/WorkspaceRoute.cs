using Sealos.Desktop.Shell;

namespace Sealos.Desktop.Apps.Workspaces;

/// <summary>Which tab the workspace's window shows. Read from the window's path.</summary>
internal sealed record WorkspaceRoute(string Tab)
{
    public const string Id = "workspace";
    public const string Members = "members";
    public const string Quota = "quota";
    public const string Settings = "settings";

    public static IReadOnlyList<(string Id, string Name)> Tabs { get; } = [(Members, "Members"), (Quota, "Use"), (Settings, "Settings")];

    /// <summary>The titles behind the application's own.</summary>
    public IReadOnlyList<Crumb> Crumbs => Tab == Members ? [] : [new Crumb(Tabs.First(t => t.Id == Tab).Name, Tab)];

    public static WorkspaceRoute Parse(string path) => new(Tabs.Any(t => t.Id == path) ? path : Members);

    /// <summary>The address of a tab.</summary>
    public static string AddressOf(string tab) => tab == Members ? $"/{Id}" : $"/{Id}/{tab}";
}
