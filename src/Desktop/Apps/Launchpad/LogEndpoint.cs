using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Sealos.ControllerKit.Client;
using Sealos.Desktop.Sessions;
using Sealos.OsServices.Apps;
using Sealos.OsServices.SignIn;

namespace Sealos.Desktop.Apps.Launchpad;

/// <summary>An app's logs as a stream of text of its own, so that they never crowd a page's circuit.</summary>
internal static class LogEndpoint
{
    private const int FollowedTail = 1000;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/streams/logs/{app}", StreamAsync).RequireRateLimiting(SessionCookie.StreamLimit);

    public static string Url(string workspace, string app, bool follow, bool timestamps) =>
        $"/streams/logs/{Uri.EscapeDataString(app)}?workspace={Uri.EscapeDataString(workspace)}&follow={(follow ? "true" : "false")}&timestamps={(timestamps ? "true" : "false")}";

    /// <summary>The workspace that is asked for, the person's own where none is; null for what no workspace is called.</summary>
    internal static string? WorkspaceOf(string? asked, SignInGrant session) =>
        asked is null ? session.Workspace
        : asked.StartsWith("ns-", StringComparison.Ordinal) && asked.Length <= 63 && asked.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') ? asked
        : null;

    private static async Task StreamAsync(HttpContext context, string app, string? workspace, bool follow, bool timestamps, [FromServices] StreamServices services)
    {
        // Whether it is the person's the API says, whose credential it is asked with.
        if (SessionCookie.Read(context.User) is not { } session || WorkspaceOf(workspace, session) is not { } ns || !AppRules.IsName(app) || services.Options.Apps.Find(LaunchpadComponent.Id) is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        // A stream that is followed has no end of its own; a process that stops must not wait for one.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, services.Lifetime.ApplicationStopping);
        var ct = stop.Token;
        using var client = Workspace.Connect(session, services.Options);
        var launchpad = new AppLaunchpad(client, services.Options.Domain, services.Time);
        try
        {
            if (await launchpad.FindAsync(ns, app, ct).ConfigureAwait(false) is null)
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }
        }
        catch (ApiException e)
        {
            context.Response.StatusCode = e.Code;
            return;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        var query = new LogQuery { Follow = follow, TailLines = follow ? FollowedTail : null, Timestamps = timestamps };
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.StartAsync(ct).ConfigureAwait(false);
        try
        {
            await foreach (var line in launchpad.LogsAsync(ns, app, query, ct).ConfigureAwait(false))
            {
                await context.Response.WriteAsync(line + "\n", Encoding.UTF8, ct).ConfigureAwait(false);
            }
        }
        catch (ApiException e)
        {
            await context.Response.WriteAsync($"({e.Message})\n", ct).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The reader has left, or the process stops.
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // Not an end of the log: the reader is to come back.
            context.Abort();
        }
    }

    /// <summary>What the stream works with.</summary>
    internal sealed record StreamServices(DesktopOptions Options, TimeProvider Time, IHostApplicationLifetime Lifetime);
}
