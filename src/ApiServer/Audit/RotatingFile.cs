using System.Globalization;

namespace Sealos.ApiServer.Audit;

/// <summary>A file that is appended to, and put aside and begun again when it is full.</summary>
internal sealed class RotatingFile(AuditLogOptions options, TimeProvider time) : IDisposable
{
    private readonly string _folder = Path.GetDirectoryName(Path.GetFullPath(options.File))!;
    private readonly string _stem = Path.GetFileNameWithoutExtension(options.File);
    private readonly string _extension = Path.GetExtension(options.File);
    private FileStream? _stream;

    public void Append(ReadOnlySpan<byte> line)
    {
        if (_stream is { } full && full.Length > 0 && full.Length + line.Length > options.MaxBytes)
        {
            PutAside();
        }

        _stream ??= Open();
        _stream.Write(line);
    }

    public void Flush() => _stream?.Flush();

    public void Dispose() => _stream?.Dispose();

    private FileStream Open()
    {
        Directory.CreateDirectory(_folder);
        DeleteOld();
        return new FileStream(options.File, new FileStreamOptions
        {
            Mode = FileMode.Append,
            Access = FileAccess.Write,
            Share = FileShare.Read,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
    }

    private void PutAside()
    {
        _stream!.Dispose();
        _stream = null;
        var stamp = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH-mm-ss.fffffff", CultureInfo.InvariantCulture);
        File.Move(options.File, Path.Combine(_folder, $"{_stem}-{stamp}{_extension}"));
    }

    private void DeleteOld()
    {
        var oldest = time.GetUtcNow().UtcDateTime - options.MaxAge;
        var aside = Directory.GetFiles(_folder, $"{_stem}-????-??-??T*{_extension}").OrderDescending(StringComparer.Ordinal).ToList();
        for (var i = 0; i < aside.Count; i++)
        {
            if (i >= options.KeptAside || File.GetLastWriteTimeUtc(aside[i]) < oldest)
            {
                File.Delete(aside[i]);
            }
        }
    }
}
