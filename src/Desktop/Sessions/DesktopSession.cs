using Microsoft.AspNetCore.Components.Authorization;
using Sealos.OsServices.SignIn;

namespace Sealos.Desktop.Sessions;

/// <summary>What one open page of the desktop knows of the person in front of it, and which workspace it shows.</summary>
internal sealed class DesktopSession(WorkspacePool pool, AuthenticationStateProvider authentication) : IAsyncDisposable
{
    private SignInGrant? _grant;
    private Workspace? _home;
    private Workspace? _workspace;

    /// <summary>Raised on the page's own thread when another workspace is shown.</summary>
    public event Action? Switched;

    public string User => _grant?.User ?? "";

    /// <summary>The person's own credential.</summary>
    public string Token => _grant?.Token ?? "";

    /// <summary>Where the person is, and with what.</summary>
    public ClientInfo From { get; set; } = ClientInfo.Unknown;

    /// <summary>The person's private workspace; there after <see cref="OpenAsync"/>.</summary>
    public Workspace Home => _home ?? throw new InvalidOperationException("the session is not open yet");

    /// <summary>The workspace that is shown; there after <see cref="OpenAsync"/>.</summary>
    public Workspace Workspace => _workspace ?? throw new InvalidOperationException("the session is not open yet");

    public string WorkspaceName => _workspace?.Name ?? _grant?.Workspace ?? "";

    public async Task OpenAsync()
    {
        if (_home is null)
        {
            var state = await authentication.GetAuthenticationStateAsync().ConfigureAwait(false);
            _grant = SessionCookie.Read(state.User) ?? throw new InvalidOperationException("a page was opened without a session");
            _home = pool.Acquire(_grant, _grant.Workspace);
            _workspace = _home;
        }
    }

    /// <summary>Tells the page that its credential is worth nothing any more.</summary>
    public void End() => _home?.End();

    /// <summary>Shows another workspace from now on.</summary>
    public async Task SwitchAsync(string ns)
    {
        if (ns == Workspace.Name)
        {
            return;
        }

        var left = Workspace;
        _workspace = ns == Home.Name ? Home : pool.Acquire(_grant!, ns);
        Switched?.Invoke();
        if (left != Home)
        {
            await pool.ReleaseAsync(_grant!, left.Name).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        var (workspace, home) = (_workspace, _home);
        (_workspace, _home) = (null, null);
        if (workspace is not null && workspace != home)
        {
            await pool.ReleaseAsync(_grant!, workspace.Name).ConfigureAwait(false);
        }

        if (home is not null)
        {
            await pool.ReleaseAsync(_grant!, home.Name).ConfigureAwait(false);
        }
    }
}
