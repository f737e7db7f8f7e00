using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sealos.ApiServer.Authentication;
using Sealos.ApiServer.Registry;
using Sealos.ApiServer.Watch;

namespace Sealos.ApiServer.Http;

/// <summary>Health, version, metrics and the token issuer's public half.</summary>
internal sealed class SystemEndpoints(ResourceRegistry registry, CacheSet caches, Metrics metrics, TokenIssuer issuer, ServerState state)
{
    private const string VersionJson =
        """
        {
          "major": "1",
          "minor": "32",
          "gitVersion": "v1.32.0+sealos",
          "gitCommit": "",
          "gitTreeState": "clean",
          "buildDate": "",
          "goVersion": "",
          "compiler": "dotnet",
          "platform": "linux/amd64"
        }
        """;

    /// <summary>Answers when the path is one of these; else null.</summary>
    public Task? TryAnswer(HttpContext http, RequestInfo info)
    {
        if (info.Verb is not ("get" or "head"))
        {
            return null;
        }

        var path = info.Path.TrimEnd('/');
        return path switch
        {
            "" => SendRoot(http),
            "/version" => Answer.SendAsync(http, 200, Encoding.UTF8.GetBytes(VersionJson)),
            "/metrics" => SendText(http, 200, WriteMetrics()),
            "/.well-known/openid-configuration" => SendIdentity(http, "application/json", issuer.DiscoveryDocument($"https://{http.Request.Host}/openid/v1/jwks")),
            "/openid/v1/jwks" => SendIdentity(http, "application/jwk-set+json", issuer.JwksDocument),
            "/healthz" or "/livez" or "/readyz" => SendHealth(http, path[1..], null),
            _ when path.Split('/') is ["", "healthz" or "livez" or "readyz", var check] => SendHealth(http, path.Split('/')[1], check),
            _ => null,
        };
    }

    private Task SendRoot(HttpContext http)
    {
        var paths = new[] { "/api", "/api/v1", "/apis", "/healthz", "/livez", "/metrics", "/openapi/v2", "/openapi/v3", "/readyz", "/version" }
            .Concat(registry.All.Where(r => r.Group.Length > 0).SelectMany(r => new[] { $"/apis/{r.Group}", $"/apis/{r.GroupVersion}" }))
            .Distinct().Order(StringComparer.Ordinal).Select(p => $"\"{p}\"");
        return Answer.SendAsync(http, 200, Encoding.UTF8.GetBytes($"{{\"paths\":[{string.Join(',', paths)}]}}"));
    }

    private Task SendHealth(HttpContext http, string endpoint, string? only)
    {
        var excluded = http.Request.Query["exclude"];
        var checks = state.Checks().Where(c => endpoint == "readyz" || !c.OnlyReadiness).ToList();
        if (only is not null)
        {
            checks = [.. checks.Where(c => c.Name == only)];
            if (checks.Count == 0)
            {
                throw ApiException.PathNotFound();
            }
        }

        var text = new StringBuilder();
        var healthy = true;
        foreach (var check in checks)
        {
            var ok = check.IsOk || excluded.Contains(check.Name);
            healthy &= ok;
            text.Append(ok ? "[+]" : "[-]").Append(check.Name).Append(ok ? " ok\n" : " failed: reason withheld\n");
        }

        if (!healthy)
        {
            return SendText(http, 500, text.Append(endpoint).Append(" check failed\n").ToString());
        }

        return SendText(http, 200, http.Request.Query.ContainsKey("verbose") ? text.Append(endpoint).Append(" check passed\n").ToString() : "ok");
    }

    private string WriteMetrics()
    {
        var text = new StringBuilder();
        metrics.Write(text);
        text.Append("# TYPE apiserver_watchers gauge\n# TYPE apiserver_storage_objects gauge\n");
        foreach (var resource in registry.All.Where(r => r.IsStored && r.Conversion is null))
        {
            text.Append(CultureInfo.InvariantCulture, $"apiserver_watchers{{group=\"{resource.Group}\",resource=\"{resource.Plural}\"}} {resource.Cache.WatcherCount}\n");
            text.Append(CultureInfo.InvariantCulture, $"apiserver_storage_objects{{group=\"{resource.Group}\",resource=\"{resource.Plural}\"}} {resource.Cache.Count}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"# TYPE apiserver_store_revision gauge\napiserver_store_revision {caches.Applied}\n");
        return text.ToString();
    }

    private static Task SendIdentity(HttpContext http, string contentType, string body)
    {
        http.Response.Headers.CacheControl = "public, max-age=3600";
        return Answer.SendAsync(http, 200, Encoding.UTF8.GetBytes(body), contentType);
    }

    private static Task SendText(HttpContext http, int code, string text)
    {
        http.Response.Headers["X-Content-Type-Options"] = "nosniff";
        return Answer.SendAsync(http, code, Encoding.UTF8.GetBytes(text), "text/plain; charset=utf-8");
    }
}
