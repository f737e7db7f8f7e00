using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.OsServices.Access;
using Sealos.OsServices.Accounts;
using Sealos.OsServices.Notifications;
using Sealos.OsServices.Operators;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.Users.Walls;
using Sealos.OsServices.Workspaces;
using Sealos.OsServices.Workspaces.Tokens;

namespace Sealos.OsServices;

/// <summary>How the services' API is reached.</summary>
public sealed record ServicesApiOptions
{
    /// <summary>The Unix socket it listens on.</summary>
    public required string SocketPath { get; init; }

    /// <summary>Makes the socket's file reachable for whom it is meant; called once it is there.</summary>
    public Action<string> Share { get; init; } = _ => { };

    /// <summary>PEM file of the authority that the domain's certificate is of; null where it is a public one.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>The console's address as people's browsers see it: what passkeys are made for. Null takes none.</summary>
    public Uri? Console { get; init; }

    /// <summary>What was done in the cloud; null where it cannot be read.</summary>
    public IAuditLog? Audit { get; init; }

    /// <summary>How much of workspaces there may be.</summary>
    public WorkspaceOptions Workspaces { get; init; } = new();
}

/// <summary>The services' own API: what cannot be said with Kubernetes objects, such as trading a password for a session.</summary>
public sealed class ServicesApi : IHostedService, IAsyncDisposable
{
    private const long LargestBody = 16 * 1024;

    private readonly ServicesApiOptions _options;
    private readonly SignInService _signIn;
    private readonly WorkspaceParts _workspaces;
    private readonly InformerFactory _informers;
    private readonly InformerFactory? _ownInformers;
    private readonly OperatorIndex _index;
    private readonly TokenKeeper _tokens;
    private readonly CallerLimits _limits = new();
    private readonly WebApplication _app;

    /// <summary>An API that acts with the rights of <paramref name="client"/>.</summary>
    /// <param name="options">How it is reached.</param>
    /// <param name="client">With whose right.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where it logs.</param>
    /// <param name="informers">What others follow, too; one copy of it in memory serves all.</param>
    public ServicesApi(ServicesApiOptions options, KubeClient client, TimeProvider time, ILoggerFactory loggers, InformerFactory? informers = null)
    {
        _options = options;
        _workspaces = new WorkspaceParts(client, time, options.Workspaces);
        _ownInformers = informers is null ? new InformerFactory(client, loggers) : null;
        _informers = (informers ?? _ownInformers)!.Share();
        _index = new OperatorIndex(_informers);
        _tokens = new TokenKeeper(_workspaces, _informers, loggers);
        _signIn = new SignInService(client, options.Console, _workspaces, time, loggers);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddRoutingCore();
        var callers = new CallerSource(client, time);
        builder.Services.AddSingleton(new ServicesGuard(callers, _limits, _signIn.Sessions, loggers.CreateLogger<ServicesGuard>()));
        builder.Services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestBody;
            kestrel.ListenUnixSocket(options.SocketPath);
        });
        _app = builder.Build();
        _app.UseRouting();
        _app.UseMiddleware<ServicesGuard>();
        _signIn.Map(_app);
        new IdentityEndpoints(_workspaces, options.AuthorityFile).Map(_app);
        new WorkspacesEndpoints(_workspaces).Map(_app);
        new InvitationsEndpoints(_workspaces).Map(_app);
        new TokensEndpoints(_workspaces).Map(_app);
        new OwnAccountEndpoints(new AccountEnd(_workspaces), callers, _signIn.Sessions).Map(_app);
        new NotificationsEndpoints(_workspaces).Map(_app);
        new OperatorsEndpoints(_workspaces, _index, options.Audit).Map(_app);
        new WallEndpoints(_workspaces.Callers).Map(_app);
        _app.MapGet(OpenApiDocument.Path, () => TypedResults.Text(OpenApiDocument.Create(Routes.OfType<RouteEndpoint>()).ToJsonString(), "application/json"))
            .AllowEverybody().WithTags("Identity").WithSummary("This document");
    }

    /// <summary>Every route.</summary>
    internal IEnumerable<Endpoint> Routes => ((IEndpointRouteBuilder)_app).DataSources.SelectMany(s => s.Endpoints);

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        ServicesAccess.Check(_app);

        // Only root may put anything into the folder; the socket in it may be left behind by a server that was killed.
        Directory.CreateDirectory(Path.GetDirectoryName(_options.SocketPath)!);
        File.Delete(_options.SocketPath);
        await _signIn.StartAsync(cancellationToken).ConfigureAwait(false);
        await _app.StartAsync(cancellationToken).ConfigureAwait(false);
        _options.Share(_options.SocketPath);
        _index.Start();
        _informers.Start();
        _tokens.Start();
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _app.StopAsync(cancellationToken).ConfigureAwait(false);
        await _signIn.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync().ConfigureAwait(false);
        await _signIn.DisposeAsync().ConfigureAwait(false);
        _limits.Dispose();
        await _tokens.DisposeAsync().ConfigureAwait(false);
        await _informers.DisposeAsync().ConfigureAwait(false);
        await (_ownInformers?.DisposeAsync() ?? ValueTask.CompletedTask).ConfigureAwait(false);
        _workspaces.Dispose();
    }
}
