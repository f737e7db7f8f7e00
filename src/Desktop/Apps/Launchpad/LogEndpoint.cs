using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Sealos.ControllerKit.Client;
using Sealos.Desktop.Sessions;
using Sealos.OsServices.Apps;

namespace Sealos.Desktop.Apps.Launchpad;

/// <summary>An app's logs as a stream of text of its own, so that they never crowd a page's circuit.</summary>
internal static class LogEndpoint
{
    private const int FollowedTail = 1000;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/streams/logs/{app}", StreamAsync);

    public static string Url(string app, bool follow, bool timestamps) =>
        $"/streams/logs/{Uri.EscapeDataString(app)}?follow={(follow ? "true" : "false")}&timestamps={(timestamps ? "true" : "false")}";

    private static async Task StreamAsync(HttpContext context, string app, bool follow, bool timestamps, DesktopOptions options, TimeProvider time)
    {
        if (SessionCookie.Read(context.User) is not { } session || !AppRules.IsName(app))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var ct = context.RequestAborted;
        using var client = Workspace.Connect(session, options);
        var launchpad = new AppLaunchpad(client, options.Domain, time);
        try
        {
            if (await launchpad.FindAsync(session.Workspace, app, ct).ConfigureAwait(false) is null)
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

        var query = new LogQuery { Follow = follow, TailLines = follow ? FollowedTail : null, Timestamps = timestamps };
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.StartAsync(ct).ConfigureAwait(false);
        try
        {
            await foreach (var line in launchpad.LogsAsync(session.Workspace, app, query, ct).ConfigureAwait(false))
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
            // The reader has left.
        }
    }
}
