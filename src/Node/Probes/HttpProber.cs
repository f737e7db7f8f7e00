using System.Buffers;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Sealos.Kinds.Core;

namespace Sealos.Node.Probes;

/// <summary>Looks over HTTP: an answer from 200 to 399 is success.</summary>
internal sealed class HttpProber : IDisposable
{
    private const string UserAgent = "kube-probe/1.32";
    private const int MostRedirects = 10;
    private const int LongestBody = 10 * 1024;

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        // Each look on a connection of its own, as a stranger would come; nothing is kept between looks.
        PooledConnectionLifetime = TimeSpan.Zero,
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true },
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Asks once, following redirects as long as they stay on the same host.</summary>
    public async Task<ProbeOutcome> ProbeAsync(HTTPGetAction action, string podIp, int port, CancellationToken ct)
    {
        var host = action.Host is { Length: > 0 } named ? named : podIp;
        var scheme = string.Equals(action.Scheme, "HTTPS", StringComparison.OrdinalIgnoreCase) ? "https" : "http";
        var path = action.Path is { Length: > 0 } p ? p : "/";
        if (!Uri.TryCreate($"{scheme}://{host}:{port}{(path.StartsWith('/') ? "" : "/")}{path}", UriKind.Absolute, out var url))
        {
            return new ProbeOutcome(false, $"\"{path}\" at \"{host}\" is no address");
        }

        try
        {
            for (var i = 0; i <= MostRedirects; i++)
            {
                using var answer = await AskAsync(action, url, ct).ConfigureAwait(false);
                if (FindRedirect(answer, url) is not { } next)
                {
                    return await JudgeAsync(answer, ct).ConfigureAwait(false);
                }

                if (next.Host != url.Host)
                {
                    return new ProbeOutcome(true, $"Probe terminated redirects, Response body: {await BodyAsync(answer, ct).ConfigureAwait(false)}");
                }

                url = next;
            }

            return new ProbeOutcome(false, $"Get \"{url}\": stopped after {MostRedirects} redirects");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new ProbeOutcome(false, $"Get \"{url}\": {(e.InnerException is SocketException inner ? inner.Message : e.Message)}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> AskAsync(HTTPGetAction action, Uri url, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        foreach (var header in action.HttpHeaders ?? [])
        {
            Add(request.Headers, header.Name ?? "", header.Value ?? "");
        }

        if (!Has(action, "User-Agent"))
        {
            request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        }

        if (!Has(action, "Accept"))
        {
            request.Headers.TryAddWithoutValidation("Accept", "*/*");
        }

        request.Headers.ConnectionClose = true;
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct).ConfigureAwait(false);
    }

    private static void Add(HttpRequestHeaders headers, string name, string value)
    {
        if (string.Equals(name, "Host", StringComparison.OrdinalIgnoreCase))
        {
            headers.Host = value;
        }
        else
        {
            headers.TryAddWithoutValidation(name, value);
        }
    }

    private static bool Has(HTTPGetAction action, string name) =>
        (action.HttpHeaders ?? []).Exists(h => string.Equals(h.Name, name, StringComparison.OrdinalIgnoreCase));

    private static Uri? FindRedirect(HttpResponseMessage answer, Uri url) =>
        (int)answer.StatusCode is 301 or 302 or 303 or 307 or 308 && answer.Headers.Location is { } location ? new Uri(url, location) : null;

    private static async Task<ProbeOutcome> JudgeAsync(HttpResponseMessage answer, CancellationToken ct)
    {
        var status = (int)answer.StatusCode;
        var body = await BodyAsync(answer, ct).ConfigureAwait(false);
        return status is >= 200 and < 400 ? new ProbeOutcome(true, body) : new ProbeOutcome(false, $"HTTP probe failed with statuscode: {status}");
    }

    private static async Task<string> BodyAsync(HttpResponseMessage answer, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(LongestBody);
        try
        {
            await using var stream = await answer.Content.ReadAsStreamAsync(ct).ConfigureAwait(false);
            var read = await stream.ReadAtLeastAsync(buffer.AsMemory(0, LongestBody), LongestBody, throwOnEndOfStream: false, ct).ConfigureAwait(false);
            return Encoding.UTF8.GetString(buffer, 0, read);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
