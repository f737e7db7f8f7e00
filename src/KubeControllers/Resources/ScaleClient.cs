using System.Net.Http.Headers;
using System.Text.Json;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;
using Sealos.Kinds.Autoscaling;

namespace Sealos.KubeControllers.Resources;

/// <summary>Reads and sets the size of whatever can be scaled, custom kinds included.</summary>
internal sealed class ScaleClient(KubeClient client, TimeProvider time)
{
    // Kinds come and go; who asks for one that is not known is worth a look, unless there was one just now.
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly SemaphoreSlim _reading = new(1);
    private volatile Known? _known;

    /// <summary>The resource of a kind, in whatever version; null when it is not served.</summary>
    public async Task<ServedResource?> FindAsync(string? apiVersion, string? kind, CancellationToken ct)
    {
        var known = _known;
        if (known is null || IsOlder(known, Freshness) || (known.Catalog.Find(apiVersion, kind) is null && IsOlder(known, Patience)))
        {
            known = await ReadAsync(known, ct).ConfigureAwait(false);
        }

        return known.Catalog.Find(apiVersion, kind);
    }

    /// <summary>An object's scale.</summary>
    public Task<Scale> GetAsync(ServedResource resource, string? ns, string name, CancellationToken ct) =>
        client.SendAsync<Scale>(HttpMethod.Get, resource.Path(ns, name) + "/scale", null, ct);

    /// <summary>Sets an object's size; fails with a conflict when it has changed since the scale was read.</summary>
    public Task<Scale> UpdateAsync(ServedResource resource, Scale scale, CancellationToken ct)
    {
        scale.ApiVersion = Scale.KubeKind.ApiVersion;
        scale.Kind = Scale.KubeKind.Kind;
        var body = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(scale, KubeJson.Options));
        body.Headers.ContentType = Json;
        return client.SendAsync<Scale>(HttpMethod.Put, resource.Path(scale.Metadata.Namespace, scale.Metadata.Name!) + "/scale", body, ct);
    }

    private bool IsOlder(Known known, TimeSpan age) => time.GetElapsedTime(known.At) > age;

    private async Task<Known> ReadAsync(Known? seen, CancellationToken ct)
    {
        await _reading.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            if (_known is { } other && !ReferenceEquals(other, seen))
            {
                // Somebody else has just read it.
                return other;
            }

            return _known = new Known(await ResourceCatalog.ReadAsync(client, ct).ConfigureAwait(false), time.GetTimestamp());
        }
        finally
        {
            _reading.Release();
        }
    }

    private sealed record Known(ResourceCatalog Catalog, long At);
}
