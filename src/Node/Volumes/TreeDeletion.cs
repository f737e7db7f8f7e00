using System.Runtime.InteropServices;
using System.Text;

namespace Sealos.Node.Volumes;

/// <summary>
/// Deletes a folder that others may be changing meanwhile, however deep it is. Nothing is reached by its path, so that a folder that is
/// swapped for a link has the link deleted; and only so many folders are held open at once.
/// </summary>
internal static partial class TreeDeletion
{
    private const int Deepest = 200;
    private const int Folder = 0x200;
    private const int Tries = 100;
    private const int MostMoved = 1_000_000;
    private const int NotPermitted = 1;
    private const int NotFound = 2;
    private const int Exists = 17;
    private const int NotADirectory = 20;
    private const int IsDirectory = 21;
    private const int NotEmpty = 39;

    /// <summary>Deletes a folder, whose own path nobody else can change, and everything in it.</summary>
    public static void Delete(string path)
    {
        if (OpenedFolder.Open(path) is { } root)
        {
            using (root)
            {
                Empty(root);
            }
        }

        // What is empty by now, or a link, which is not followed.
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: false);
        }
    }

    private static void Empty(OpenedFolder root)
    {
        var opened = new Stack<OpenedFolder>([root]);
        var (moved, movedBefore, tries) = (0, 0, 0);
        try
        {
            while (opened.Count > 0)
            {
                var folder = opened.Peek();
                if (folder.Next() is { } name)
                {
                    if (IsRemoved(folder, name, 0))
                    {
                        continue;
                    }

                    if (opened.Count < Deepest)
                    {
                        Push(opened, folder.OpenFolder(name));
                    }
                    else
                    {
                        MoveUp(folder, name, root, ref moved);
                    }

                    continue;
                }

                if (folder == root && IsEmpty(root))
                {
                    return;
                }

                if (folder != root)
                {
                    opened.Pop();
                    using (folder)
                    {
                        if (IsRemoved(opened.Peek(), folder.Name, Folder))
                        {
                            continue;
                        }
                    }
                }

                // Something was added, by somebody or from below: once more from the start.
                tries = moved == movedBefore ? tries + 1 : 0;
                movedBefore = moved;
                if (tries > Tries || moved > MostMoved)
                {
                    throw new IOException("the folder is being written to while it is deleted");
                }

                opened.Peek().Rewind();
            }
        }
        finally
        {
            foreach (var folder in opened.Where(f => f != root))
            {
                folder.Dispose();
            }
        }
    }

    private static bool IsEmpty(OpenedFolder folder)
    {
        folder.Rewind();
        var isEmpty = folder.Next() is null;
        folder.Rewind();
        return isEmpty;
    }

    private static void Push(Stack<OpenedFolder> opened, OpenedFolder? folder)
    {
        if (folder is not null)
        {
            opened.Push(folder);
        }
    }

    // A folder that is too deep becomes one of the uppermost, whose turn comes.
    private static void MoveUp(OpenedFolder folder, byte[] name, OpenedFolder root, ref int moved)
    {
        while (Rename(folder.Handle, name, root.Handle, Encoding.UTF8.GetBytes($".deleted-{moved++}\0")) != 0)
        {
            switch (Marshal.GetLastPInvokeError())
            {
                case NotFound:
                    return;
                case NotEmpty or Exists or IsDirectory or NotADirectory:
                    continue;
                default:
                    throw OpenedFolder.Failure("move a folder that is to be deleted");
            }
        }
    }

    // False when it is a folder after all, or none, or one that is not empty.
    private static bool IsRemoved(OpenedFolder folder, byte[] name, int flags)
    {
        if (Unlink(folder.Handle, name, flags) == 0)
        {
            return true;
        }

        return Marshal.GetLastPInvokeError() switch
        {
            NotFound => true,
            IsDirectory or NotPermitted when flags == 0 => false,
            NotEmpty or Exists or NotADirectory => false,
            _ => throw OpenedFolder.Failure("delete a file"),
        };
    }

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true)]
    private static partial int Unlink(int directory, byte[] name, int flags);

    [LibraryImport("libc", EntryPoint = "renameat", SetLastError = true)]
    private static partial int Rename(int fromDirectory, byte[] from, int toDirectory, byte[] to);
}
