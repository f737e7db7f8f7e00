using System.Buffers;

namespace Sealos.Node.Logs;

/// <summary>Finds where the last lines of a log begin. A line is what the program wrote as one, however many pieces the runtime made of it.</summary>
internal static class LogTail
{
    private const int BlockSize = 64 * 1024;

    // Enough of a line to see its tag: time, stream, tag.
    private const int HeadSize = 128;

    /// <summary>Walks back from the end of a plain file. <c>Missing</c> tells how many lines an older file has to add.</summary>
    public static async Task<(long Offset, long Missing)> FindAsync(FileStream file, long lines, CancellationToken ct)
    {
        var block = ArrayPool<byte>.Shared.Rent(BlockSize + HeadSize);
        try
        {
            return await FindAsync(file, lines, block, ct).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    /// <summary>Counts the lines of a stream that can only be read forward.</summary>
    public static async Task<long> CountAsync(Stream stream, CancellationToken ct)
    {
        var (lines, wasPartial) = (0L, false);
        await foreach (var isPartial in PiecesAsync(stream, ct).ConfigureAwait(false))
        {
            lines += isPartial ? 0 : 1;
            wasPartial = isPartial;
        }

        return lines + (wasPartial ? 1 : 0);
    }

    private static async Task<(long Offset, long Missing)> FindAsync(FileStream file, long lines, byte[] block, CancellationToken ct)
    {
        var counter = new Counter(lines, file.Length);
        var end = file.Length;
        var carried = 0;
        while (end > 0)
        {
            var start = Math.Max(0, end - BlockSize);
            var size = (int)(end - start);

            // The first bytes of what was read before: the tag of a line may lie beyond the end of this block.
            Array.Copy(block, 0, block, size, carried);
            await RandomAccessReadAsync(file, block.AsMemory(0, size), start, ct).ConfigureAwait(false);
            if (counter.Walk(block.AsSpan(0, size + carried), size, start))
            {
                return (counter.Offset, 0);
            }

            carried = Math.Min(HeadSize, size);
            end = start;
        }

        return (0, counter.Missing);
    }

    private static async Task RandomAccessReadAsync(FileStream file, Memory<byte> buffer, long offset, CancellationToken ct)
    {
        while (buffer.Length > 0)
        {
            var read = await RandomAccess.ReadAsync(file.SafeFileHandle, buffer, offset, ct).ConfigureAwait(false);
            if (read == 0)
            {
                throw new EndOfStreamException($"{file.Name} became shorter while it was read");
            }

            buffer = buffer[read..];
            offset += read;
        }
    }

    private static async IAsyncEnumerable<bool> PiecesAsync(Stream stream, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var lines = new LineReader(stream);
        while (await lines.FillAsync(ct).ConfigureAwait(false))
        {
            while (lines.TryRead(out var line))
            {
                yield return CriLogLine.TryParse(line.Span, out var parsed) && parsed.IsPartial;
            }
        }
    }

    /// <summary>Counts lines from the last to the first until there are enough.</summary>
    private sealed class Counter(long wanted, long length)
    {
        private long _seen;
        private bool _any;

        /// <summary>Where the last line that was counted begins.</summary>
        public long Offset { get; private set; } = length;

        public long Missing => wanted - _seen;

        /// <summary>Looks at the lines that begin in the first <paramref name="size"/> bytes of a block; true when there are enough.</summary>
        public bool Walk(ReadOnlySpan<byte> block, int size, long position)
        {
            var unseen = size;
            while (unseen > 0)
            {
                var feed = block[..unseen].LastIndexOf((byte)'\n');
                if (feed < 0)
                {
                    break;
                }

                if (Take(block[(feed + 1)..], position + feed + 1))
                {
                    return true;
                }

                unseen = feed;
            }

            return position == 0 && Take(block, 0);
        }

        private bool Take(ReadOnlySpan<byte> line, long start)
        {
            if (line.IsEmpty)
            {
                return wanted == 0;
            }

            var isEnd = !CriLogLine.TryParse(line, out var parsed) || !parsed.IsPartial || !_any;
            if (isEnd && _seen == wanted)
            {
                return true;
            }

            _seen += isEnd ? 1 : 0;
            _any = true;
            Offset = start;
            return false;
        }
    }
}
