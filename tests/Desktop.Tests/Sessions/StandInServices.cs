using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Sealos.Desktop_Tests.Sessions;

/// <summary>Answers as the services' API would, with what a test tells it to, and keeps what was asked.</summary>
internal sealed class StandInServices : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, (int Status, string Body)> _answers = new();
    private readonly WebApplication _app;

    private StandInServices(WebApplication app) => _app = app;

    /// <summary>Method and path of every request with its body, the oldest first.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public static async Task<StandInServices> StartAsync(string socket, CancellationToken ct)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.ListenUnixSocket(socket));
        var services = new StandInServices(builder.Build());
        services._app.Run(services.AnswerAsync);
        await services._app.StartAsync(ct);
        return services;
    }

    /// <summary>From now on this is answered; what nothing was said of is answered as if it were not there.</summary>
    public void Say(string request, int status, string body) => _answers[request] = (status, body);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var request = $"{context.Request.Method} {context.Request.Path.Value!["/api/v1/".Length..]}";
        Asked.Enqueue($"{request} {await reader.ReadToEndAsync(context.RequestAborted)}".Trim());
        var (status, body) = _answers.GetValueOrDefault(request, (404, """{"error":"There is no such thing.","code":"not-found"}"""));
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(body, context.RequestAborted);
    }
}
