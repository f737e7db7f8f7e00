using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Sealos.Node.Volumes;

/// <summary>
/// A folder that is reached by what was opened, never again by its path, and whose entries are opened below it without following links:
/// a name that others swap meanwhile leads nowhere. Names are bytes, as the kernel has them.
/// </summary>
internal sealed unsafe partial class OpenedFolder : IDisposable
{
    private const int CurrentDirectory = -100;
    private const int CloseOnExec = 0x80000;
    private const int PathOnly = 0x200000;
    private const int BufferSize = 4096;
    private const int HeaderSize = 19;
    private const int LengthAt = 16;
    private const int NotFound = 2;
    private const int NotADirectory = 20;
    private const int IsALink = 40;

    // The flags that differ among the machines that .NET runs on.
    private static readonly int DirectoryOnly = RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64 ? 0x4000 : 0x10000;
    private static readonly int NoFollow = RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64 ? 0x8000 : 0x20000;

    private readonly SafeFileHandle _handle;
    private readonly byte[] _buffer = new byte[BufferSize];
    private int _position;
    private int _filled;

    private OpenedFolder(int handle, byte[] name)
    {
        _handle = new SafeFileHandle(handle, ownsHandle: true);
        Name = name;
    }

    /// <summary>The name it was opened by, ended by a zero.</summary>
    public byte[] Name { get; }

    public int Handle => (int)_handle.DangerousGetHandle();

    /// <summary>Opens a folder whose path nobody else can change; null when there is none, or something else.</summary>
    public static OpenedFolder? Open(string path) => Open(CurrentDirectory, Encoding.UTF8.GetBytes(path + '\0'));

    /// <summary>Opens a folder in this one; null when there is none by now, or something else.</summary>
    public OpenedFolder? OpenFolder(byte[] name) => Open(Handle, name);

    /// <summary>Opens whatever has that name, to be changed but not read; null when there is nothing by now.</summary>
    public SafeFileHandle? OpenEntry(byte[] name)
    {
        var handle = OpenAt(Handle, name, PathOnly | NoFollow | CloseOnExec);
        return handle >= 0 ? new SafeFileHandle(handle, ownsHandle: true)
            : Marshal.GetLastPInvokeError() == NotFound ? null : throw Failure("open a file");
    }

    /// <summary>The next entry's name, ended by a zero, or null after the last.</summary>
    public byte[]? Next()
    {
        while (true)
        {
            if (_position >= _filled && !Fill())
            {
                return null;
            }

            var entry = _buffer.AsSpan(_position);
            _position += BitConverter.ToUInt16(entry[LengthAt..]);
            var name = entry[HeaderSize..];
            name = name[..(name.IndexOf((byte)0) + 1)];
            if (!name.SequenceEqual(".\0"u8) && !name.SequenceEqual("..\0"u8))
            {
                return name.ToArray();
            }
        }
    }

    /// <summary>Begins again with the first entry.</summary>
    public void Rewind()
    {
        _position = _filled = 0;
        if (Seek(Handle, 0, 0) != 0)
        {
            throw Failure("read a folder again");
        }
    }

    public void Dispose() => _handle.Dispose();

    internal static IOException Failure(string what) => new($"cannot {what}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    private static OpenedFolder? Open(int directory, byte[] name)
    {
        var handle = OpenAt(directory, name, DirectoryOnly | NoFollow | CloseOnExec);
        return handle >= 0 ? new OpenedFolder(handle, name)
            : Marshal.GetLastPInvokeError() is NotFound or NotADirectory or IsALink ? null : throw Failure("open a folder");
    }

    private bool Fill()
    {
        fixed (byte* buffer = _buffer)
        {
            var read = ReadEntries(Handle, buffer, BufferSize);
            if (read < 0)
            {
                // A folder that was removed has no entries.
                return Marshal.GetLastPInvokeError() == NotFound ? false : throw Failure("read a folder");
            }

            (_position, _filled) = (0, (int)read);
            return read > 0;
        }
    }

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    private static partial int OpenAt(int directory, byte[] path, int flags);

    [LibraryImport("libc", EntryPoint = "getdents64", SetLastError = true)]
    private static partial nint ReadEntries(int directory, byte* buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(int file, long offset, int whence);
}
