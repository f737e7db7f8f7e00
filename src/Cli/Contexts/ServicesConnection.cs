using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Sealos.OsServices.Access;

namespace Sealos.Cli.Contexts;

/// <summary>A connection to a cloud's own API at its domain; a refusal is thrown with its exit code.</summary>
internal sealed class ServicesConnection : IDisposable
{
    // Longer than the longest that the cloud lets an answer wait.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly HttpClient _http;

    /// <param name="url">The address of the cloud's console.</param>
    /// <param name="authority">PEM of the authority its certificate must be of; null trusts the system's.</param>
    /// <param name="token">The credential; null for none.</param>
    /// <param name="acceptAny">Whether to look at an address whose certificate nobody vouches for; no credential may be given then.</param>
    public ServicesConnection(Uri url, string? authority, string? token, bool acceptAny = false)
    {
        if (acceptAny && token is not null)
        {
            throw new ArgumentException("a credential is never sent to a cloud that nobody vouches for", nameof(token));
        }

        var handler = new SocketsHttpHandler { UseProxy = authority is null && !acceptAny, ConnectTimeout = TimeSpan.FromSeconds(10), AllowAutoRedirect = false };
        if (IsLocal(url))
        {
            handler.UseProxy = false;
            handler.ConnectCallback = ConnectLocallyAsync;
        }

        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
        {
            Presented = certificate is null ? null : X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
            return acceptAny || errors == SslPolicyErrors.None || (authority is not null && (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == 0 && IsOf(Presented, authority, chain));
        };
        _http = new HttpClient(handler) { BaseAddress = new Uri(url, "/api/v1/"), Timeout = Patience };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("sealos-cli");
        _http.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>The certificate that the cloud showed last.</summary>
    public X509Certificate2? Presented { get; private set; }

    /// <summary>Has the person show once more that it is them; a request that is refused for want of that is then sent again.</summary>
    public Func<ServicesConnection, CancellationToken, Task>? Confirming { get; init; }

    public static ServicesConnection To(CloudContext context) => new(context.Url, context.Authority, context.Token);

    /// <summary>The same for what may need the person themselves.</summary>
    public static ServicesConnection To(CloudContext context, Func<ServicesConnection, CancellationToken, Task> confirming) =>
        new(context.Url, context.Authority, context.Token) { Confirming = confirming };

    /// <summary>Whether an authority signed a certificate that holds now.</summary>
    public static bool IsOf(X509Certificate2? certificate, string authority, X509Chain? shown = null)
    {
        if (certificate is null)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.ImportFromPem(authority);
        foreach (var element in shown?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(certificate);
    }

    public Task<T> GetAsync<T>(string path, CancellationToken ct) => SendAsync<T>(HttpMethod.Get, path, null, ct);

    public async Task<T> SendAsync<T>(HttpMethod method, string path, object? body, CancellationToken ct)
    {
        using var answer = await OpenConfirmedAsync(method, path, body, ct).ConfigureAwait(false);
        return (await answer.Content.ReadFromJsonAsync<T>(Json, ct).ConfigureAwait(false))!;
    }

    public async Task<string> GetTextAsync(string path, CancellationToken ct)
    {
        using var answer = await OpenConfirmedAsync(HttpMethod.Get, path, null, ct).ConfigureAwait(false);
        return await answer.Content.ReadAsStringAsync(ct).ConfigureAwait(false);
    }

    public async Task DoAsync(HttpMethod method, string path, object? body, CancellationToken ct)
    {
        using var answer = await OpenConfirmedAsync(method, path, body, ct).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> OpenConfirmedAsync(HttpMethod method, string path, object? body, CancellationToken ct)
    {
        for (var isConfirmed = Confirming is null; ; isConfirmed = true)
        {
            var answer = await OpenAsync(method, path, body, ct).ConfigureAwait(false);
            try
            {
                await ThrowIfRefusedAsync(answer, ct).ConfigureAwait(false);
                return answer;
            }
            catch (CliException e)
            {
                answer.Dispose();
                if (isConfirmed || e.Code != "confirm")
                {
                    throw;
                }
            }

            await Confirming!(this, ct).ConfigureAwait(false);
        }
    }

    /// <summary>Sends a request whose refusal the caller looks at.</summary>
    public async Task<HttpResponseMessage> OpenAsync(HttpMethod method, string path, object? body, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body, body.GetType(), options: Json) };
        try
        {
            return await _http.SendAsync(request, ct).ConfigureAwait(false);
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException or IOException)
        {
            throw new CliException(ExitCodes.NotRunning, $"{_http.BaseAddress!.Authority} does not answer: {e.InnerException.Message}");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new CliException(ExitCodes.Timeout, $"{_http.BaseAddress!.Authority} has not answered in time");
        }
    }

    public static async Task ThrowIfRefusedAsync(HttpResponseMessage answer, CancellationToken ct)
    {
        if (answer.IsSuccessStatusCode)
        {
            return;
        }

        var error = await ErrorOfAsync(answer, ct).ConfigureAwait(false);
        var exit = answer.StatusCode switch
        {
            HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity => ExitCodes.Usage,
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => ExitCodes.Forbidden,
            HttpStatusCode.NotFound => ExitCodes.NotFound,
            HttpStatusCode.GatewayTimeout => ExitCodes.Timeout,
            HttpStatusCode.ServiceUnavailable => ExitCodes.NotRunning,
            _ => ExitCodes.Failed,
        };
        throw new CliException(exit, (error.Field is null ? "" : error.Field + ": ") + error.Error + (error.Code is "not-signed-in" or "no-session" ? " Use 'sealos login'." : "")) { Code = error.Code };
    }

    /// <summary>What a refusal says.</summary>
    private static async Task<ServiceError> ErrorOfAsync(HttpResponseMessage answer, CancellationToken ct)
    {
        try
        {
            if (await answer.Content.ReadFromJsonAsync<ServiceError>(Json, ct).ConfigureAwait(false) is { Error: not null } error)
            {
                return error;
            }
        }
        catch (JsonException)
        {
            // A page of something that stands between.
        }

        return new ServiceError($"the cloud answered {(int)answer.StatusCode}, and nothing that can be read", "unreadable");
    }

    public void Dispose() => _http.Dispose();

    // Names under .localhost are the machine itself, which not every resolver knows.
    private static bool IsLocal(Uri url) => url.Host == "localhost" || url.Host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);

    private static async ValueTask<Stream> ConnectLocallyAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, ct).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
