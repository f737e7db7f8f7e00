using System.Text.Json.Nodes;
using Sealos.ApiServer.Proxy;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Computed;

/// <summary>
/// What nodes say that they and their pods use. Each node is asked at most once in some seconds, however many want to know,
/// and one that does not answer soon is left out.
/// </summary>
internal sealed class UsageSource(ResourceRegistry registry, KubeletClient kubelets, TimeProvider time)
{
    private const int MaxBytes = 32 * 1024 * 1024;
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);

    // A node that was not asked lately measures twice.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly NodeLocator _nodes = new(registry);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (long At, Task<JsonObject?> Answer)> _known = new(StringComparer.Ordinal);

    /// <summary>The summaries of all nodes that answer. They are shared: never change one.</summary>
    public async Task<IReadOnlyList<JsonObject>> ReadAsync(CancellationToken cancellationToken)
    {
        List<string> names;
        using (var nodes = registry.Get("", "nodes").Cache.List(null))
        {
            names = [.. nodes.Items.ToArray().Select(n => n.Name)];
        }

        var answers = await Task.WhenAll(names.Select(Ask)).WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            foreach (var gone in _known.Keys.Except(names).ToList())
            {
                _known.Remove(gone);
            }
        }

        return [.. answers.OfType<JsonObject>()];
    }

    /// <summary>Keeps no answers any more; whoever asks next asks the nodes.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            _known.Clear();
        }
    }

    private Task<JsonObject?> Ask(string node)
    {
        lock (_lock)
        {
            if (_known.TryGetValue(node, out var known) && time.GetElapsedTime(known.At) < Freshness)
            {
                return known.Answer;
            }

            // Not cancelled with the request that happens to be the first: others wait for the same answer.
            var answer = FetchAsync(node, CancellationToken.None);
            _known[node] = (time.GetTimestamp(), answer);
            return answer;
        }
    }

    private async Task<JsonObject?> FetchAsync(string node, CancellationToken cancellationToken)
    {
        await Task.Yield();
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_nodes.Kubelet(node), "/stats/summary"));
            using var response = await kubelets.SendAsync(request, toKubelet: true, either.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                return null;
            }

            await response.Content.LoadIntoBufferAsync(MaxBytes, either.Token).ConfigureAwait(false);
            return JsonText.ParseNode(await response.Content.ReadAsByteArrayAsync(either.Token).ConfigureAwait(false)) as JsonObject;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or DecodeException or ApiException)
        {
            return null;
        }
    }
}
