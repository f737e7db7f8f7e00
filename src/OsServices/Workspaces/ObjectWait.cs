using Sealos.ControllerKit.Client;
using Sealos.Kinds;

namespace Sealos.OsServices.Workspaces;

/// <summary>Waits, by watch, until an object is as wanted.</summary>
internal sealed class ObjectWait(KubeClient client, TimeProvider time)
{
    /// <summary>The object once <paramref name="isDone"/> says so (null when it is gone), or as it was when the time was up.</summary>
    public async Task<(bool IsDone, T? Last)> UntilAsync<T>(string? ns, string name, Func<T?, bool> isDone, TimeSpan limit, CancellationToken ct)
        where T : class, IKubeObject<T>, new()
    {
        using var timer = new CancellationTokenSource(limit, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(ct, timer.Token);
        T? last = null;
        while (true)
        {
            try
            {
                last = await client.FindAsync<T>(ns, name, linked.Token).ConfigureAwait(false);
                if (isDone(last))
                {
                    return (true, last);
                }

                var query = new WatchQuery { FieldSelector = $"metadata.name={name}", ResourceVersion = last?.Metadata.ResourceVersion, TimeoutSeconds = 60 };
                await foreach (var change in client.WatchAsync<T>(ns, query, linked.Token).ConfigureAwait(false))
                {
                    if (change.Type == "BOOKMARK")
                    {
                        continue;
                    }

                    last = change.Type == "DELETED" ? null : change.Object;
                    if (isDone(last))
                    {
                        return (true, last);
                    }
                }
            }
            catch (ApiException e) when (e.IsExpired)
            {
                // What was seen is too old by now: look again.
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                return (false, last);
            }
        }
    }
}
