using Microsoft.AspNetCore.Http;

namespace Sealos.Node.Access;

/// <summary>Requests to the node's HTTPS server in the words of the API's rules, as Kubernetes' node agent has them. Pure.</summary>
internal static class Wishes
{
    private static readonly string[] Acting = ["/exec", "/attach", "/portForward", "/run"];

    /// <summary>What a request asks for.</summary>
    public static Wish Of(string method, PathString path)
    {
        // A shell is opened by GET too; who may only look must not have one.
        var verb = Acting.Any(a => path.StartsWithSegments(a, StringComparison.OrdinalIgnoreCase)) ? "create" : method.ToUpperInvariant() switch
        {
            "POST" => "create",
            "GET" or "HEAD" => "get",
            "PUT" => "update",
            "PATCH" => "patch",
            "DELETE" => "delete",
            _ => "",
        };
        return new Wish(verb, Subresources(path));
    }

    private static IReadOnlyList<string> Subresources(PathString path) =>
        Is(path, "/stats") ? ["stats"]
        : Is(path, "/metrics") ? ["metrics"]
        : Is(path, "/logs") ? ["log"]
        : Is(path, "/pods") || Is(path, "/runningpods") ? ["pods", "proxy"]
        : Is(path, "/healthz") ? ["healthz", "proxy"]
        : Is(path, "/configz") ? ["configz", "proxy"]
        : ["proxy"];

    // Routes do not care for case; neither may rights.
    private static bool Is(PathString path, string root) => path.StartsWithSegments(root, StringComparison.OrdinalIgnoreCase);
}
