using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;

namespace Sealos.KubeControllers.Resources;

/// <summary>Reads and changes objects of any served kind by their metadata alone.</summary>
internal sealed class MetadataClient(KubeClient client)
{
    private const string AcceptOne = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
    private const string AcceptList = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
    private const int PageSize = 500;

    /// <summary>One object, or null.</summary>
    public async Task<ObjectHead?> FindAsync(ServedResource resource, string? ns, string name, CancellationToken ct)
    {
        try
        {
            return await client.SendAsync<ObjectHead>(HttpMethod.Get, resource.Path(ns, name), null, AcceptOne, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>All objects of a namespace or the cluster, page by page.</summary>
    public async IAsyncEnumerable<KubeList<ObjectHead>> ListAsync(ServedResource resource, string? ns, [EnumeratorCancellation] CancellationToken ct)
    {
        string? next = null;
        do
        {
            var query = string.Create(CultureInfo.InvariantCulture, $"?limit={PageSize}");
            var path = resource.Path(ns) + (next is null ? query : $"{query}&continue={Uri.EscapeDataString(next)}");
            var page = await client.SendAsync<KubeList<ObjectHead>>(HttpMethod.Get, path, null, AcceptList, ct).ConfigureAwait(false);
            yield return page;
            next = page.Metadata.Continue;
        }
        while (!string.IsNullOrEmpty(next));
    }

    public IAsyncEnumerable<WatchEvent<ObjectHead>> WatchAsync(ServedResource resource, string? version, CancellationToken ct) =>
        client.WatchPathAsync<ObjectHead>(resource.Path(null), new WatchQuery { ResourceVersion = version }, AcceptOne, ct);

    /// <summary>Applies a merge patch to an object as it was read; a conflict when it has changed since.</summary>
    public Task PatchAsync(ServedResource resource, ObjectHead read, JsonObject metadata, CancellationToken ct)
    {
        metadata["uid"] = read.Metadata.Uid;
        metadata["resourceVersion"] = read.Metadata.ResourceVersion;
        var body = Body(new JsonObject { ["metadata"] = metadata }, "application/merge-patch+json");
        return client.SendAsync<ObjectHead>(HttpMethod.Patch, resource.Path(read.Metadata.Namespace, read.Metadata.Name), body, AcceptOne, ct);
    }

    /// <summary>Deletes one object.</summary>
    public Task DeleteAsync(ServedResource resource, string? ns, string name, DeleteOptions options, CancellationToken ct) =>
        client.SendAsync<JsonNode>(HttpMethod.Delete, resource.Path(ns, name), Body(options, "application/json"), ct);

    /// <summary>Deletes everything of a kind in a namespace.</summary>
    public Task DeleteAllAsync(ServedResource resource, string ns, CancellationToken ct) =>
        client.SendAsync<JsonNode>(HttpMethod.Delete, resource.Path(ns), Body(new DeleteOptions { PropagationPolicy = "Background" }, "application/json"), ct);

    private static ByteArrayContent Body<T>(T value, string mediaType)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(value, KubeJson.Options));
        content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        return content;
    }
}
