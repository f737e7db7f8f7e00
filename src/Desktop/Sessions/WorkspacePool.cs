using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.OsServices.Apps;
using Sealos.OsServices.SignIn;

namespace Sealos.Desktop.Sessions;

/// <summary>
/// Connections to workspaces, one a session: every window and tab of a session shares its watches. A connection goes when
/// nobody of the session looks any more.
/// </summary>
internal sealed class WorkspacePool(DesktopOptions options, TimeProvider time, ILoggerFactory loggers)
{
    private const int PagesPerSession = 50;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (Workspace Workspace, int Users)> _open = new(StringComparer.Ordinal);

    /// <summary>The connection of a session; each call is matched by one of <see cref="ReleaseAsync"/>.</summary>
    /// <exception cref="InvalidOperationException">The session has too many pages open.</exception>
    public Workspace Acquire(SignInGrant session)
    {
        lock (_lock)
        {
            var (workspace, users) = _open.TryGetValue(session.Token, out var known) ? known : (new Workspace(session, options, time, loggers), 0);
            if (users >= PagesPerSession)
            {
                throw new InvalidOperationException($"more than {PagesPerSession} pages of one session are open");
            }

            _open[session.Token] = (workspace, users + 1);
            return workspace;
        }
    }

    /// <summary>Tells every page of a session that it has ended.</summary>
    public void End(SignInGrant session)
    {
        Workspace? ended;
        lock (_lock)
        {
            ended = _open.TryGetValue(session.Token, out var entry) ? entry.Workspace : null;
        }

        ended?.End();
    }

    public async Task ReleaseAsync(SignInGrant session)
    {
        Workspace unused;
        lock (_lock)
        {
            var (workspace, users) = _open[session.Token];
            if (users > 1)
            {
                _open[session.Token] = (workspace, users - 1);
                return;
            }

            _open.Remove(session.Token);
            unused = workspace;
        }

        await unused.DisposeAsync().ConfigureAwait(false);
    }
}

/// <summary>A workspace seen with one user's own credential.</summary>
internal sealed class Workspace : IAsyncDisposable
{
    private readonly KubeClient _client;
    private readonly InformerFactory _informers;

    public Workspace(SignInGrant session, DesktopOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        Name = session.Workspace;
        _client = Connect(session, options);
        _informers = new InformerFactory(_client, loggers, Name, OnRefused);
        Launchpad = new AppLaunchpad(_client, options.Domain, time);
        Apps = new AppFeed(_informers, Name, time, loggers.CreateLogger<AppFeed>());
        _informers.Start();
    }

    /// <summary>The workspace's namespace.</summary>
    public string Name { get; }

    /// <summary>Whether the API no longer takes the session's credential.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Raised once, when <see cref="HasEnded"/> has become true.</summary>
    public event Action? Ended;

    public AppLaunchpad Launchpad { get; }

    public AppFeed Apps { get; }

    /// <summary>A client that speaks as the session's user.</summary>
    public static KubeClient Connect(SignInGrant session, DesktopOptions options) =>
        new(new KubeConfig { Server = options.Api.Server, CertificateAuthorityPem = options.Api.CertificateAuthorityPem, Token = session.Token }, "sealos-desktop");

    /// <summary>Follows nothing any more, and says so once.</summary>
    public void End()
    {
        if (!HasEnded)
        {
            HasEnded = true;
            _informers.Stop();
            Ended?.Invoke();
        }
    }

    private void OnRefused(ApiException refusal)
    {
        if (refusal.Code == 401)
        {
            End();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Apps.DisposeAsync().ConfigureAwait(false);
        await _informers.DisposeAsync().ConfigureAwait(false);
        _client.Dispose();
    }
}
