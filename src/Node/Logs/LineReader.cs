namespace Sealos.Node.Logs;

/// <summary>Cuts a stream that may still grow into lines; a line whose end is not there yet waits for more.</summary>
internal sealed class LineReader(Stream stream)
{
    private const int FirstSize = 64 * 1024;

    // The runtime cuts at 16 KiB, so a longer line is no log line; it is passed on in pieces.
    private const int LongestLine = 1024 * 1024;

    private byte[] _buffer = new byte[FirstSize];
    private int _start;
    private int _end;

    /// <summary>Reads more; false at the end of what is there now.</summary>
    public async ValueTask<bool> FillAsync(CancellationToken ct)
    {
        MakeRoom();
        var read = await stream.ReadAsync(_buffer.AsMemory(_end), ct).ConfigureAwait(false);
        _end += read;
        return read > 0;
    }

    /// <summary>The next line that is complete, without its line feed; valid until the next fill.</summary>
    public bool TryRead(out ReadOnlyMemory<byte> line)
    {
        var length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
        if (length < 0 && _end - _start >= LongestLine)
        {
            length = _end - _start - 1;
        }

        line = length < 0 ? default : _buffer.AsMemory(_start, length);
        _start += length + 1;
        return length >= 0;
    }

    private void MakeRoom()
    {
        var kept = _end - _start;
        var target = kept >= _buffer.Length / 2 ? new byte[_buffer.Length * 2] : _buffer;
        Buffer.BlockCopy(_buffer, _start, target, 0, kept);
        (_buffer, _start, _end) = (target, 0, kept);
    }
}
