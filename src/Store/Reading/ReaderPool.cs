using System.Collections.Concurrent;
using Sealos.Store.Sqlite;

namespace Sealos.Store.Reading;

/// <summary>Readers to borrow; a few stay open.</summary>
internal sealed class ReaderPool(StoreFile file) : IDisposable
{
    private const int MaxIdle = 4;

    private readonly ConcurrentBag<Reader> _idle = [];
    private volatile bool _isDisposed;

    /// <summary>Reads with one of them; a reader that failed is closed, not given back.</summary>
    public T Read<T>(Func<Reader, T> read)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, typeof(KeyValueStore));
        Reader? reader = null;
        try
        {
            reader = _idle.TryTake(out var idle) ? idle : new Reader(file);
            var result = read(reader);
            GiveBack(reader);
            return result;
        }
        catch (SqliteFailure failure)
        {
            reader?.Dispose();
            throw failure.ToStoreException("reading from the store");
        }
        catch (CompactedException)
        {
            GiveBack(reader!);
            throw;
        }
    }

    public void Dispose()
    {
        _isDisposed = true;
        while (_idle.TryTake(out var reader))
        {
            reader.Dispose();
        }
    }

    private void GiveBack(Reader reader)
    {
        if (_isDisposed || _idle.Count >= MaxIdle)
        {
            reader.Dispose();
            return;
        }

        _idle.Add(reader);
        // The pool may have been emptied between the two.
        if (_isDisposed)
        {
            Dispose();
        }
    }
}
