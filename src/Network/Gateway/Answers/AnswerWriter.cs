using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Sealos.Network.Gateway.Answers;

/// <summary>Writes an answer as a small page, as JSON, or as a line of text, whichever the client asks for.</summary>
internal static class AnswerWriter
{
    private const string Style =
        ":root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1b2430;--soft:#5c6876;--line:#e3e7ec}" +
        "@media(prefers-color-scheme:dark){:root{--bg:#12161c;--card:#1a2029;--ink:#e8ecf1;--soft:#98a4b3;--line:#2a323d}}" +
        "*{box-sizing:border-box}html,body{height:100%;margin:0}" +
        "body{display:grid;place-items:center;padding:24px;background:var(--bg);color:var(--ink);font:16px/1.6 system-ui,-apple-system,\"Segoe UI\",sans-serif}" +
        "main{max-width:30rem;width:100%;padding:40px;background:var(--card);border:1px solid var(--line);border-radius:16px}" +
        "small{display:block;color:var(--soft);font-size:14px;letter-spacing:.02em;overflow-wrap:anywhere}" +
        "h1{margin:8px 0 12px;font-size:24px;line-height:1.3;font-weight:600}p{margin:0;color:var(--soft)}";

    public static async Task WriteAsync(HttpContext context, Answer answer, CancellationToken ct)
    {
        var response = context.Response;
        response.StatusCode = answer.Status;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        if (answer.IsPassing)
        {
            response.Headers.RetryAfter = "3";
        }

        var body = Encoding.UTF8.GetBytes(Choose(context, answer));
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(body, ct).ConfigureAwait(false);
        }
    }

    private static string Choose(HttpContext context, Answer answer)
    {
        var accept = context.Request.Headers.Accept.ToString();
        var html = accept.IndexOf("text/html", StringComparison.OrdinalIgnoreCase);
        var json = accept.IndexOf("application/json", StringComparison.OrdinalIgnoreCase);
        var response = context.Response;
        if (json >= 0 && (html < 0 || json < html))
        {
            response.ContentType = "application/json; charset=utf-8";
            return JsonSerializer.Serialize(new { status = answer.Status, reason = answer.Reason, message = $"{answer.Title}. {answer.Text}" }) + "\n";
        }

        if (html >= 0)
        {
            response.ContentType = "text/html; charset=utf-8";
            response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors *; base-uri 'none'; form-action 'none'";
            return Page(context.Request.Host.Host, answer);
        }

        response.ContentType = "text/plain; charset=utf-8";
        return $"{answer.Status.ToString(CultureInfo.InvariantCulture)} {answer.Title}. {answer.Text}\n";
    }

    private static string Page(string host, Answer answer) =>
        $"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">" +
        $"<meta name=\"robots\" content=\"noindex\"><title>{answer.Title}</title><style>{Style}</style></head>" +
        $"<body><main><small>{answer.Status.ToString(CultureInfo.InvariantCulture)} · {WebUtility.HtmlEncode(host.Length > 100 ? host[..100] : host)}</small>" +
        $"<h1>{answer.Title}</h1><p>{answer.Text}</p></main></body></html>\n";
}
