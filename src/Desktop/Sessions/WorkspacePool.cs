using Microsoft.Extensions.Logging;
using Sealos.OsServices.SignIn;

namespace Sealos.Desktop.Sessions;

/// <summary>
/// Connections to workspaces, one a session and workspace: every window and tab of a session shares its watches. A connection goes when
/// nobody of the session looks any more.
/// </summary>
internal sealed class WorkspacePool(DesktopOptions options, TimeProvider time, ILoggerFactory loggers)
{
    private const int PagesPerSession = 50;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Token, string Namespace), (Workspace Workspace, int Users)> _open = [];

    /// <summary>A session's connection to a workspace; each call is matched by one of <see cref="ReleaseAsync"/>.</summary>
    /// <exception cref="InvalidOperationException">The session has too many pages open.</exception>
    public Workspace Acquire(SignInGrant session, string ns)
    {
        lock (_lock)
        {
            var (workspace, users) = _open.TryGetValue((session.Token, ns), out var known) ? known : (new Workspace(session, ns, options, time, loggers), 0);
            if (users >= PagesPerSession)
            {
                throw new InvalidOperationException($"more than {PagesPerSession} pages of one session are open");
            }

            _open[(session.Token, ns)] = (workspace, users + 1);
            return workspace;
        }
    }

    /// <summary>Tells every page of a session that it has ended.</summary>
    public void End(SignInGrant session)
    {
        List<Workspace> ended;
        lock (_lock)
        {
            ended = [.. _open.Where(o => o.Key.Token == session.Token).Select(o => o.Value.Workspace)];
        }

        ended.ForEach(w => w.End());
    }

    public async Task ReleaseAsync(SignInGrant session, string ns)
    {
        Workspace unused;
        lock (_lock)
        {
            var (workspace, users) = _open[(session.Token, ns)];
            if (users > 1)
            {
                _open[(session.Token, ns)] = (workspace, users - 1);
                return;
            }

            _open.Remove((session.Token, ns));
            unused = workspace;
        }

        await unused.DisposeAsync().ConfigureAwait(false);
    }
}
