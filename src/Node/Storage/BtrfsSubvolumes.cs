using Sealos.Node.Volumes;

namespace Sealos.Node.Storage;

/// <summary>
/// Finds the subvolumes that were made in a volume, or deleted, by their ids: their names are their makers', who may have chosen them to be read as
/// something else.
/// </summary>
internal static class BtrfsSubvolumes
{
    private const ulong RootTree = 1;
    private const uint ReferenceType = 156;
    private const ulong Orphans = ulong.MaxValue - 4;
    private const uint OrphanType = 48;

    /// <summary>The subvolumes below that of a folder, innermost first.</summary>
    public static IReadOnlyList<ulong> FindBelow(string path)
    {
        using var opened = OpenedFolder.Open(path) ?? throw new StorageException($"{path} is no folder");
        List<ulong> found = [BtrfsTrees.IdOf(opened.Handle)];
        for (var i = 0; i < found.Count; i++)
        {
            AddChildren(opened.Handle, found[i], found);
        }

        found.RemoveAt(0);
        found.Reverse();
        return found;
    }

    /// <summary>Whether subvolumes that were deleted are still being cleared away, so that what they shared is not yet others' alone.</summary>
    public static bool AreLeaving(string path)
    {
        using var opened = OpenedFolder.Open(path) ?? throw new StorageException($"{path} is no folder");
        return BtrfsTrees.Search(opened.Handle, new BtrfsRange(RootTree, Orphans, OrphanType, 0, ulong.MaxValue)).Count > 0;
    }

    private static void AddChildren(int handle, ulong parent, List<ulong> found)
    {
        for (var from = 0UL; BtrfsTrees.Search(handle, new BtrfsRange(RootTree, parent, ReferenceType, from, ulong.MaxValue)) is { Count: > 0 } children;)
        {
            found.AddRange(children.Select(c => c.Offset));
            from = children[^1].Offset + 1;
        }
    }
}
