using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;

namespace Sealos.OsServices.Users;

/// <summary>Brings it about that an object is there and says what it should; costs nothing when it does already.</summary>
internal sealed class ObjectKeeper(KubeClient client)
{
    /// <summary>
    /// Creates <paramref name="wanted"/>, or changes what is there of that name. Labels and annotations that are not asked for stay.
    /// </summary>
    /// <param name="cache">Where it is looked for first; may be behind.</param>
    /// <param name="wanted">What should be.</param>
    /// <param name="merge">Changes the first into what the second asks for; answers whether it had to.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task EnsureAsync<T>(Informer<T>? cache, T wanted, Func<T, T, bool> merge, CancellationToken ct)
        where T : class, IKubeObject<T>, new()
    {
        var current = cache?.Get(wanted.Metadata.Namespace, wanted.Metadata.Name!);
        if (current is null)
        {
            try
            {
                await client.CreateAsync(wanted, ct).ConfigureAwait(false);
                return;
            }
            catch (ApiException e) when (e.IsAlreadyExists)
            {
                current = await client.GetAsync<T>(wanted.Metadata.Namespace, wanted.Metadata.Name!, ct).ConfigureAwait(false);
            }
        }

        // What a cache holds is shared.
        var changed = KubeJson.Clone(current);
        if (MergeMetadata(changed, wanted) | merge(changed, wanted))
        {
            await client.UpdateAsync(changed, ct).ConfigureAwait(false);
        }
    }

    /// <summary>The same for what is all in labels and annotations.</summary>
    public Task EnsureAsync<T>(Informer<T>? cache, T wanted, CancellationToken ct)
        where T : class, IKubeObject<T>, new() => EnsureAsync(cache, wanted, (_, _) => false, ct);

    /// <summary>Whether two values are written the same.</summary>
    public static bool AreSame<T>(T? one, T? other)
        where T : class => System.Text.Json.JsonSerializer.Serialize(one, KubeJson.Options) == System.Text.Json.JsonSerializer.Serialize(other, KubeJson.Options);

    private static bool MergeMetadata(IKubeObject current, IKubeObject wanted)
    {
        var (labels, labelsChanged) = Merge(current.Metadata.Labels, wanted.Metadata.Labels);
        var (annotations, annotationsChanged) = Merge(current.Metadata.Annotations, wanted.Metadata.Annotations);
        current.Metadata.Labels = labels;
        current.Metadata.Annotations = annotations;
        return labelsChanged || annotationsChanged;
    }

    private static (Dictionary<string, string>? Merged, bool HasChanged) Merge(Dictionary<string, string>? current, Dictionary<string, string>? wanted)
    {
        if (wanted is null || wanted.All(w => current?.GetValueOrDefault(w.Key) == w.Value))
        {
            return (current, false);
        }

        var merged = new Dictionary<string, string>(current ?? [], StringComparer.Ordinal);
        foreach (var (key, value) in wanted)
        {
            merged[key] = value;
        }

        return (merged, true);
    }
}
