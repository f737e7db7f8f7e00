using System.Runtime.InteropServices;

namespace Sealos.Host.Configuration;

/// <summary>Hands files to another user; .NET has no call for it.</summary>
public static partial class Ownership
{
    /// <summary>Makes <paramref name="user"/> the owner and the group of a file or folder.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static void Give(string path, int user)
    {
        if (Chown(path, user, user) != 0)
        {
            throw new IOException($"cannot hand {path} to user {user}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Chown(string path, int user, int group);
}
