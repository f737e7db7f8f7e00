using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Sealos.Conformance_Tests;

/// <summary>An admission webhook as somebody would write one: HTTPS with a certificate of its own, reachable as a service.</summary>
internal sealed class WebhookServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WebhookServer(WebApplication app, string caBundle)
    {
        _app = app;
        CaBundle = caBundle;
    }

    public int Port => new Uri(_app.Urls.First()).Port;

    /// <summary>What its certificate is verified with, as a configuration holds it.</summary>
    public string CaBundle { get; }

    /// <summary>Starts a server that shows a certificate for <paramref name="host"/> and takes its time to answer.</summary>
    public static async Task<WebhookServer> StartAsync(string host, Func<JsonObject, JsonObject> answer, CancellationToken ct, TimeSpan delay = default)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + host, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(k => k.Listen(IPAddress.Any, 0, listen => listen.UseHttps(certificate)));
        var app = builder.Build();
        app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var asked = JsonNode.Parse(await reader.ReadToEndAsync(context.RequestAborted).ConfigureAwait(false))!["request"]!.AsObject();
            var response = answer(asked);
            await Task.Delay(delay, context.RequestAborted).ConfigureAwait(false);
            response["uid"] = (string?)asked["uid"];
            context.Response.ContentType = "application/json";
            var review = new JsonObject { ["apiVersion"] = "admission.k8s.io/v1", ["kind"] = "AdmissionReview", ["response"] = response };
            await context.Response.WriteAsync(review.ToJsonString(), context.RequestAborted).ConfigureAwait(false);
        });
        await app.StartAsync(ct).ConfigureAwait(false);
        return new WebhookServer(app, Convert.ToBase64String(Encoding.UTF8.GetBytes(made.ExportCertificatePem())));
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }
}
