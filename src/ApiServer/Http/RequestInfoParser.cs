using Microsoft.AspNetCore.Http;

namespace Sealos.ApiServer.Http;

/// <summary>Reads a request's method and path into what it asks for.</summary>
internal static class RequestInfoParser
{
    // Under namespaces/{name}/ these are subresources of the namespace, not resources in it.
    private static readonly string[] NamespaceSubresources = ["status", "finalize"];

    public static RequestInfo Parse(HttpRequest request)
    {
        var path = request.Path.Value ?? "/";
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var method = request.Method;
        if (parts.Length < 3 || (parts[0] == "apis" && parts.Length < 4) || parts[0] is not ("api" or "apis"))
        {
            return new RequestInfo { Verb = NonResourceVerb(method), Path = path };
        }

        var group = parts[0] == "apis" ? parts[1] : "";
        var at = parts[0] == "apis" ? 3 : 2;
        var version = parts[at - 1];
        var legacyWatch = parts[at] == "watch" && parts.Length > at + 1;
        if (legacyWatch)
        {
            at++;
        }

        string? ns = null;
        if (parts[at] == "namespaces" && parts.Length > at + 1)
        {
            ns = parts[at + 1];
            if (parts.Length > at + 2 && !(group.Length == 0 && NamespaceSubresources.Contains(parts[at + 2])))
            {
                at += 2;
            }
        }

        var name = parts.Length > at + 1 ? parts[at + 1] : null;
        var subresource = parts.Length > at + 2 ? parts[at + 2] : null;
        return new RequestInfo
        {
            Verb = legacyWatch ? "watch" : ResourceVerb(request, name),
            Path = path,
            Group = group,
            Version = version,
            Namespace = ns,
            Plural = parts[at],
            Name = name,
            Subresource = subresource,
            Rest = subresource == "proxy" ? RestOf(path, at + 3) : parts.Length > at + 3 ? "/" + string.Join('/', parts[(at + 3)..]) : "",
            IsLegacyWatch = legacyWatch,
        };
    }

    private static string NonResourceVerb(string method) => method switch
    {
        "GET" => "get",
        "HEAD" => "head",
        "POST" => "post",
        "PUT" => "put",
        "PATCH" => "patch",
        "DELETE" => "delete",
        _ => method.ToLowerInvariant(),
    };

    private static string ResourceVerb(HttpRequest request, string? name) => request.Method switch
    {
        "GET" or "HEAD" => name is not null ? "get" : IsWatch(request) ? "watch" : "list",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => name is not null ? "delete" : "deletecollection",
        _ => request.Method.ToLowerInvariant(),
    };

    private static bool IsWatch(HttpRequest request) =>
        request.Query.TryGetValue("watch", out var value) && value.Count > 0 && value[0] is not ("0" or "false" or "False" or "FALSE" or "f" or "F");

    // A proxied path keeps its doubled and trailing slashes.
    private static string RestOf(string path, int parts)
    {
        var at = 0;
        for (var seen = 0; seen < parts; seen++)
        {
            while (at < path.Length && path[at] == '/')
            {
                at++;
            }

            while (at < path.Length && path[at] != '/')
            {
                at++;
            }
        }

        return path[at..];
    }
}
