namespace Sealos.Desktop.Shell;

/// <summary>Which applications a desktop has now. They come and go while pages are open.</summary>
public sealed class DesktopAppSet
{
    private readonly Lock _lock = new();
    private volatile IReadOnlyList<DesktopApp> _all;

    private DesktopAppSet(IReadOnlyList<DesktopApp> apps) => _all = apps;

    /// <summary>A set with every application there is.</summary>
    public static DesktopAppSet Full() => new(DesktopApps.All);

    /// <summary>A set with those alone that are part of every desktop.</summary>
    public static DesktopAppSet Empty() => new([.. DesktopApps.All.Where(a => a.IsBuiltIn)]);

    /// <summary>Raised when one has come or gone.</summary>
    internal event Action? Changed;

    /// <summary>Those there are, in the order of the desktop's icons.</summary>
    internal IReadOnlyList<DesktopApp> All => _all;

    /// <summary>Adds the application with that id.</summary>
    public void Add(string id) => Set(a => a.Id == id || _all.Contains(a));

    /// <summary>Takes away the application with that id.</summary>
    public void Remove(string id) => Set(a => a.Id != id && _all.Contains(a));

    internal DesktopApp? Find(string id) => _all.FirstOrDefault(a => a.Id == id);

    private void Set(Func<DesktopApp, bool> isThere)
    {
        lock (_lock)
        {
            _all = [.. DesktopApps.All.Where(isThere)];
        }

        Changed?.Invoke();
    }
}
