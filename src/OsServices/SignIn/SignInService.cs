using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Core;
using Sealos.OsServices.SignIn.Device;
using Sealos.OsServices.SignIn.Identities;
using Sealos.OsServices.SignIn.Passkeys;
using Sealos.OsServices.SignIn.SignUp;
using Sealos.OsServices.Users;
using Sealos.OsServices.Workspaces;

namespace Sealos.OsServices.SignIn;

/// <summary>Everything of signing in: its endpoints, and what looks after sessions.</summary>
internal sealed class SignInService : IHostedService, IAsyncDisposable
{
    private readonly InformerFactory _accounts;
    private readonly Controller _collector;
    private readonly PasswordHasher _hasher = new();
    private readonly KubeClientSource _callers;
    private readonly SignInSettingsSource _settings;
    private readonly IdentityService _identities;
    private readonly IReadOnlyList<Action<IEndpointRouteBuilder>> _routes;
    private readonly CancellationTokenSource _stop = new();
    private Task _collecting = Task.CompletedTask;

    public SignInService(KubeClient client, Uri? console, WorkspaceParts workspaces, TimeProvider time, ILoggerFactory loggers)
    {
        _accounts = new InformerFactory(client, loggers, UserDirectory.AccountsNamespace);
        var known = _accounts.For<Secret>(SessionObjects.Selector).AddIndex(Sessions.ByOwner, s => SessionObjects.OwnerOf(s) is { } owner ? [owner] : []);
        var sessions = Sessions = new Sessions(client, known, time);
        _collector = new Controller("sessions", new SessionReconciler(client, known, time), loggers.CreateLogger("Sealos.OsServices.Sessions"), time);
        known.OnChange((_, session) =>
        {
            if (session is not null)
            {
                _collector.Enqueue(ObjectKey.Of(session));
            }
        });
        _callers = new KubeClientSource(client.Config);
        _settings = new SignInSettingsSource(client, loggers, workspaces.Options.IsSingleUser);
        var guard = new AttemptGuard(sessions, time);
        var passwords = new Passwords(client, _hasher, guard);
        var factors = new SecondFactors(client, time);
        var demand = new SecondFactorDemand(_settings);
        var store = new PasskeyStore(client);
        var ceremonies = new PasskeyCeremonies(store, console is null ? null : PasskeySite.Of(console), time);
        var ways = new WaysIn(client, store, factors, demand, _settings, time);
        var gate = new SecondFactorGate(factors, store, demand, sessions, time);
        Admit admit = (user, credential, method, from, ct) => gate.AdmitAsync(new Halfway(user, credential, method), from, ct);
        var invitations = new SignUpInvitations(client, time);
        var tickets = new SignUpTickets(invitations, new InvitationService(workspaces, new MemberService(workspaces)));
        var signUp = new SignUpService(client, _settings, tickets, new SignUpGuard(time), loggers.CreateLogger<SignUpService>());
        _identities = new IdentityService(client, _settings, signUp, ways, console, time);
        _routes =
        [
            new SignInEndpoints(passwords, factors, gate, sessions, guard).Map,
            new SetUpEndpoints(gate, factors, ceremonies, store, sessions).Map,
            new PasskeySignInEndpoints(ceremonies, sessions, guard).Map,
            new PasskeysEndpoints(store, ceremonies, sessions, ways).Map,
            new DeviceEndpoints(client, console, sessions, guard, time).Map,
            new OutsideIdentityEndpoints(_identities, signUp, sessions, guard, admit).Map,
            new SignUpEndpoints(signUp, _hasher, invitations, admit).Map,
            new WaysEndpoints(_settings).Map,
            new SettingsEndpoints(_callers).Map,
            new SessionsEndpoints(client, sessions, new Confirmation(passwords, factors, store, ceremonies, demand, guard)).Map,
            new AccountEndpoints(client, sessions, passwords, factors, store).Map,
            new SecondFactorEndpoints(passwords, factors, sessions, guard, ways).Map,
        ];
    }

    /// <summary>What knows whose session a credential is of, and how fresh it is.</summary>
    public Sessions Sessions { get; }

    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var map in _routes)
        {
            map(routes);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _accounts.Start();
        _settings.Start();
        _collecting = _collector.RunAsync(1, _stop.Token);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _collecting.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None).ConfigureAwait(false);
        await _accounts.DisposeAsync().ConfigureAwait(false);
        await _settings.DisposeAsync().ConfigureAwait(false);
        _callers.Dispose();
        _identities.Dispose();
        _collector.Dispose();
        _hasher.Dispose();
        _stop.Dispose();
    }
}
