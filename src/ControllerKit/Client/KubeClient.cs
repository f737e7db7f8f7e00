using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.Kinds;

namespace Sealos.ControllerKit.Client;

/// <summary>
/// The only way anything above the kernel reaches it: typed requests to a Kubernetes API server with one identity.
/// Every method throws <see cref="ApiException"/> when the server refuses and <see cref="HttpRequestException"/> when it cannot be reached.
/// </summary>
public sealed partial class KubeClient : IDisposable
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private static readonly MediaTypeHeaderValue MergePatch = new("application/merge-patch+json");

    /// <summary>A client for a kubeconfig's current context, naming itself <paramref name="userAgent"/> to the server.</summary>
    public KubeClient(KubeConfig config, string userAgent = "sealos")
        : this(config, userAgent, new HttpClient(WithToken(config)))
    {
    }

    internal KubeClient(KubeConfig config, string userAgent, HttpMessageHandler shared)
        : this(config, userAgent, new HttpClient(shared, disposeHandler: false))
    {
    }

    private KubeClient(KubeConfig config, string userAgent, HttpClient http)
    {
        Config = config;
        Http = http;
        Http.BaseAddress = config.Server;
        Http.DefaultRequestVersion = HttpVersion.Version20;
        Http.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        Http.Timeout = Timeout.InfiniteTimeSpan;
        Http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", userAgent);
        if (config.Token is not null)
        {
            Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", config.Token);
        }
    }

    /// <summary>Where and as whom this client speaks.</summary>
    public KubeConfig Config { get; }

    /// <summary>The underlying client, for streams that have no typed form.</summary>
    public HttpClient Http { get; }

    /// <summary>Reads one object.</summary>
    public Task<T> GetAsync<T>(string? ns, string name, CancellationToken ct)
        where T : class, IKubeObject<T>, new() =>
        SendAsync<T>(HttpMethod.Get, T.KubeKind.Path(ns, name), null, ct);

    /// <summary>Reads one object, or null when there is none.</summary>
    public async Task<T?> FindAsync<T>(string? ns, string name, CancellationToken ct)
        where T : class, IKubeObject<T>, new()
    {
        try
        {
            return await GetAsync<T>(ns, name, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>Lists a namespace, or the whole cluster when <paramref name="ns"/> is null.</summary>
    public Task<KubeList<T>> ListAsync<T>(string? ns, ListQuery? query, CancellationToken ct)
        where T : class, IKubeObject<T>, new() =>
        SendAsync<KubeList<T>>(HttpMethod.Get, T.KubeKind.Path(ns) + query?.ToQueryString(), null, ct);

    /// <summary>Creates an object in its metadata's namespace.</summary>
    public Task<T> CreateAsync<T>(T obj, CancellationToken ct)
        where T : class, IKubeObject<T>, new() =>
        SendAsync<T>(HttpMethod.Post, T.KubeKind.Path(obj.Metadata.Namespace), Body(Typed(obj)), ct);

    /// <summary>Creates an object unless there is one of its name; false when there is.</summary>
    public async Task<bool> TryCreateAsync<T>(T obj, CancellationToken ct)
        where T : class, IKubeObject<T>, new()
    {
        try
        {
            await CreateAsync(obj, ct).ConfigureAwait(false);
            return true;
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            return false;
        }
    }

    /// <summary>Replaces an object; fails with a conflict when its resource version is no longer current.</summary>
    public Task<T> UpdateAsync<T>(T obj, CancellationToken ct)
        where T : class, IKubeObject<T>, new() =>
        SendAsync<T>(HttpMethod.Put, T.KubeKind.Path(obj.Metadata.Namespace, obj.Metadata.Name), Body(Typed(obj)), ct);

    /// <summary>Replaces the part of an object that a subresource is.</summary>
    public Task<T> UpdateAsync<T>(T obj, string subresource, CancellationToken ct)
        where T : class, IKubeObject<T>, new() =>
        SendAsync<T>(HttpMethod.Put, T.KubeKind.Path(obj.Metadata.Namespace, obj.Metadata.Name, subresource), Body(Typed(obj)), ct);

    /// <summary>Replaces an object's status.</summary>
    public Task<T> UpdateStatusAsync<T>(T obj, CancellationToken ct)
        where T : class, IKubeObject<T>, new() =>
        SendAsync<T>(HttpMethod.Put, T.KubeKind.Path(obj.Metadata.Namespace, obj.Metadata.Name, "status"), Body(Typed(obj)), ct);

    /// <summary>Applies a JSON merge patch to an object or one of its subresources.</summary>
    public Task<T> PatchAsync<T>(string? ns, string name, JsonObject mergePatch, string? subresource, CancellationToken ct)
        where T : class, IKubeObject<T>, new()
    {
        var body = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(mergePatch, KubeJson.Options));
        body.Headers.ContentType = MergePatch;
        return SendAsync<T>(HttpMethod.Patch, T.KubeKind.Path(ns, name, subresource), body, ct);
    }

    /// <summary>Deletes an object.</summary>
    public Task DeleteAsync<T>(string? ns, string name, DeleteOptions? options, CancellationToken ct)
        where T : class, IKubeObject<T>, new() =>
        SendAsync<JsonNode>(HttpMethod.Delete, T.KubeKind.Path(ns, name), options is null ? null : Body(options), ct);

    /// <summary>Deletes this very object; false when it is gone already, or another of its name has come by now.</summary>
    public async Task<bool> DeleteExactlyAsync<T>(T obj, DeleteOptions? options, CancellationToken ct)
        where T : class, IKubeObject<T>, new()
    {
        try
        {
            var exact = (options ?? new DeleteOptions()) with { Preconditions = new DeletePreconditions { Uid = obj.Metadata.Uid } };
            await DeleteAsync<T>(obj.Metadata.Namespace, obj.Metadata.Name!, exact, ct).ConfigureAwait(false);
            return true;
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            return false;
        }
    }

    /// <summary>Posts to a path that has no typed method: a binding, a token request, an eviction.</summary>
    public Task<TResult> PostAsync<TBody, TResult>(string path, TBody body, CancellationToken ct) =>
        SendAsync<TResult>(HttpMethod.Post, path, Body(body), ct);

    /// <summary>Sends a request and reads the answer as <typeparamref name="T"/>.</summary>
    public Task<T> SendAsync<T>(HttpMethod method, string path, HttpContent? body, CancellationToken ct) =>
        SendAsync<T>(method, path, body, null, ct);

    /// <summary>Sends a request that asks for a media type, and reads the answer as <typeparamref name="T"/>.</summary>
    public async Task<T> SendAsync<T>(HttpMethod method, string path, HttpContent? body, string? accept, CancellationToken ct)
    {
        using var response = await OpenAsync(method, path, body, accept, ct).ConfigureAwait(false);
        await using var stream = await response.Content.ReadAsStreamAsync(ct).ConfigureAwait(false);
        return (await JsonSerializer.DeserializeAsync<T>(stream, KubeJson.Options, ct).ConfigureAwait(false))!;
    }

    /// <summary>Sends a request and returns the answer with its body still to be read; the caller disposes it.</summary>
    public Task<HttpResponseMessage> OpenAsync(HttpMethod method, string path, HttpContent? body, CancellationToken ct) =>
        OpenAsync(method, path, body, null, ct);

    /// <summary>The same, asking for a media type.</summary>
    public async Task<HttpResponseMessage> OpenAsync(HttpMethod method, string path, HttpContent? body, string? accept, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body, Version = Http.DefaultRequestVersion, VersionPolicy = Http.DefaultVersionPolicy };
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        var response = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            var bytes = await response.Content.ReadAsByteArrayAsync(ct).ConfigureAwait(false);
            throw ApiException.FromBody((int)response.StatusCode, bytes);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Http.Dispose();

    private static HttpMessageHandler WithToken(KubeConfig config) =>
        config.TokenFile is { } file ? new TokenFileHandler(file, TimeProvider.System, config.CreateHandler()) : config.CreateHandler();

    // Built-in kinds read from lists carry no kind or version; writes must.
    private static T Typed<T>(T obj)
        where T : class, IKubeObject<T>, new()
    {
        obj.ApiVersion = T.KubeKind.ApiVersion;
        obj.Kind = T.KubeKind.Kind;
        return obj;
    }

    private static ByteArrayContent Body<T>(T value)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(value, KubeJson.Options));
        content.Headers.ContentType = Json;
        return content;
    }
}
