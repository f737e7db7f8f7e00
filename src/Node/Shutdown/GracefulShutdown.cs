using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Node.Pods;
using Sealos.Node.Pods.Config;
using Sealos.Node.Pressure;
using Sealos.Node.Registration;

namespace Sealos.Node.Shutdown;

/// <summary>Closes the node and ends its pods in good order before the machine goes down: critical ones last.</summary>
internal sealed partial class GracefulShutdown(ShutdownOptions options, NodeRegistrar registrar, PodWorkers workers, TimeProvider time, ILogger<GracefulShutdown> logger)
{
    private const string Message = "Pod was terminated in response to imminent node shutdown.";

    private static readonly TimeSpan ShortestGrace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReportLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ReportRetry = TimeSpan.FromMilliseconds(100);

    /// <summary>Returns once no pod runs, or the time is up.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        var start = time.GetTimestamp();
        registrar.Closed = "node is shutting down";
        await TryReportAsync(ct).ConfigureAwait(false);
        var groups = workers.List().Where(p => !p.IsFinished).ToLookup(EvictionOrder.IsCritical);
        LogEnding(logger, groups[false].Count() + groups[true].Count(), options.Grace.TotalSeconds);
        var limit = AtLeast(Left(start) - options.CriticalGrace);
        var ordinary = EndAsync(groups[false], limit, ct);

        // Who does not end in time does not take the time of the critical ones.
        await ordinary.WaitAsync(limit, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(ordinary, EndAsync(groups[true], AtLeast(Left(start)), ct)).ConfigureAwait(false);
    }

    private static TimeSpan AtLeast(TimeSpan grace) => grace > ShortestGrace ? grace : ShortestGrace;

    private TimeSpan Left(long start) => options.Grace - time.GetElapsedTime(start);

    private Task EndAsync(IEnumerable<Pod> pods, TimeSpan grace, CancellationToken ct)
    {
        var failure = new PodFailure("Terminated", Message) { Grace = grace, IsDisruption = true };
        return Task.WhenAll(pods.Select(p => workers.EndAsync(p, failure, ct)));
    }

    // Who would send pods here should know first, but the machine does not wait for them.
    private async Task TryReportAsync(CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(ReportLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            while (!await TryReportOnceAsync(either.Token).ConfigureAwait(false))
            {
                await Task.Delay(ReportRetry, time, either.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException or JsonException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            LogNotReported(logger, e.Message);
        }
    }

    // False when somebody else wrote to the node at the same time.
    private async Task<bool> TryReportOnceAsync(CancellationToken ct)
    {
        try
        {
            await registrar.ReportNowAsync(ct).ConfigureAwait(false);
            return true;
        }
        catch (ApiException e) when (e.IsConflict)
        {
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Information, "the machine goes down: {Count} pods get {Seconds}s to end")]
    private static partial void LogEnding(ILogger logger, int count, double seconds);

    [LoggerMessage(2, LogLevel.Warning, "that the node closes could not be reported: {Reason}")]
    private static partial void LogNotReported(ILogger logger, string reason);
}
