using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;

namespace Sealos.OsServices.Apps;

/// <summary>Which part of the logs is wanted.</summary>
public sealed record LogQuery
{
    /// <summary>Stay and stream new lines.</summary>
    public bool Follow { get; init; }

    /// <summary>Only the last lines of each instance.</summary>
    public int? TailLines { get; init; }

    /// <summary>Of the run before the last restart.</summary>
    public bool Previous { get; init; }

    /// <summary>Begin each line with the time it was written at.</summary>
    public bool Timestamps { get; init; }
}

public sealed partial class AppLaunchpad
{
    /// <summary>The app now and at each change, with the reason its instances give for not being ready; ends when it is deleted.</summary>
    public async IAsyncEnumerable<(AppView App, string Reason)> FollowAsync(string ns, string name, [EnumeratorCancellation] CancellationToken ct)
    {
        while (true)
        {
            // Instances first: what changes after their version, the app included, is not missed by the watches below.
            var pods = await client.ListAsync<Pod>(ns, new ListQuery { LabelSelector = AppNames.Instances(name) }, ct).ConfigureAwait(false);
            var app = await FindAsync(ns, name, ct).ConfigureAwait(false);
            if (app is null)
            {
                yield break;
            }

            yield return (app, InstanceWords.Problem(pods.Items));
            await NextChangeAsync(ns, name, pods.Metadata.ResourceVersion, ct).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Lines of all instances, each led by its instance's name when there are several. When following, instances and runs
    /// that start later are joined as they start, until the app is deleted or the caller leaves.
    /// </summary>
    public async IAsyncEnumerable<string> LogsAsync(string ns, string name, LogQuery query, [EnumeratorCancellation] CancellationToken ct)
    {
        var lines = Channel.CreateBounded<string>(256);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var reading = new AppLogReader(client, ns, name, query, lines.Writer).RunAsync(stop.Token);
        try
        {
            await foreach (var line in lines.Reader.ReadAllAsync(ct).ConfigureAwait(false))
            {
                yield return line;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(false);
        }
    }

    // A change of either the workload or an instance is worth another look; the watch that loses is cancelled.
    private async Task NextChangeAsync(string ns, string name, string? podVersion, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        stop.CancelAfter(TimeSpan.FromSeconds(30));
        var first = await Task.WhenAny(
            FirstEventAsync<Pod>(ns, new WatchQuery { LabelSelector = AppNames.Instances(name), ResourceVersion = podVersion }, stop.Token),
            FirstEventAsync<Deployment>(ns, new WatchQuery { FieldSelector = $"metadata.name={name}", ResourceVersion = podVersion }, stop.Token)).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await first.ConfigureAwait(false);
        ct.ThrowIfCancellationRequested();
    }

    private async Task FirstEventAsync<T>(string ns, WatchQuery query, CancellationToken ct)
        where T : class, Kinds.IKubeObject<T>, new()
    {
        try
        {
            await foreach (var change in client.WatchAsync<T>(ns, query, ct).ConfigureAwait(false))
            {
                if (change.Type != "BOOKMARK")
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The other watch was first, or it is time to look anyway.
        }
        catch (ApiException e) when (e.IsExpired)
        {
            // Too much has happened since; look again.
        }
    }
}
