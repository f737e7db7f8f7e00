using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;
using Sealos.Kinds.Core;

namespace Sealos.OsServices.Apps;

/// <summary>Reads the logs of all instances of one app into one channel, one request an instance and run.</summary>
internal sealed class AppLogReader(KubeClient client, string ns, string app, LogQuery query, ChannelWriter<string> lines)
{
    // A line may be as long as an app likes; what is kept of it in memory may not.
    private const int LongestLine = 16 * 1024;

    private readonly ConcurrentDictionary<(string Instance, int Run), Task> _runs = new();

    /// <summary>Reads until the end, or, when following, until the app is deleted; then completes the channel.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        try
        {
            var pods = await ListAsync(ct).ConfigureAwait(false);
            foreach (var pod in pods.Items)
            {
                Start(pod, isNew: false, ct);
            }

            if (query.Follow)
            {
                await JoinLaterRunsAsync(pods.Metadata.ResourceVersion, ct).ConfigureAwait(false);
            }

            await Task.WhenAll(_runs.Values).ConfigureAwait(false);
            lines.TryComplete();
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            await Task.WhenAll(_runs.Values).ConfigureAwait(false);
            lines.TryComplete();
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException)
        {
            lines.TryComplete(e);
        }
    }

    private Task<KubeList<Pod>> ListAsync(CancellationToken ct) =>
        client.ListAsync<Pod>(ns, new ListQuery { LabelSelector = AppNames.Instances(app) }, ct);

    private async Task JoinLaterRunsAsync(string? version, CancellationToken ct)
    {
        while (await JoinUntilDeletedAsync(version, ct).ConfigureAwait(false))
        {
            // The watch has ended: whatever started meanwhile is in a new list.
            var pods = await ListAsync(ct).ConfigureAwait(false);
            version = pods.Metadata.ResourceVersion;
            foreach (var pod in pods.Items)
            {
                Start(pod, isNew: true, ct);
            }
        }
    }

    /// <summary>False when the app is gone, true when the watch has ended.</summary>
    private async Task<bool> JoinUntilDeletedAsync(string? version, CancellationToken ct)
    {
        var watch = new WatchQuery { LabelSelector = AppNames.Instances(app), ResourceVersion = version };
        try
        {
            await foreach (var change in client.WatchAsync<Pod>(ns, watch, ct).ConfigureAwait(false))
            {
                if (change.Type == "DELETED" && await client.FindAsync<Kinds.Apps.Deployment>(ns, app, ct).ConfigureAwait(false) is null)
                {
                    return false;
                }

                if (change is { Type: "ADDED" or "MODIFIED", Object: { } pod })
                {
                    Start(pod, isNew: true, ct);
                }
            }
        }
        catch (ApiException e) when (e.IsExpired)
        {
            // Too much has happened since.
        }

        return true;
    }

    private void Start(Pod pod, bool isNew, CancellationToken ct)
    {
        var status = pod.Status?.ContainerStatuses?.FirstOrDefault();
        var hasStarted = status?.State?.Running is not null || status?.State?.Terminated is not null;

        // Somebody who follows gets to see the rest once there is one; somebody who does not is told why there is nothing.
        if (hasStarted || !query.Follow)
        {
            _runs.GetOrAdd((pod.Metadata.Name!, status?.RestartCount ?? 0), _ => Task.Run(() => ReadAsync(pod, isNew, ct), CancellationToken.None));
        }
    }

    private async Task ReadAsync(Pod pod, bool isNew, CancellationToken ct)
    {
        var parameters = $"?follow={(query.Follow ? "true" : "false")}&previous={(query.Previous ? "true" : "false")}&timestamps={(query.Timestamps ? "true" : "false")}";
        if (query.TailLines is { } tail && !isNew)
        {
            parameters += "&tailLines=" + tail.ToString(CultureInfo.InvariantCulture);
        }

        try
        {
            using var response = await client.OpenAsync(HttpMethod.Get, Pod.KubeKind.Path(ns, pod.Metadata.Name, "log") + parameters, null, ct).ConfigureAwait(false);
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(ct).ConfigureAwait(false));
            await foreach (var line in LinesAsync(reader, ct).ConfigureAwait(false))
            {
                await lines.WriteAsync(Prefix(pod) + line, ct).ConfigureAwait(false);
            }
        }
        catch (ApiException e)
        {
            // One instance that has nothing to say must not silence the others.
            await lines.WriteAsync($"{Prefix(pod)}({e.Message})", ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // Nobody should take a log that has broken off for one that is quiet.
            lines.TryComplete(e);
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            // Nobody reads any more.
        }
    }

    /// <summary>The lines of a text; one that is too long comes in pieces.</summary>
    internal static async IAsyncEnumerable<string> LinesAsync(StreamReader reader, [EnumeratorCancellation] CancellationToken ct)
    {
        var buffer = new char[4096];
        var line = new StringBuilder();
        while (await reader.ReadAsync(buffer, ct).ConfigureAwait(false) is > 0 and var read)
        {
            for (var at = 0; at < read;)
            {
                var end = Array.IndexOf(buffer, '\n', at, read - at);
                var length = Math.Min((end < 0 ? read : end) - at, LongestLine - line.Length);
                line.Append(buffer, at, length);
                at += length;
                if (at == end || line.Length == LongestLine)
                {
                    yield return line.ToString().TrimEnd('\r');
                    line.Clear();
                    at += at == end ? 1 : 0;
                }
            }
        }

        if (line.Length > 0)
        {
            yield return line.ToString();
        }
    }

    // A single instance needs no name before each line.
    private string Prefix(Pod pod) => _runs.Keys.Select(r => r.Instance).Distinct(StringComparer.Ordinal).Take(2).Count() > 1 ? $"[{pod.Metadata.Name}] " : "";
}
