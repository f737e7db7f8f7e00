namespace Sealos.ApiServer.Audit;

/// <summary>Passes an answer on and keeps a copy of it, up to a size.</summary>
internal sealed class AuditedResponse(Stream inner) : Stream
{
    private const int MaxKept = 1024 * 1024;

    private readonly MemoryStream _kept = new();

    /// <summary>The answer; empty when it was too large to keep.</summary>
    public ReadOnlyMemory<byte> Body { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException("an answer has no length while it is written");

    public override long Position
    {
        get => throw new NotSupportedException("an answer has no position");
        set => throw new NotSupportedException("an answer has no position");
    }

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("an answer is only written");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("an answer has no position");

    public override void SetLength(long value) => throw new NotSupportedException("an answer has no length while it is written");

    public override void Write(byte[] buffer, int offset, int count)
    {
        Keep(buffer.AsSpan(offset, count));
        inner.Write(buffer, offset, count);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Keep(buffer.Span);
        return inner.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _kept.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_kept.Length + bytes.Length > MaxKept)
        {
            _kept.SetLength(0);
            Body = default;
            return;
        }

        _kept.Write(bytes);
        Body = _kept.GetBuffer().AsMemory(0, (int)_kept.Length);
    }
}
