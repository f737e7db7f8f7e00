using System.IO.Pipelines;

namespace Sealos.Node.Logs;

/// <summary>Turns one container's log files into what its program wrote.</summary>
internal sealed class LogReader(string path, LogOptions options, PipeWriter output, TimeProvider time)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(250);

    private readonly LogWriter _writer = new(options, output);

    /// <summary>Writes what is wanted. With follow it ends when <paramref name="isRunning"/> turns false and everything is written, or nobody reads any more.</summary>
    public async Task WriteAsync(Func<bool> isRunning, CancellationToken ct)
    {
        var files = LogFiles.All(path);
        var (first, offset, skip) = await FindStartAsync(files, ct).ConfigureAwait(false);
        foreach (var file in files.Skip(first).SkipLast(1))
        {
            if (IsWanted(file))
            {
                await CopyRotatedAsync(file, offset, skip, ct).ConfigureAwait(false);
            }

            (offset, skip) = (0, 0);
        }

        if (options.Follow)
        {
            await FollowAsync(offset, isRunning, ct).ConfigureAwait(false);
        }
        else
        {
            await CopyRotatedAsync(path, offset, 0, ct).ConfigureAwait(false);
        }
    }

    // A rotated file was last written when it was rotated, so an older one cannot hold newer lines.
    private bool IsWanted(string file) => options.Since is not { } since || File.GetLastWriteTimeUtc(file) >= since.UtcDateTime || !File.Exists(file);

    private async Task<(int File, long Offset, long Skip)> FindStartAsync(List<string> files, CancellationToken ct)
    {
        if (options.TailLines is not { } missing)
        {
            return (0, 0, 0);
        }

        for (var i = files.Count - 1; i >= 0; i--)
        {
            await using var stream = LogFiles.Open(files[i]);
            if (stream is FileStream plain)
            {
                (var offset, missing) = await LogTail.FindAsync(plain, missing, ct).ConfigureAwait(false);
                if (missing == 0)
                {
                    return (i, offset, 0);
                }
            }
            else if (stream is not null)
            {
                var lines = await LogTail.CountAsync(stream, ct).ConfigureAwait(false);
                if (lines >= missing)
                {
                    return (i, 0, lines - missing);
                }

                missing -= lines;
            }
        }

        return (0, 0, 0);
    }

    private async Task CopyRotatedAsync(string file, long offset, long skip, CancellationToken ct)
    {
        await using var stream = LogFiles.Open(file);
        if (stream is null)
        {
            return;
        }

        if (offset > 0 && stream.CanSeek)
        {
            stream.Position = offset;
        }

        _writer.SkipLines(skip);
        await CopyAsync(new LineReader(stream), ct).ConfigureAwait(false);
    }

    private async Task<bool> CopyAsync(LineReader lines, CancellationToken ct)
    {
        var any = false;
        while (!_writer.IsDone && await lines.FillAsync(ct).ConfigureAwait(false))
        {
            any = true;
            while (!_writer.IsDone && lines.TryRead(out var line))
            {
                _writer.Write(line.Span);
            }

            await _writer.FlushAsync(ct).ConfigureAwait(false);
        }

        return any;
    }

    private async Task FollowAsync(long offset, Func<bool> isRunning, CancellationToken ct)
    {
        await output.FlushAsync(ct).ConfigureAwait(false);
        while (!File.Exists(path) && isRunning())
        {
            await Task.Delay(Longest, time, ct).ConfigureAwait(false);
        }

        string? next = path;
        while (next is not null && !_writer.IsDone && LogFiles.Open(next) is { } stream)
        {
            await using (stream.ConfigureAwait(false))
            {
                if (stream is not FileStream file)
                {
                    // Rotated twice between two looks, and compressed already.
                    await CopyAsync(new LineReader(stream), ct).ConfigureAwait(false);
                    next = LogFiles.After(path, next);
                    continue;
                }

                file.Position = offset;
                next = await FollowFileAsync(file, isRunning, ct).ConfigureAwait(false);
            }

            offset = 0;
        }
    }

    // Returns the file to go on with, or null at the end.
    private async Task<string?> FollowFileAsync(FileStream file, Func<bool> isRunning, CancellationToken ct)
    {
        var lines = new LineReader(file);
        var (wait, isLastLook) = (Shortest, false);
        while (true)
        {
            // Asked before reading: what is written between the two is then seen by one more look.
            var name = LogFiles.CurrentName(file);
            var running = isRunning();
            var any = await CopyAsync(lines, ct).ConfigureAwait(false);
            if (_writer.IsDone || (isLastLook && !any))
            {
                return _writer.IsDone || name == Path.GetFileName(path) ? null : LogFiles.After(path, name);
            }

            isLastLook = !running || (name != Path.GetFileName(path) && File.Exists(path));
            wait = any ? Shortest : wait * 2 < Longest ? wait * 2 : Longest;
            await Task.Delay(wait, time, ct).ConfigureAwait(false);
        }
    }
}
