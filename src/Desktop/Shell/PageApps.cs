namespace Sealos.Desktop.Shell;

/// <summary>The applications that the person of one page has: those of the desktop that are for them.</summary>
internal sealed class PageApps(DesktopAppSet apps)
{
    /// <summary>Raised when one has come or gone.</summary>
    public event Action? Changed
    {
        add => apps.Changed += value;
        remove => apps.Changed -= value;
    }

    /// <summary>Whether the person runs the cloud.</summary>
    public bool IsForOperator { get; set; }

    /// <summary>Those there are, in the order of the desktop's icons.</summary>
    public IReadOnlyList<DesktopApp> All => IsForOperator ? apps.All : [.. apps.All.Where(a => a.Audience == Audience.Everybody)];

    /// <summary>The one with that id, or null.</summary>
    public DesktopApp? Find(string id) => All.FirstOrDefault(a => a.Id == id);
}
