using System.Text.Json;

namespace Sealos.Desktop.Shell;

/// <summary>Where a window is that is neither snapped nor full: pixels from the desktop's top left corner.</summary>
public sealed record WindowRect(int X, int Y, int Width, int Height);

/// <summary>A window: an application at a path.</summary>
public sealed class OpenWindow(DesktopApp app, string path, WindowRect rect)
{
    /// <summary>At its own rectangle.</summary>
    public const string Normal = "normal";

    /// <summary>All of the desktop.</summary>
    public const string Full = "full";

    /// <summary>What it shows.</summary>
    public DesktopApp App { get; } = app;

    /// <summary>The view within the application, without its id; empty for its first view.</summary>
    public string Path { get; set; } = path;

    /// <summary>Where it is, or returns to.</summary>
    public WindowRect Rect { get; set; } = rect;

    /// <summary><see cref="Normal"/>, <see cref="Full"/>, or the half or quarter it is snapped to, such as <c>left</c> or <c>top-right</c>.</summary>
    public string Place { get; set; } = Normal;

    /// <summary>Whether only the dock shows it.</summary>
    public bool IsMinimized { get; set; }

    /// <summary>Higher is nearer.</summary>
    public int Layer { get; set; }

    /// <summary>The window's address.</summary>
    public string Address => Path.Length == 0 ? $"/{App.Id}" : $"/{App.Id}/{Path}";
}

/// <summary>The windows of one desktop: which are open, where, and which one is in front.</summary>
internal sealed class WindowManager(PageApps apps)
{
    private const int FirstWidth = 960;
    private const int FirstHeight = 640;
    private const int Smallest = 320;

    // As in the styles.
    private const int PhoneWidth = 720;
    private static readonly HashSet<string> Places = [OpenWindow.Normal, OpenWindow.Full, "left", "right", "top-left", "top-right", "bottom-left", "bottom-right"];

    private readonly List<OpenWindow> _windows = [];
    private int _topLayer;

    /// <summary>Raised when anything about the windows has changed.</summary>
    public event Action? Changed;

    /// <summary>Open windows in the order they were opened.</summary>
    public IReadOnlyList<OpenWindow> Windows => _windows;

    /// <summary>The window in front, or null.</summary>
    public OpenWindow? Front => _windows.Where(w => !w.IsMinimized).MaxBy(w => w.Layer);

    /// <summary>Size of the desktop in pixels, as the browser tells it.</summary>
    public (int Width, int Height) Area { get; set; } = (1280, 720);

    /// <summary>The address of what is in front.</summary>
    public string Address => Front?.Address ?? "/";

    /// <summary>Opens, or brings to the front, the window that an address names; false when it names none.</summary>
    public bool Show(string address)
    {
        var trimmed = address.Trim('/');
        var slash = trimmed.IndexOf('/', StringComparison.Ordinal);
        if (apps.Find(slash < 0 ? trimmed : trimmed[..slash]) is not { } app)
        {
            return false;
        }

        var path = slash < 0 ? "" : trimmed[(slash + 1)..];
        var window = _windows.Find(w => w.App == app);
        if (window is null)
        {
            window = new OpenWindow(app, path, Cascade());
            _windows.Add(window);
        }

        window.Path = path;
        Raise(window);
        return true;
    }

    /// <summary>Opens an application's window as it was left, or anew.</summary>
    public void Open(DesktopApp app) => Show(_windows.Find(w => w.App == app)?.Address ?? $"/{app.Id}");

    public void Raise(OpenWindow window)
    {
        window.IsMinimized = false;
        window.Layer = ++_topLayer;
        Changed?.Invoke();
    }

    public void Close(OpenWindow window)
    {
        _windows.Remove(window);
        Changed?.Invoke();
    }

    /// <summary>Closes windows of applications that the desktop has no longer.</summary>
    public void CloseGone()
    {
        _windows.RemoveAll(w => !apps.All.Contains(w.App));
        Changed?.Invoke();
    }

    /// <summary>Brings windows that show something of a workspace back to their first view, which another workspace has, too.</summary>
    public void LeaveWorkspace()
    {
        foreach (var window in _windows.Where(w => w.App.IsOfWorkspace))
        {
            window.Path = "";
        }

        Changed?.Invoke();
    }

    public void Minimize(OpenWindow window)
    {
        window.IsMinimized = true;
        Changed?.Invoke();
    }

    /// <summary>Puts a window in a place; in the place it already has, back to where it was.</summary>
    public void Place(OpenWindow window, string place)
    {
        if (Places.Contains(place))
        {
            window.Place = window.Place == place ? OpenWindow.Normal : place;
            Raise(window);
        }
    }

    public void Move(OpenWindow window, WindowRect rect)
    {
        window.Rect = Fit(rect);
        window.Place = OpenWindow.Normal;
        Raise(window);
    }

    /// <summary>Leaves nothing but the desktop to be seen.</summary>
    public void MinimizeAll()
    {
        foreach (var window in _windows)
        {
            window.IsMinimized = true;
        }

        Changed?.Invoke();
    }

    /// <summary>Takes a new size of the desktop and keeps every window within reach.</summary>
    public void Resize(int width, int height)
    {
        Area = (width, height);

        // On a phone windows fill it whatever their size is, which they have again when there is room.
        foreach (var window in width > PhoneWidth ? _windows : [])
        {
            window.Rect = Fit(window.Rect);
        }

        Changed?.Invoke();
    }

    /// <summary>The windows as text, for the browser to keep.</summary>
    public string Save() => JsonSerializer.Serialize(_windows.OrderBy(w => w.Layer).Select(w => new Saved(w.App.Id, w.Path, w.Rect, w.Place, w.IsMinimized)));

    /// <summary>Brings back windows from such text; text that somebody changed is worth nothing and does no harm.</summary>
    public void Restore(string? text)
    {
        foreach (var saved in Parse(text).Take(apps.All.Count))
        {
            if (saved is { App: not null, Rect: not null } && apps.Find(saved.App) is { } app && !_windows.Exists(w => w.App == app))
            {
                var place = saved.Place is not null && Places.Contains(saved.Place) ? saved.Place : OpenWindow.Normal;
                _windows.Add(new OpenWindow(app, saved.Path ?? "", Fit(saved.Rect)) { Place = place, IsMinimized = saved.IsMinimized, Layer = ++_topLayer });
            }
        }

        Changed?.Invoke();
    }

    private static List<Saved> Parse(string? text)
    {
        try
        {
            return JsonSerializer.Deserialize<List<Saved>>(text ?? "[]") ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    // Each new window a little lower and to the right, all of it on the desktop.
    private WindowRect Cascade()
    {
        var step = 32 * (_windows.Count % 6);
        var width = Math.Min(FirstWidth, Area.Width - 32);
        var height = Math.Min(FirstHeight, Area.Height - 96);
        return Fit(new WindowRect(((Area.Width - width) / 2) + step, Math.Max(16, ((Area.Height - height) / 2) - 24) + step, width, height));
    }

    // A title bar must stay within reach.
    private WindowRect Fit(WindowRect rect)
    {
        var width = Math.Clamp(rect.Width, Smallest, Math.Max(Smallest, Area.Width));
        var height = Math.Clamp(rect.Height, Smallest * 3 / 4, Math.Max(Smallest, Area.Height));
        return new WindowRect(Math.Clamp(rect.X, 80 - width, Math.Max(0, Area.Width - 80)), Math.Clamp(rect.Y, 0, Math.Max(0, Area.Height - 48)), width, height);
    }

    private sealed record Saved(string? App, string? Path, WindowRect? Rect, string? Place, bool IsMinimized);
}
