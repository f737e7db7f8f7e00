using System.Globalization;
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
}

public sealed partial class AppLaunchpad
{
    /// <summary>The app now and at each change, with the reason its instances give for not being ready; ends when it is deleted.</summary>
    public async IAsyncEnumerable<(AppView App, string Reason)> FollowAsync(string ns, string name, [EnumeratorCancellation] CancellationToken ct)
    {
        while (true)
        {
            // Instances first: what changes after their version, the app included, is not missed by the watches below.
            var pods = await client.ListAsync<Pod>(ns, new ListQuery { LabelSelector = $"{AppNames.AppLabel}={name}" }, ct).ConfigureAwait(false);
            var app = await FindAsync(ns, name, ct).ConfigureAwait(false);
            if (app is null)
            {
                yield break;
            }

            yield return (app, Reason(pods.Items));
            await NextChangeAsync(ns, name, pods.Metadata.ResourceVersion, ct).ConfigureAwait(false);
        }
    }

    /// <summary>Lines of all instances, each led by its instance's name when there are several.</summary>
    public async IAsyncEnumerable<string> LogsAsync(string ns, string name, LogQuery query, [EnumeratorCancellation] CancellationToken ct)
    {
        var instances = await InstancesAsync(ns, name, ct).ConfigureAwait(false);
        var lines = Channel.CreateBounded<string>(256);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var readers = instances.Select(i => ReadLogAsync(i, instances.Count > 1 ? $"[{i.Metadata.Name}] " : "", query, lines.Writer, stop.Token)).ToArray();
        var all = Task.WhenAll(readers).ContinueWith(t => lines.Writer.TryComplete(t.Exception?.InnerException), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
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
            await all.ConfigureAwait(false);
        }
    }

    private static string Reason(IReadOnlyList<Pod> pods) =>
        pods.Where(p => p.Metadata.DeletionTimestamp is null).Select(InstanceWords.Describe).FirstOrDefault(d => d is not ("running" or "starting" or "running, not ready yet")) ?? "";

    // A change of either the workload or an instance is worth another look; the watch that loses is cancelled.
    private async Task NextChangeAsync(string ns, string name, string? podVersion, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        stop.CancelAfter(TimeSpan.FromSeconds(30));
        var first = await Task.WhenAny(
            FirstEventAsync<Pod>(ns, new WatchQuery { LabelSelector = $"{AppNames.AppLabel}={name}", ResourceVersion = podVersion }, stop.Token),
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

    private async Task ReadLogAsync(Pod pod, string prefix, LogQuery query, ChannelWriter<string> lines, CancellationToken ct)
    {
        var parameters = $"?follow={(query.Follow ? "true" : "false")}&previous={(query.Previous ? "true" : "false")}";
        if (query.TailLines is { } tail)
        {
            parameters += "&tailLines=" + tail.ToString(CultureInfo.InvariantCulture);
        }

        try
        {
            using var response = await client.OpenAsync(HttpMethod.Get, Pod.KubeKind.Path(pod.Metadata.Namespace, pod.Metadata.Name, "log") + parameters, null, ct).ConfigureAwait(false);
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(ct).ConfigureAwait(false));
            while (await reader.ReadLineAsync(ct).ConfigureAwait(false) is { } line)
            {
                await lines.WriteAsync(prefix + line, ct).ConfigureAwait(false);
            }
        }
        catch (ApiException e)
        {
            // One instance that has nothing to say yet must not silence the others.
            await lines.WriteAsync($"{prefix}({e.Message})", ct).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
        }
    }
}
