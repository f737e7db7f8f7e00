using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.OsServices.Apps;
using Sealos.OsServices.Notifications;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.Workspaces;

namespace Sealos.Desktop.Sessions;

/// <summary>A workspace seen with one user's own credential; what is followed begins with the first who asks for it.</summary>
internal sealed class Workspace : IAsyncDisposable
{
    // A role is changed by taking the old one away and giving the new one.
    private static readonly TimeSpan RoleGap = TimeSpan.FromSeconds(1);

    private readonly string _user;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly InformerFactory _members;
    private readonly InformerFactory _apps;
    private readonly InformerFactory _messages;
    private readonly Lazy<AppFeed> _feed;
    private readonly Lazy<InboxFeed> _inbox;
    private string? _role;

    public Workspace(SignInGrant session, string ns, DesktopOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        Name = ns;
        _user = session.User;
        _time = time;
        Client = Connect(session, options);
        Launchpad = new AppLaunchpad(Client, options.Domain, time);
        _members = new InformerFactory(Client, loggers, Name, OnMembersRefused);
        _apps = new InformerFactory(Client, loggers, Name, OnRefused);
        _messages = new InformerFactory(Client, loggers, Name, OnRefused);
        Members = new MemberFeed(_members);
        Members.Changed += OnMembersChanged;
        _feed = new Lazy<AppFeed>(() => new AppFeed(_apps, Name, time, loggers.CreateLogger<AppFeed>()));
        _inbox = new Lazy<InboxFeed>(() => new InboxFeed(_messages, time));
        _members.Start();
        _apps.Start();
        _messages.Start();
    }

    /// <summary>The workspace's namespace.</summary>
    public string Name { get; }

    /// <summary>A client that speaks as the session's user.</summary>
    public KubeClient Client { get; }

    /// <summary>Whether the API no longer takes the session's credential.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Whether the user is no member any more.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>What the user is here; null while that is not known.</summary>
    public string? Role => _role;

    /// <summary>Raised once, when <see cref="HasEnded"/> has become true.</summary>
    public event Action? Ended;

    /// <summary>Raised when <see cref="Role"/> or <see cref="IsClosed"/> has changed.</summary>
    public event Action? RoleChanged;

    public AppLaunchpad Launchpad { get; }

    public AppFeed Apps => _feed.Value;

    public MemberFeed Members { get; }

    public InboxFeed Inbox => _inbox.Value;

    /// <summary>A client that speaks as the session's user.</summary>
    public static KubeClient Connect(SignInGrant session, DesktopOptions options) =>
        new(new KubeConfig { Server = options.Api.Server, CertificateAuthorityPem = options.Api.CertificateAuthorityPem, Token = session.Token }, "sealos-desktop");

    /// <summary>Follows nothing any more, and says so once.</summary>
    public void End()
    {
        if (!HasEnded)
        {
            HasEnded = true;
            _members.Stop();
            _apps.Stop();
            _messages.Stop();
            Ended?.Invoke();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_feed.IsValueCreated)
        {
            await Apps.DisposeAsync().ConfigureAwait(false);
        }

        await _apps.DisposeAsync().ConfigureAwait(false);
        await _messages.DisposeAsync().ConfigureAwait(false);
        await _members.DisposeAsync().ConfigureAwait(false);
        Client.Dispose();
        _stop.Dispose();
    }

    private void OnRefused(ApiException refusal)
    {
        if (refusal.Code == 401)
        {
            End();
        }
    }

    // Who may not even see who is in a workspace is not in it.
    private void OnMembersRefused(ApiException refusal)
    {
        OnRefused(refusal);
        if (refusal.Code == 403)
        {
            Close();
        }
    }

    private void OnMembersChanged()
    {
        var role = Members.RoleOf(_user);
        if (role is null && _role is not null)
        {
            _ = CloseLaterAsync(_stop.Token);
        }
        else if (role != _role)
        {
            _role = role;
            RoleChanged?.Invoke();
        }
    }

    private async Task CloseLaterAsync(CancellationToken ct)
    {
        try
        {
            await Task.Delay(RoleGap, _time, ct).ConfigureAwait(false);
            if (Members.RoleOf(_user) is null)
            {
                Close();
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Nobody looks any more.
        }
    }

    private void Close()
    {
        _role = null;
        IsClosed = true;
        RoleChanged?.Invoke();
    }
}
