using System.Net;
using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Storage;

namespace Sealos.Host.InCluster;

/// <summary>What is to be known of a cluster before anything is installed into it.</summary>
internal sealed class ClusterSurvey(KubeClient client)
{
    /// <summary>The addresses of pods, as the nodes or the operator say.</summary>
    /// <exception cref="InvalidDataException">Neither does.</exception>
    public async Task<IReadOnlyList<string>> PodRangesAsync(string? given, CancellationToken ct)
    {
        if (given is not null)
        {
            return Split(given);
        }

        var nodes = await client.ListAsync<Kinds.Core.Node>(null, null, ct).ConfigureAwait(false);
        var ranges = nodes.Items.SelectMany(n => n.Spec?.PodCIDRs ?? (n.Spec?.PodCIDR is { } one ? [one] : [])).Where(IsV4).Distinct(StringComparer.Ordinal).ToList();
        return ranges.Count > 0 ? ranges : throw new InvalidDataException("the nodes do not say which addresses pods have: name them with --pod-cidr, as walls between workspaces are made of them");
    }

    /// <summary>The addresses of Services, as the cluster or the operator says.</summary>
    /// <exception cref="InvalidDataException">Neither does.</exception>
    public async Task<IReadOnlyList<string>> ServiceRangesAsync(string? given, CancellationToken ct)
    {
        if (given is not null)
        {
            return Split(given);
        }

        foreach (var version in new[] { "v1", "v1beta1" })
        {
            if (await FindAsync($"/apis/networking.k8s.io/{version}/servicecidrs", ct).ConfigureAwait(false) is { } list)
            {
                var ranges = list["items"]!.AsArray().SelectMany(i => i!["spec"]?["cidrs"]?.AsArray() ?? []).Select(c => (string)c!).Where(IsV4).ToList();
                if (ranges.Count > 0)
                {
                    return ranges;
                }
            }
        }

        if (await RefusedRangeAsync(ct).ConfigureAwait(false) is { } range)
        {
            return [range];
        }

        throw new InvalidDataException("the cluster does not say which addresses Services have: name them with --service-cidr, as walls between workspaces are made of them");
    }

    // Clusters that have no objects for it name the range when they refuse an address outside of it.
    private async Task<string?> RefusedRangeAsync(CancellationToken ct)
    {
        const string Marker = "range of valid IPs is ";
        try
        {
            using var body = new StringContent("""{"apiVersion":"v1","kind":"Service","metadata":{"generateName":"sealos-"},"spec":{"clusterIP":"203.0.113.1","ports":[{"port":80}]}}""", System.Text.Encoding.UTF8, "application/json");
            await client.SendAsync<JsonObject>(HttpMethod.Post, "/api/v1/namespaces/default/services?dryRun=All", body, ct).ConfigureAwait(false);
            return null;
        }
        catch (ApiException e) when (e.Message.IndexOf(Marker, StringComparison.Ordinal) is var at and >= 0)
        {
            var range = e.Message[(at + Marker.Length)..].Split(' ', '"', ',', ';')[0].TrimEnd('.');
            return IsV4(range) ? range : null;
        }
        catch (ApiException)
        {
            return null;
        }
    }

    /// <summary>The storage classes there are.</summary>
    public async Task<IReadOnlyList<string>> StorageClassesAsync(CancellationToken ct) =>
        [.. (await client.ListAsync<StorageClass>(null, null, ct).ConfigureAwait(false)).Items.Select(c => c.Metadata.Name!).Order(StringComparer.Ordinal)];

    /// <summary>What stands at a path, or null.</summary>
    public async Task<JsonObject?> FindAsync(string path, CancellationToken ct)
    {
        try
        {
            return await client.SendAsync<JsonObject>(HttpMethod.Get, path, null, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    private static string[] Split(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static bool IsV4(string range) => IPNetwork.TryParse(range, out var network) && network.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork;
}
