namespace Sealos.ApiServer.Http;

/// <summary>What a URL and method ask for.</summary>
internal sealed record RequestInfo
{
    /// <summary>The verb that rights are checked for: get, list, watch, create, update, patch, delete, deletecollection.</summary>
    public required string Verb { get; init; }

    /// <summary>The whole path.</summary>
    public required string Path { get; init; }

    /// <summary>Whether the path names a resource below <c>/api</c> or <c>/apis</c>.</summary>
    public bool IsResource => Plural is not null;

    public string Group { get; init; } = "";

    public string Version { get; init; } = "";

    public string? Namespace { get; init; }

    /// <summary>The resource; null for paths outside the API.</summary>
    public string? Plural { get; init; }

    public string? Name { get; init; }

    public string? Subresource { get; init; }

    /// <summary>What follows the subresource, for proxies: with its leading slash, or empty.</summary>
    public string Rest { get; init; } = "";

    /// <summary>Whether it is answered for as long as the client likes.</summary>
    public bool IsLongRunning => Verb == "watch" || Subresource is "log" or "exec" or "attach" or "portforward" or "proxy";

    /// <summary>Whether the path is of the old form <c>/api/v1/watch/…</c>.</summary>
    public bool IsLegacyWatch { get; init; }
}
