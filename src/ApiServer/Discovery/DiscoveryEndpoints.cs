using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Registry;

namespace Sealos.ApiServer.Discovery;

/// <summary>The paths that say what there is: <c>/api</c>, <c>/apis</c> and below, and <c>/openapi</c>.</summary>
internal sealed class DiscoveryEndpoints(ResourceRegistry registry, TimeProvider time)
{
    private const string AggregatedKind = "APIGroupDiscoveryList";
    private const string ProtobufType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    private volatile Offer? _offer;

    /// <summary>Answers when the path is one of discovery's; else null.</summary>
    public Task? TryAnswer(HttpContext http, RequestInfo info)
    {
        var parts = info.Path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0 || parts[0] is not ("api" or "apis" or "openapi"))
        {
            return null;
        }

        if (info.Verb is not ("get" or "head"))
        {
            throw ApiException.MethodNotAllowed();
        }

        var offer = Current();
        var (documents, openApi) = (offer.Documents, offer.OpenApi);
        return parts switch
        {
            ["api"] => SendChoice(http, documents.Versions, documents.AggregatedCore),
            ["apis"] => SendChoice(http, documents.Groups, documents.AggregatedGroups),
            ["api", var version] when documents.FindVersion(version) is { } list => Send(http, list, null),
            ["apis", var group] when documents.FindGroup(group) is { } found => Send(http, found, null),
            ["apis", var group, var version] when documents.FindVersion($"{group}/{version}") is { } list => Send(http, list, null),
            ["openapi", "v2"] => SendSecond(http, openApi),
            ["openapi", "v3"] => Answer.SendAsync(http, 200, openApi.Index),
            ["openapi", "v3", .. var path] => SendOpenApi(http, openApi, string.Join('/', path)),
            _ => null,
        };
    }

    /// <summary>The documents of what is served now; the built-in part of them is kept when custom kinds come and go.</summary>
    private Offer Current()
    {
        var served = registry.Current;
        if (_offer is { } offer && offer.Served == served)
        {
            return offer;
        }

        return _offer = new Offer(served, new DiscoveryDocuments(served.All), OpenApiDocuments.For(served.All, _offer?.OpenApi));
    }

    /// <summary>Sends the second version of OpenAPI, in the form the client asks for first.</summary>
    private static Task SendSecond(HttpContext http, OpenApiDocuments openApi)
    {
        var first = http.Request.Headers.Accept.ToString().Split(',')[0];
        var isProtobuf = first.Contains("proto-openapi", StringComparison.Ordinal);
        return SendDocument(http, isProtobuf ? openApi.SecondAsProtobuf.Value : openApi.Second.Value, isProtobuf ? ProtobufType : "application/json");
    }

    /// <summary>Sends a schema document: for good when the address has its hash, to the right address when it has another.</summary>
    private Task SendOpenApi(HttpContext http, OpenApiDocuments openApi, string path)
    {
        var document = openApi.Find(path) ?? throw ApiException.PathNotFound();
        var headers = http.Response.Headers;
        var hash = http.Request.Query["hash"].ToString();
        if (hash.Length > 0 && hash != document.Hash)
        {
            http.Response.StatusCode = StatusCodes.Status301MovedPermanently;
            headers.Location = openApi.AddressOf(path);
            return Task.CompletedTask;
        }

        if (hash.Length > 0)
        {
            headers.CacheControl = "public, immutable";
            headers.Expires = time.GetUtcNow().AddYears(1).ToString("R", CultureInfo.InvariantCulture);
        }

        return SendDocument(http, document, "application/json");
    }

    private static Task SendDocument(HttpContext http, OpenApiDocument document, string contentType)
    {
        var headers = http.Response.Headers;
        headers.Vary = "Accept";
        headers.ETag = $"\"{document.Hash}\"";
        if (http.Request.Headers.IfNoneMatch.Contains(headers.ETag.ToString()))
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        return Answer.SendAsync(http, 200, document.Body, contentType);
    }

    /// <summary>Sends the new form to clients that list it first, else the old one.</summary>
    private static Task SendChoice(HttpContext http, Document legacy, IReadOnlyDictionary<string, Document> aggregated)
    {
        foreach (var header in http.Request.Headers.Accept)
        {
            foreach (var clause in (header ?? "").Split(',', StringSplitOptions.TrimEntries))
            {
                var parts = clause.Split(';', StringSplitOptions.TrimEntries);
                if (parts[0] is not ("application/json" or "*/*"))
                {
                    continue;
                }

                if (!parts.Contains($"as={AggregatedKind}"))
                {
                    return Send(http, legacy, null);
                }

                var version = parts.FirstOrDefault(p => p.StartsWith("v=", StringComparison.Ordinal))?[2..] ?? "";
                if (aggregated.TryGetValue(version, out var document))
                {
                    return Send(http, document, $"application/json;g=apidiscovery.k8s.io;v={version};as={AggregatedKind}");
                }
            }
        }

        return Send(http, legacy, null);
    }

    private static Task Send(HttpContext http, Document document, string? contentType)
    {
        var headers = http.Response.Headers;
        headers.Vary = "Accept";
        if (contentType is null)
        {
            return Answer.SendAsync(http, 200, document.Body, Output.IsPrettyWanted(http.Request));
        }

        headers.CacheControl = "public";
        headers.ETag = document.ETag;
        if (http.Request.Headers.IfNoneMatch.Contains(document.ETag))
        {
            http.Response.StatusCode = 304;
            return Task.CompletedTask;
        }

        return Answer.SendAsync(http, 200, document.Body, contentType);
    }

    private sealed record Offer(ResourceSet Served, DiscoveryDocuments Documents, OpenApiDocuments OpenApi);
}
