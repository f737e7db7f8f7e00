using Microsoft.AspNetCore.Components.Authorization;
using Sealos.OsServices.SignIn;

namespace Sealos.Desktop.Sessions;

/// <summary>What one open page of the desktop knows of the person in front of it.</summary>
internal sealed class DesktopSession(WorkspacePool pool, AuthenticationStateProvider authentication) : IAsyncDisposable
{
    private SignInGrant? _grant;
    private Workspace? _workspace;

    public string User => _grant?.User ?? "";

    /// <summary>The person's workspace; there after <see cref="OpenAsync"/>.</summary>
    public Workspace Workspace => _workspace ?? throw new InvalidOperationException("the session is not open yet");

    public string WorkspaceName => _grant?.Workspace ?? "";

    /// <summary>The workspace as people call it.</summary>
    public string WorkspaceTitle => WorkspaceName.StartsWith("ns-", StringComparison.Ordinal) ? WorkspaceName[3..] : WorkspaceName;

    public async Task OpenAsync()
    {
        if (_workspace is null)
        {
            var state = await authentication.GetAuthenticationStateAsync().ConfigureAwait(false);
            _grant = SessionCookie.Read(state.User) ?? throw new InvalidOperationException("a page was opened without a session");
            _workspace = pool.Acquire(_grant);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_workspace is not null)
        {
            _workspace = null;
            await pool.ReleaseAsync(_grant!).ConfigureAwait(false);
        }
    }
}
