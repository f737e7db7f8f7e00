using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;

namespace Sealos.Host.Components;

/// <summary>The objects that a component has made for itself.</summary>
internal static class ComponentObjects
{
    /// <summary>Deletes those of a component. What has the same name but is not labelled as its own is somebody's, and stays.</summary>
    public static async Task DeleteAsync(KubeClient client, string component, IEnumerable<string> paths, CancellationToken ct)
    {
        foreach (var path in paths)
        {
            try
            {
                var found = await client.SendAsync<JsonObject>(HttpMethod.Get, path, null, ct).ConfigureAwait(false);
                if ((string?)found["metadata"]?["labels"]?[ComponentInfo.Label] == component)
                {
                    await client.SendAsync<JsonObject>(HttpMethod.Delete, path, null, ct).ConfigureAwait(false);
                }
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                // Gone already.
            }
        }
    }
}
