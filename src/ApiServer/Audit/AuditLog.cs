using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sealos.ApiServer.Http;

namespace Sealos.ApiServer.Audit;

/// <summary>
/// The audit log. Requests hand their events over and go on: a task of its own writes them to the file. When the disk is too
/// slow for what comes, events pile up to some megabytes; what comes then is counted and left out, for to hold up requests
/// would let a slow disk stop the cloud. A line in the log tells how many are missing.
/// </summary>
internal sealed partial class AuditLog : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(2);

    private readonly Channel<byte[]> _lines = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });
    private readonly AuditLogOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Task _writing;
    private long _waitingBytes;
    private long _written;
    private readonly AuditBudget _strangers;
    private long _dropped;
    private long _strangersLeftOut;

    public AuditLog(AuditLogOptions options, TimeProvider time, ILogger<AuditLog> logger)
    {
        _options = options;
        _time = time;
        _logger = logger;
        Policy = options.PolicyFile is { } file && File.Exists(file) ? AuditPolicy.Parse(File.ReadAllText(file)) : AuditPolicy.Default;
        _strangers = new AuditBudget(time);
        _writing = Task.Run(WriteAsync);
    }

    public AuditPolicy Policy { get; }

    /// <summary>Begins to follow a request.</summary>
    public AuditTrail Begin(HttpContext http, RequestInfo info, string id) => new(this, http, info, id, _time.GetUtcNow());

    /// <summary>
    /// Whether a request of somebody who did not prove who they are may still be written down. A burst of them is, and then some
    /// each second; the rest is counted, for else strangers could have the log turn over until nothing in it is worth reading.
    /// </summary>
    public bool AdmitsStranger()
    {
        if (_strangers.TryTake())
        {
            return true;
        }

        Interlocked.Increment(ref _strangersLeftOut);
        return false;
    }

    /// <summary>Writes an event down, if the policy wants it.</summary>
    public void Write(AuditTrail trail, string stage)
    {
        if (trail.Decision.Level == AuditLevel.None || trail.Decision.OmittedStages.Contains(stage))
        {
            return;
        }

        var line = AuditEventWriter.Write(trail, stage, _time.GetUtcNow());
        if (Interlocked.Add(ref _waitingBytes, line.Length) > _options.MaxWaitingBytes)
        {
            Interlocked.Add(ref _waitingBytes, -line.Length);
            Interlocked.Increment(ref _dropped);
            return;
        }

        _lines.Writer.TryWrite(line);
    }

    /// <summary>Counts for <c>/metrics</c>.</summary>
    public void WriteMetrics(StringBuilder text) => text.Append(
        CultureInfo.InvariantCulture,
        $"# TYPE apiserver_audit_event_total counter\napiserver_audit_event_total {Interlocked.Read(ref _written)}\n# TYPE apiserver_audit_dropped_total counter\napiserver_audit_dropped_total {Interlocked.Read(ref _dropped)}\n# TYPE sealos_audit_unauthenticated_left_out_total counter\nsealos_audit_unauthenticated_left_out_total {Interlocked.Read(ref _strangersLeftOut)}\n");

    public async ValueTask DisposeAsync()
    {
        _lines.Writer.TryComplete();
        await _writing.WaitAsync(StopPatience, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task WriteAsync()
    {
        using var file = new RotatingFile(_options, _time);
        var told = 0L;
        while (await _lines.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (_lines.Reader.TryRead(out var line))
            {
                Append(file, line);
                Interlocked.Add(ref _waitingBytes, -line.Length);
            }

            Flush(file);
            var dropped = Interlocked.Read(ref _dropped);
            if (dropped > told)
            {
                Log.Dropped(_logger, dropped - told);
                told = dropped;
            }
        }
    }

    private void Append(RotatingFile file, byte[] line)
    {
        try
        {
            file.Append(line);
            Interlocked.Increment(ref _written);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // On a full disk the cloud goes on without its log.
            Interlocked.Increment(ref _dropped);
            Log.Failed(_logger, _options.File, e.Message);
        }
    }

    private void Flush(RotatingFile file)
    {
        try
        {
            file.Flush();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.Failed(_logger, _options.File, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(30, LogLevel.Warning, "{Count} events are missing from the audit log: they came faster than they could be written")]
        public static partial void Dropped(ILogger logger, long count);

        [LoggerMessage(31, LogLevel.Warning, "audit log {Path}: {Reason}")]
        public static partial void Failed(ILogger logger, string path, string reason);
    }
}
