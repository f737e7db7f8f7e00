using System.Globalization;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Sealos.Node.Cri;
using Sealos.Node.Logs;

namespace Sealos.Node.Exec;

/// <summary><c>/containerLogs/{namespace}/{pod}/{container}</c>.</summary>
internal sealed class LogsEndpoint(ContainerFinder finder, CriClient cri, TimeProvider time)
{
    /// <summary>Streams the log.</summary>
    public async Task HandleAsync(HttpContext context, string ns, string pod, string container)
    {
        var ct = context.RequestAborted;
        var options = Parse(context.Request.Query, time);
        var id = finder.ForLogs(ns, pod, container, context.Request.Query["previous"].ToString() is "true" or "1");
        var path = await PathAsync(id, ct).ConfigureAwait(false);
        Task WriteAsync(PipeWriter output, CancellationToken token) => new LogReader(path, options, output, time).WriteAsync(() => finder.IsRunning(ns, pod, container, id), token);
        if (Relay.IsUpgrade(context.Request, "websocket"))
        {
            await WebSocketLog.RunAsync(context, WriteAsync, time, ct).ConfigureAwait(false);
            return;
        }

        context.Response.ContentType = "text/plain";
        await WriteAsync(context.Response.BodyWriter, ct).ConfigureAwait(false);
    }

    /// <summary>Reads what of the log is wanted.</summary>
    /// <exception cref="RefusedException">A value is not what its name says.</exception>
    internal static LogOptions Parse(IQueryCollection query, TimeProvider time)
    {
        var seconds = Number(query, "sinceSeconds", least: 1);
        var since = query["sinceTime"].ToString();
        DateTimeOffset? moment = seconds is { } s ? time.GetUtcNow().AddSeconds(-Math.Min(s, int.MaxValue)) : null;
        if (since.Length > 0)
        {
            moment = DateTimeOffset.TryParse(since, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed)
                ? parsed
                : throw new RefusedException(StatusCodes.Status400BadRequest, $"sinceTime: '{since}' is not a time such as 2026-01-02T03:04:05Z");
        }

        return new LogOptions
        {
            Follow = query["follow"].ToString() is "true" or "1",
            Timestamps = query["timestamps"].ToString() is "true" or "1",
            Since = moment,
            TailLines = Number(query, "tailLines", least: 0),
            LimitBytes = Number(query, "limitBytes", least: 1),
        };
    }

    private static long? Number(IQueryCollection query, string name, long least)
    {
        var text = query[name].ToString();
        if (text.Length == 0)
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least
            ? value
            : throw new RefusedException(StatusCodes.Status400BadRequest, $"{name}: must be a whole number of at least {least}, not '{text}'");
    }

    private async Task<string> PathAsync(string id, CancellationToken ct)
    {
        try
        {
            return (await cri.ContainerStatusAsync(id, ct).ConfigureAwait(false)).LogPath;
        }
        catch (CriException e) when (e.IsNotFound)
        {
            throw new RefusedException(StatusCodes.Status404NotFound, $"the log of container {id} is gone with the container");
        }
    }
}
