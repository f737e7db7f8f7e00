using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.OsServices.Notifications;
using Sealos.OsServices.Operators;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.Users.Requests;
using Sealos.OsServices.Users.Walls;

namespace Sealos.OsServices.Users;

/// <summary>
/// Makes users and their workspaces what the API says they should be. Starting returns when everything is followed; the operator's
/// user is there then, and being made.
/// </summary>
public sealed partial class UsersComponent : IHostedService, IAsyncDisposable
{
    private const int Workers = 4;
    private static readonly TimeSpan UntilServed = TimeSpan.FromMilliseconds(20);

    private readonly KubeClient _client;
    private readonly TimeProvider _time;
    private readonly InformerFactory _everywhere;
    private readonly InformerFactory _accounts;
    private readonly UsersCache _cache;
    private readonly InformerFactory _system;
    private readonly SignInSettingsSource _signIn;
    private readonly WallSettings _settings;
    private readonly EventRecorder _events;
    private readonly ILogger _logger;
    private readonly UserWalls _walls;
    private readonly Controller _users;
    private readonly Controller _changes;
    private readonly Controller _ends;
    private readonly Controller _suspensions;
    private readonly QuotaExpander _expander;
    private readonly Controller _expansions;
    private readonly InformerFactory _refusals;
    private bool _followsRefusals;
    private string _openNodes = "";
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Not yet running; <paramref name="client"/> needs every right that it gives to users.</summary>
    /// <param name="options">How users are made.</param>
    /// <param name="client">With whose right.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where it logs.</param>
    /// <param name="informers">What others follow, too; one copy of it in memory serves all.</param>
    public UsersComponent(UsersOptions options, KubeClient client, TimeProvider time, ILoggerFactory loggers, InformerFactory? informers = null)
    {
        _client = client;
        _time = time;
        _everywhere = informers?.Share() ?? new InformerFactory(client, loggers);
        _accounts = new InformerFactory(client, loggers, UsersObjects.SystemNamespace);
        _cache = new UsersCache(_everywhere, _accounts);
        var logger = _logger = loggers.CreateLogger("Sealos.OsServices.Users");
        _system = new InformerFactory(client, loggers, SignInSettings.Namespace);
        _signIn = new SignInSettingsSource(client, loggers, options.IsSingleUser);
        _events = new EventRecorder(client, "sealos-users", time, logger);
        _settings = new WallSettings(options.Walls) { AdmitsStrangers = () => _signIn.Current.AdmitsStrangers, Tell = (ns, reason, message) => _events.Warning(ns, reason, message) };
        _walls = new UserWalls(client, _cache, _settings);
        var change = new MembershipChange(client, _cache, new UserWorkspace(client, _cache, _settings));
        _changes = new Controller("operationrequests", new OperationrequestReconciler(client, _cache.Operationrequests, change, time), logger, time);
        _ends = new Controller("deleterequests", new DeleteRequestReconciler(client, _cache.DeleteRequests, time), logger, time);
        _suspensions = new Controller("suspensions", new SuspensionReconciler(client, _cache.Namespaces), logger, time);
        _expander = new QuotaExpander(client, _cache, _settings, _events, time);
        _expansions = new Controller("quota-expansions", _expander, logger, time);
        _refusals = new InformerFactory(client, loggers);
        _users = new Controller("users", new UserReconciler(client, _cache, options, _settings, time), logger, time);
    }

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(
            Task.WhenAll(UserDefinitions.All.Append(Notification.Definition).Select(d => d.EnsureAsync(_client, cancellationToken))),
            EnsureRightsAsync(cancellationToken)).ConfigureAwait(false);
        await EnsureAdminAsync(cancellationToken).ConfigureAwait(false);
        Follow();
        _everywhere.Start();
        _accounts.Start();
        _system.Start();
        _signIn.Start();
        await Task.WhenAll(
            _everywhere.WaitForSyncAsync(cancellationToken), _accounts.WaitForSyncAsync(cancellationToken),
            _system.WaitForSyncAsync(cancellationToken), _signIn.ReadAsync(cancellationToken).AsTask()).ConfigureAwait(false);
        _running = Task.WhenAll(_users.RunAsync(Workers, _stop.Token), _changes.RunAsync(Workers, _stop.Token), _ends.RunAsync(1, _stop.Token), _suspensions.RunAsync(2, _stop.Token), _expansions.RunAsync(1, _stop.Token));
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None).ConfigureAwait(false);
        await _everywhere.DisposeAsync().ConfigureAwait(false);
        await _accounts.DisposeAsync().ConfigureAwait(false);
        await _system.DisposeAsync().ConfigureAwait(false);
        await _refusals.DisposeAsync().ConfigureAwait(false);
        await _signIn.DisposeAsync().ConfigureAwait(false);
        await _events.DisposeAsync().ConfigureAwait(false);
        _users.Dispose();
        _changes.Dispose();
        _ends.Dispose();
        _suspensions.Dispose();
        _expansions.Dispose();
        _stop.Dispose();
    }

    private async Task EnsureRightsAsync(CancellationToken ct)
    {
        var keeper = new ObjectKeeper(_client);
        await keeper.EnsureAsync(null, UsersObjects.System(), ct).ConfigureAwait(false);
        await Task.WhenAll(
            keeper.EnsureAsync(null, UserRoles.TenantRole(), (a, b) => Replace(a.Rules, b.Rules, r => a.Rules = r), ct),
            keeper.EnsureAsync(null, UserRoles.TenantBinding(), (a, b) => Replace(a.Subjects, b.Subjects, s => a.Subjects = s), ct),
            keeper.EnsureAsync(null, UserRoles.RequestRole(), (a, b) => Replace(a.Rules, b.Rules, r => a.Rules = r), ct),
            keeper.EnsureAsync(null, UserRoles.RequestBinding(), (a, b) => Replace(a.Subjects, b.Subjects, s => a.Subjects = s), ct)).ConfigureAwait(false);
    }

    // A kind is served a moment after it was defined.
    private async Task EnsureAdminAsync(CancellationToken ct)
    {
        while (true)
        {
            try
            {
                if (await _client.FindAsync<User>(null, UserDirectory.AdminName, ct).ConfigureAwait(false) is null)
                {
                    await _client.TryCreateAsync(UsersObjects.Admin(), ct).ConfigureAwait(false);
                }

                return;
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                await Task.Delay(UntilServed, _time, ct).ConfigureAwait(false);
            }
        }
    }

    // What was there at the start, and what was made just now, is looked at with its user; what changes or goes has somebody touched.
    private void Follow()
    {
        _cache.Users.OnChange((old, now) =>
        {
            var user = (now ?? old)!;
            _users.Enqueue(ObjectKey.Of(user));
            if (old is null || now is null)
            {
                foreach (var team in _cache.Teams(user.Metadata.Name!))
                {
                    _users.Enqueue(ObjectKey.Of(team));
                }
            }
        });
        _cache.Namespaces.OnChange((old, now) => Touched(old, UsersObjects.UserOf(old?.Metadata.Name)));
        _cache.Roles.OnChange((old, _) => Touched(old, UsersObjects.UserOf(old?.Metadata.Namespace)));
        _cache.Bindings.OnChange((old, _) => Touched(old, UsersObjects.UserOf(old?.Metadata.Namespace)));
        _cache.LimitRanges.OnChange((old, _) => Touched(old, UsersObjects.UserOf(old?.Metadata.Namespace)));
        _cache.Policies.OnChange((old, _) => Touched(old, UsersObjects.UserOf(old?.Metadata.Namespace)));
        _cache.Accounts.OnChange((old, _) => Touched(old, old?.Metadata.Name));
        _cache.Tokens.OnChange((old, _) => Touched(old, old?.Metadata.Labels?.GetValueOrDefault(UserKeys.Owner)));

        _cache.Operationrequests.OnChange((_, now) =>
        {
            if (now?.Spec is { } spec)
            {
                _changes.Enqueue(new ObjectKey(null, spec.Namespace));
            }
        });
        _cache.DeleteRequests.OnChange((_, now) => Ask(_ends, now));
        _cache.Namespaces.OnChange((_, now) => Ask(_suspensions, SuspensionReconciler.Wants(now) ? now : null));
        _cache.Nodes.OnChange((_, _) => LookAtNodes());
        _settings.Follow(_system, LookAtSettings);

        // A quota also changes with whatever is used of it.
        _cache.Quotas.OnChange((old, now) =>
        {
            if (old is not null && (now is null || !ObjectKeeper.AreSame(old.Spec, now.Spec)))
            {
                Touched(old, UsersObjects.UserOf(old.Metadata.Namespace));
            }
        });
    }

    private static void Ask(Controller controller, IKubeObject? request)
    {
        if (request is not null)
        {
            controller.Enqueue(ObjectKey.Of(request));
        }
    }

    // A node that nothing else closes is closed in every workspace.
    private void LookAtNodes()
    {
        if (_walls.OpenNodes() is var nodes && nodes != _openNodes)
        {
            _openNodes = nodes;
            LookAtEverybody();
        }
    }

    private void LookAtSettings(ConfigMap? map)
    {
        foreach (var problem in _settings.Current.Problems)
        {
            LogSetting(_logger, SignInSettings.Namespace, WallSettings.Name, problem);
            _events.Warning(map!, "SettingUnreadable", problem);
        }

        FollowRefusals();
        LookAtEverybody();
    }

    // From the first time that quotas may grow; the events of other clouds are nobody's concern.
    private void FollowRefusals()
    {
        if (_followsRefusals || _settings.Current.Ceilings.Count == 0)
        {
            return;
        }

        _followsRefusals = true;
        _refusals.For<Event>(fieldSelector: "reason=FailedCreate").OnChange((_, now) =>
        {
            if (_expander.Note(now))
            {
                _expansions.Enqueue(new ObjectKey(null, now!.Metadata.Namespace!));
            }
        });
        _refusals.Start();
    }

    private void LookAtEverybody()
    {
        foreach (var user in _cache.Users.List())
        {
            _users.Enqueue(ObjectKey.Of(user));
        }
    }

    private void Touched(IKubeObject? old, string? user)
    {
        if (old is not null && user is not null && _cache.Users.Get(null, user) is not null)
        {
            _users.Enqueue(new ObjectKey(null, user));
        }
    }

    private static bool Replace<T>(List<T>? current, List<T>? wanted, Action<List<T>?> set)
    {
        if (ObjectKeeper.AreSame(current, wanted))
        {
            return false;
        }

        set(wanted);
        return true;
    }

    [LoggerMessage(1, LogLevel.Warning, "ConfigMap {Namespace}/{Name}: {Problem}")]
    private static partial void LogSetting(ILogger logger, string @namespace, string name, string problem);
}
