using System.Security.Cryptography;
using System.Text;
using Sealos.Kinds.Core;
using Sealos.Node.Storage;

namespace Sealos.Node.Volumes;

/// <summary>
/// Which persistent volumes pods of this node have, noted among their folders: the notes come before the first container that can
/// write to a volume, and go with those folders, after the last.
/// </summary>
internal static class VolumeUses
{
    private const string Prefix = ".uses-";

    /// <summary>Where the volumes of a pod are, and the notes.</summary>
    public static string FolderOf(string podsRoot, string uid) => Path.Combine(podsRoot, uid, "volumes");

    /// <summary>What a volume is noted by: its handle where it is one of this driver's, which other objects may name, too.</summary>
    public static string KeyOf(PersistentVolume volume) =>
        StorageObjects.IsOurs(volume) ? volume.Spec!.Csi!.VolumeHandle ?? "" : "other." + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(volume.Metadata.Name ?? "")));

    /// <summary>Notes that the pod whose folder <paramref name="mark"/> lies among its volumes has a volume.</summary>
    public static void Note(string mark, PersistentVolume volume) => File.WriteAllBytes(Path.Combine(Path.GetDirectoryName(mark)!, Prefix + KeyOf(volume)), []);

    /// <summary>The uid of a pod that may still write to a volume, other than one that is known to, or null.</summary>
    public static string? FindUser(string podsRoot, string key, string? except = null) => !Directory.Exists(podsRoot) ? null
        : Directory.EnumerateDirectories(podsRoot).Select(p => Path.GetFileName(p)).FirstOrDefault(uid => uid != except && File.Exists(Path.Combine(FolderOf(podsRoot, uid), Prefix + key)));
}
