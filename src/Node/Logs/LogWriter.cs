using System.Buffers;
using System.IO.Pipelines;

namespace Sealos.Node.Logs;

/// <summary>Writes the content of log lines: joins what the runtime cut, and keeps to the limits that were asked for.</summary>
internal sealed class LogWriter(LogOptions options, PipeWriter output)
{
    private const int LongestTime = 64;

    private readonly LogTime? _since = options.Since is { } since ? new LogTime(since) : null;
    private long _left = options.LimitBytes ?? long.MaxValue;
    private long _skip;
    private bool _isLineStart = true;
    private bool _isGone;

    /// <summary>Whether the limit is reached or nobody reads any more.</summary>
    public bool IsDone => _left <= 0 || _isGone;

    /// <summary>Leaves out so many of the following lines.</summary>
    public void SkipLines(long lines) => _skip = lines;

    /// <summary>Writes one line of a log file, given without its line feed; what is no log line is left out.</summary>
    public void Write(ReadOnlySpan<byte> raw)
    {
        if (!CriLogLine.TryParse(raw, out var line))
        {
            return;
        }

        if (_skip > 0)
        {
            _skip -= line.IsPartial ? 0 : 1;
            return;
        }

        if (_since is { } since && !line.IsSince(since))
        {
            return;
        }

        if (options.Timestamps && _isLineStart)
        {
            Span<byte> time = stackalloc byte[LongestTime];
            var length = line.Time.Length < LongestTime / 2 ? line.FormatTime(time) : 0;
            time[length] = (byte)' ';
            Put(time[..(length + 1)]);
        }

        Put(line.Content);
        if (!line.IsPartial)
        {
            Put("\n"u8);
        }

        _isLineStart = !line.IsPartial;
    }

    /// <summary>Sends what was written.</summary>
    public async ValueTask FlushAsync(CancellationToken ct) =>
        _isGone |= (await output.FlushAsync(ct).ConfigureAwait(false)).IsCompleted;

    private void Put(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _left)
        {
            bytes = bytes[..(int)_left];
        }

        output.Write(bytes);
        _left -= bytes.Length;
    }
}
