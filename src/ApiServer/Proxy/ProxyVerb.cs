using Microsoft.AspNetCore.Http;
using Sealos.ApiServer.Http;

namespace Sealos.ApiServer.Proxy;

/// <summary>Passes any request on to a node, a pod or a service, and the answer back.</summary>
internal sealed class ProxyVerb(ProxyTargets targets, KubeletClient client, UpgradeTunnel tunnel)
{
    private static readonly string[] HopByHop = ["Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "TE", "Trailer", "Upgrade", "Host", "Proxy-Authenticate", "Proxy-Authorization"];
    private static readonly string[] Private = ["Authorization", "Cookie"];

    public async Task HandleAsync(ApiRequest request)
    {
        var http = request.Http;
        if (request.Info.Rest.Length == 0 && (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)) && !UpgradeTunnel.IsUpgrade(http))
        {
            // Relative links of what is behind need the slash.
            http.Response.StatusCode = StatusCodes.Status301MovedPermanently;
            http.Response.Headers.Location = http.Request.Path + "/" + http.Request.QueryString;
            return;
        }

        var target = targets.Find(request.Resource, request.Namespace, request.Name);
        var path = request.Info.Rest.Length == 0 ? "/" : request.Info.Rest;
        var uri = new UriBuilder(target.Base) { Path = path, Query = http.Request.QueryString.Value ?? "" }.Uri;
        if (UpgradeTunnel.IsUpgrade(http))
        {
            await tunnel.RunAsync(http, uri, target.ToKubelet).ConfigureAwait(false);
            return;
        }

        using var message = Message(http.Request, uri);
        using var answer = await SendAsync(message, target, request.Aborted).ConfigureAwait(false);
        CopyHead(answer, http, request.Info);
        if (HtmlAnswer.Is(answer) && !HttpMethods.IsHead(http.Request.Method))
        {
            var links = new HtmlLinks(Prefix(request.Info), target.Base.Authority, http.Request.Host.Value ?? "");
            await HtmlAnswer.CopyAsync(answer, http.Response, links, request.Aborted).ConfigureAwait(false);
            return;
        }

        await StreamCopy.CopyAsync(answer, http.Response, request.Aborted).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage message, ProxyTarget target, CancellationToken cancellationToken)
    {
        try
        {
            return await client.SendAsync(message, target.ToKubelet, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (KubeletErrors.IsUnreachable(e, cancellationToken))
        {
            throw ApiException.Unavailable($"error trying to reach service: dial tcp {target.Base.Authority}: {e.InnerException?.Message ?? e.Message}");
        }
    }

    private static HttpRequestMessage Message(HttpRequest request, Uri uri)
    {
        var message = new HttpRequestMessage(new HttpMethod(request.Method), uri);
        if (request.ContentLength > 0 || request.Headers.TransferEncoding.Count > 0 || (request.ContentLength is null && request.Protocol == "HTTP/2" && HasBody(request.Method)))
        {
            message.Content = new StreamContent(request.Body);
        }

        foreach (var (name, values) in request.Headers)
        {
            if (Skips(name) || Private.Contains(name, StringComparer.OrdinalIgnoreCase) || name.StartsWith(':') || name.StartsWith("Impersonate-", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            if (!message.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
            {
                message.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }

        return message;
    }

    private static bool HasBody(string method) => method is "POST" or "PUT" or "PATCH";

    private static bool Skips(string name) => HopByHop.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static void CopyHead(HttpResponseMessage answer, HttpContext http, RequestInfo info)
    {
        var response = http.Response;
        response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
        {
            if (!Skips(name))
            {
                response.Headers[name] = values.ToArray();
            }
        }

        // A redirect within what is behind stays behind this path.
        var location = response.Headers.Location.ToString();
        if (location.StartsWith('/') && !location.StartsWith("//", StringComparison.Ordinal))
        {
            response.Headers.Location = Prefix(info) + location;
        }
    }

    private static string Prefix(RequestInfo info) => info.Path[..(info.Path.Length - info.Rest.Length)];
}
