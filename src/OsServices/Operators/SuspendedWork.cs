using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Objects.Serialization;

namespace Sealos.OsServices.Operators;

/// <summary>Stops and starts what starts pods in a workspace.</summary>
internal sealed class SuspendedWork(KubeClient client)
{
    private const int PageSize = 200;

    public Task StopAsync(string ns, CancellationToken ct) => ChangeAsync(ns, (kind, obj) => kind.StopOf(obj), ct);

    public Task StartAsync(string ns, CancellationToken ct) => ChangeAsync(ns, (kind, obj) => kind.StartOf(obj), ct);

    /// <summary>Every object of a list, page by page.</summary>
    public static async IAsyncEnumerable<JsonObject> ListAsync(KubeClient client, string path, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        for (var next = ""; ;)
        {
            var page = await client.SendAsync<JsonObject>(HttpMethod.Get, $"{path}?limit={PageSize}{next}", null, ct).ConfigureAwait(false);
            foreach (var obj in page.Objects("items"))
            {
                yield return obj;
            }

            if (page.Child("metadata").Text("continue") is not { Length: > 0 } token)
            {
                yield break;
            }

            next = "&continue=" + Uri.EscapeDataString(token);
        }
    }

    private async Task ChangeAsync(string ns, Func<SuspendedKind, JsonObject, JsonObject?> changeOf, CancellationToken ct)
    {
        foreach (var kind in SuspendedKind.All)
        {
            var path = string.Format(CultureInfo.InvariantCulture, kind.Path, ns);
            await foreach (var obj in ListAsync(client, path, ct).ConfigureAwait(false))
            {
                if (changeOf(kind, obj) is { } change)
                {
                    await PatchAsync($"{path}/{obj.Child("metadata").Text("name")}", change, ct).ConfigureAwait(false);
                }
            }
        }
    }

    private async Task PatchAsync(string path, JsonObject change, CancellationToken ct)
    {
        using var body = new StringContent(change.ToJsonString(), Encoding.UTF8, "application/merge-patch+json");
        try
        {
            await client.SendAsync<JsonObject>(HttpMethod.Patch, path, body, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Deleted meanwhile.
        }
    }
}
