using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Sealos.ApiServer.Tests.Support;

/// <summary>A real HTTPS server that answers admission reviews; what each path answers is a test's to say.</summary>
public sealed class FakeWebhook : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TestCertificates _certificates;
    private readonly ConcurrentDictionary<string, Func<JsonObject, JsonObject>> _answers = new();

    private FakeWebhook(WebApplication app, TestCertificates certificates)
    {
        _app = app;
        _certificates = certificates;
    }

    /// <summary>Path and request of every review, in the order they came.</summary>
    public ConcurrentQueue<(string Path, JsonObject Request)> Seen { get; } = new();

    public Uri Address => new(_app.Urls.First());

    public static async Task<FakeWebhook> StartAsync(TestCertificates certificates)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificates.Server("webhook"))));
        var app = builder.Build();
        var webhook = new FakeWebhook(app, certificates);
        app.Run(webhook.HandleAsync);
        await app.StartAsync();
        return webhook;
    }

    public static JsonObject Allow() => new() { ["allowed"] = true };

    public static JsonObject Patch(string operations) =>
        new() { ["allowed"] = true, ["patchType"] = "JSONPatch", ["patch"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(operations)) };

    /// <summary>Says what a path answers, and answers the webhook's clientConfig.</summary>
    public string Answer(string path, Func<JsonObject, JsonObject> answer, bool withAuthority = true)
    {
        _answers[path] = answer;
        var authority = withAuthority ? $",\"caBundle\":\"{Convert.ToBase64String(Encoding.UTF8.GetBytes(_certificates.Pem))}\"" : "";
        return $"{{\"url\":\"{Address.ToString().TrimEnd('/')}{path}\"{authority}}}";
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        var review = JsonNode.Parse(await new StreamReader(context.Request.Body).ReadToEndAsync())!;
        var request = review["request"]!.AsObject();
        var path = context.Request.Path.Value!;
        Seen.Enqueue((path + context.Request.QueryString, (JsonObject)request.DeepClone()));
        if (path.EndsWith("/slow", StringComparison.Ordinal))
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }

        if (!_answers.TryGetValue(path, out var answer))
        {
            context.Response.StatusCode = 404;
            return;
        }

        var response = answer(request);
        response["uid"] ??= request["uid"]!.DeepClone();
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(new JsonObject { ["apiVersion"] = "admission.k8s.io/v1", ["kind"] = "AdmissionReview", ["response"] = response }.ToJsonString());
    }
}
