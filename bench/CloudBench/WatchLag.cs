using System.Buffers;
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO.Pipelines;
using Sealos.ControllerKit.Client;

namespace Sealos.Bench;

/// <summary>How much later than it was sent a write reaches those who watch. Each write carries the clock, so nothing has to be matched.</summary>
internal static class WatchLag
{
    private const int Watchers = 4;

    public static async Task MeasureAsync(List<KubeClient> clients, string path, int writesPerSecond, int seconds, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var lags = new ConcurrentBag<(long Sent, double Lag)>();
        var watching = Enumerable.Range(0, Watchers).Select(i => Task.Run(() => WatchAsync(clients[i], path, lags, stop.Token), ct)).ToArray();
        await WriteAsync(clients, path, writesPerSecond, 2, ct);
        var start = Stopwatch.GetTimestamp();
        var answers = await WriteAsync(clients, path, writesPerSecond, seconds, ct);
        var rate = answers.Count / Stopwatch.GetElapsedTime(start).TotalSeconds;
        await Task.Delay(500, ct);
        await stop.CancelAsync();
        await Task.WhenAll(watching);
        Figures.Row($"update at {writesPerSecond}/s", answers, "ms", $"{rate:0} writes/s reached");
        Figures.Row($"watch lag of {Watchers} watchers, from the write's sending", [.. lags.Where(l => l.Sent >= start).Select(l => l.Lag)], "ms", "aim p99 < 20");
    }

    // Each client writes at fixed moments, whatever the last answer took, so that a slow server does not slow its own load down.
    private static async Task<List<double>> WriteAsync(List<KubeClient> clients, string path, int writesPerSecond, int seconds, CancellationToken ct)
    {
        var answers = new ConcurrentBag<double>();
        var begin = Stopwatch.GetTimestamp();
        var step = Stopwatch.Frequency * clients.Count / writesPerSecond;
        await Task.WhenAll(clients.Select((client, w) => Task.Run(
            async () =>
            {
                var count = seconds * writesPerSecond / clients.Count;
                for (var i = 0; i < count; i++)
                {
                    var due = begin + (i * step) + (step * w / clients.Count);
                    if (due - Stopwatch.GetTimestamp() is > 0 and var early)
                    {
                        await Task.Delay(TimeSpan.FromTicks(early * TimeSpan.TicksPerSecond / Stopwatch.Frequency), ct);
                    }

                    var sent = Stopwatch.GetTimestamp();
                    var name = ApiBench.Name((w * 100) + (i % 100));
                    await ApiBench.SendAsync(client, HttpMethod.Put, $"{path}/{name}", ApiBench.Body(name, sent), ct);
                    answers.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
                }
            },
            ct)));
        return [.. answers];
    }

    private static async Task WatchAsync(KubeClient client, string path, ConcurrentBag<(long Sent, double Lag)> lags, CancellationToken ct)
    {
        try
        {
            using var response = await client.OpenAsync(HttpMethod.Get, path + "?watch=true", null, ct);
            var reader = PipeReader.Create(await response.Content.ReadAsStreamAsync(ct));
            while (true)
            {
                var result = await reader.ReadAsync(ct);
                var buffer = result.Buffer;
                while (buffer.PositionOf((byte)'\n') is { } end)
                {
                    if (Sent(buffer.Slice(0, end)) is > 0 and var sent)
                    {
                        lags.Add((sent, Stopwatch.GetElapsedTime(sent).TotalMilliseconds));
                    }

                    buffer = buffer.Slice(buffer.GetPosition(1, end));
                }

                reader.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Measured enough.
        }
    }

    private static long Sent(ReadOnlySequence<byte> line)
    {
        var bytes = line.IsSingleSegment ? line.FirstSpan : line.ToArray();
        var at = bytes.IndexOf("\"sent\":\""u8);
        return at >= 0 && Utf8Parser.TryParse(bytes[(at + 8)..], out long sent, out _) ? sent : 0;
    }
}
