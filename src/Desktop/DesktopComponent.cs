using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sealos.Desktop.Apps.Launchpad;
using Sealos.Desktop.Apps.Users;
using Sealos.Desktop.Controls;
using Sealos.Desktop.Sessions;
using Sealos.Desktop.Shell;

namespace Sealos.Desktop;

/// <summary>
/// The web desktop. It holds no right of its own: a password buys a user's credential, and everything it shows or does is
/// asked of the Kubernetes API with that.
/// </summary>
public sealed class DesktopComponent : IHostedService, IAsyncDisposable
{
    private const long LargestBody = 1024 * 1024;

    // A form with every field as long as it may be.
    private const long LargestMessage = 512 * 1024;

    private readonly DesktopOptions _options;
    private readonly WebApplication _app;

    /// <summary>A desktop that starts listening when started.</summary>
    public DesktopComponent(DesktopOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        _options = options;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = typeof(DesktopComponent).Assembly.GetName().Name });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestBody;
            kestrel.ListenUnixSocket(options.SocketPath);
        });
        AddServices(builder.Services, options, time, loggers);
        _app = builder.Build();
        Use(_app);
    }

    /// <summary>Every page and every other address.</summary>
    internal IEnumerable<Endpoint> Routes => ((IEndpointRouteBuilder)_app).DataSources.SelectMany(s => s.Endpoints);

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Left behind by a process that was killed.
        File.Delete(_options.SocketPath);
        await _app.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => _app.StopAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static void AddServices(IServiceCollection services, DesktopOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        services.AddSingleton(options);
        services.AddSingleton(options.Apps);
        services.AddSingleton(time);
        services.AddSingleton(loggers);
        services.AddSingleton(new ServicesClient(options.ServicesSocketPath));
        services.AddSingleton<WorkspacePool>();
        services.AddSingleton<LogEndpoint.StreamServices>();
        services.AddSingleton<CircuitHandler, CircuitLimit>();
        services.AddScoped<PageConnection>();
        services.AddScoped<CircuitHandler>(p => p.GetRequiredService<PageConnection>());
        services.AddScoped<DesktopSession>();
        services.AddScoped<Confirmation>();
        services.AddScoped<PersonalServices>();
        services.AddScoped<MyWorkspaces>();
        services.AddScoped<MyMessages>();
        services.AddScoped<PageApps>();
        services.AddScoped<WindowManager>();
        services.AddScoped<BrowserBridge>();
        services.AddScoped<Toasts>();
        services.AddScoped<PageClock>();
        services.AddScoped<AppActions>();
        services.AddScoped<UserActions>();
        services.AddDataProtection().SetApplicationName("sealos-desktop").PersistKeysToFileSystem(new DirectoryInfo(options.KeyFolder));
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(SessionCookie.Configure);
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        services.AddCascadingAuthenticationState();
        services.AddAntiforgery(o =>
        {
            o.Cookie.Name = "__Host-sealos-form";
            o.Cookie.SecurePolicy = CookieSecurePolicy.Always;
            o.Cookie.SameSite = SameSiteMode.Strict;
        });
        services.AddRateLimiter(SessionCookie.ConfigureLimits);
        services.AddResponseCompression(o =>
        {
            // Only files, which hold nothing of the person: what is compressed together with secrets can be guessed.
            o.EnableForHttps = true;
            o.MimeTypes = ["text/css", "text/javascript"];
            o.Providers.Add<BrotliCompressionProvider>();
            o.Providers.Add<GzipCompressionProvider>();
        });
        services.AddRazorComponents().AddInteractiveServerComponents(o =>
        {
            o.DisconnectedCircuitMaxRetained = 200;
            o.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(2);
            o.MaxBufferedUnacknowledgedRenderBatches = 20;
        }).AddHubOptions(o => o.MaximumReceiveMessageSize = LargestMessage);
    }

    private static void Use(WebApplication app)
    {
        // Only the gateway reaches the socket, and it writes these headers itself.
        var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto };
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        app.UseForwardedHeaders(forwarded);
        app.UseMiddleware<BrowserGuard>();
        app.UseResponseCompression();
        app.UseMiddleware<EmbeddedFiles>();
        app.UseRouting();
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseAuthorization();
        app.UseAntiforgery();
        SessionCookie.Map(app);
        PasskeyDoor.Map(app);
        IdentityDoor.Map(app);
        LogEndpoint.Map(app);
        app.MapRazorComponents<Document>().AddInteractiveServerRenderMode(o =>
        {
            // BrowserGuard says who may frame the desktop: nobody.
            o.ContentSecurityFrameAncestorsPolicy = null;

            // What a socket carries is the person's own; compressing it would let others on the wire guess at it.
            o.DisableWebSocketCompression = true;
        });
    }
}
