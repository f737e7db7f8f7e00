using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sealos.Host.Configuration;

/// <summary>Reads a file out of a folder that belongs to somebody with fewer rights, who may have put anything there.</summary>
internal static partial class UntrustedFile
{
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int AccessDenied = 13;

    // The one flag that differs among the machines that .NET runs on.
    private static readonly int NoFollow = RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64 ? 0x8000 : 0x20000;

    /// <summary>What a regular file of at most <paramref name="limit"/> bytes holds; null when there is none, or anything else. Never waits for somebody.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This process may not read it.</exception>
    public static byte[]? Read(string path, int limit)
    {
        using var file = new SafeFileHandle(Open(path, NoFollow | NonBlocking | CloseOnExec), ownsHandle: true);
        if (file.IsInvalid)
        {
            return Marshal.GetLastPInvokeError() == AccessDenied ? throw new UnauthorizedAccessException($"{path} may not be read") : null;
        }

        // A pipe has no length.
        if (File.GetAttributes(file).HasFlag(FileAttributes.Directory) || !HasLength(file, out var length) || length > limit)
        {
            return null;
        }

        var buffer = new byte[length];
        var filled = 0;
        while (filled < buffer.Length && RandomAccess.Read(file, buffer.AsSpan(filled), filled) is > 0 and var read)
        {
            filled += read;
        }

        return buffer[..filled];
    }

    private static bool HasLength(SafeFileHandle file, out long length)
    {
        try
        {
            length = RandomAccess.GetLength(file);
            return true;
        }
        catch (NotSupportedException)
        {
            length = 0;
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
