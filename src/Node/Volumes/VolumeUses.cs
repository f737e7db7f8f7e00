using Sealos.Kinds.Core;
using Sealos.Node.Storage;

namespace Sealos.Node.Volumes;

/// <summary>
/// Which of this driver's volumes pods of this node have, noted among their folders: the notes come before the first container that can
/// write to a volume, and go with those folders, after the last.
/// </summary>
internal static class VolumeUses
{
    private const string Prefix = ".uses-";

    /// <summary>Where the volumes of a pod are, and the notes.</summary>
    public static string FolderOf(string podsRoot, string uid) => Path.Combine(podsRoot, uid, "volumes");

    /// <summary>Notes that the pod whose folder <paramref name="mark"/> lies among its volumes has a volume.</summary>
    public static void Note(string mark, PersistentVolume volume)
    {
        if (StorageObjects.IsOurs(volume))
        {
            File.WriteAllBytes(Path.Combine(Path.GetDirectoryName(mark)!, Prefix + volume.Spec!.Csi!.VolumeHandle), []);
        }
    }

    /// <summary>The uid of a pod that may still write to a volume, or null.</summary>
    public static string? FindUser(string podsRoot, string handle) => !Directory.Exists(podsRoot) ? null
        : Directory.EnumerateDirectories(podsRoot).Select(p => Path.GetFileName(p)).FirstOrDefault(uid => File.Exists(Path.Combine(FolderOf(podsRoot, uid), Prefix + handle)));
}
