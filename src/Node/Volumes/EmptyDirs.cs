using System.Globalization;
using Sealos.Kinds.Core;

namespace Sealos.Node.Volumes;

/// <summary>Folders that begin empty and go with their pod, on disk or in memory.</summary>
internal static class EmptyDirs
{
    private const UnixFileMode ForAll = (UnixFileMode)0b111_111_111;

    /// <summary>Makes the folder unless it is there.</summary>
    public static void SetUp(string folder, EmptyDirVolumeSource source, PodSpec? spec)
    {
        var isNew = !Directory.Exists(folder);
        Directory.CreateDirectory(folder);
        switch (source.Medium ?? "")
        {
            case "":
                break;
            case "Memory":
                if (!Mounts.IsMounted(folder))
                {
                    LinuxFiles.MountMemory(folder, MemoryOptions(source, spec));
                    isNew = true;
                }

                break;
            case var other:
                throw new InvalidDataException($"emptyDir medium \"{other}\" is not built yet; \"\" and \"Memory\" are");
        }

        if (isNew)
        {
            File.SetUnixFileMode(folder, ForAll);
            if (spec?.SecurityContext?.FsGroup is { } group)
            {
                VolumeGroup.Apply(folder, group, isReadOnly: false);
            }
        }
    }

    // Memory that a container fills counts against its limit, so a larger volume would only get it killed.
    private static string MemoryOptions(EmptyDirVolumeSource source, PodSpec? spec)
    {
        var limits = (spec?.Containers ?? []).Select(c => c.Resources?.Limits?.TryGetValue("memory", out var limit) == true ? limit.LongValue : (long?)null).ToList();
        var ofPod = limits.Count > 0 && limits.TrueForAll(l => l is not null) ? limits.Sum() : null;
        var own = source.SizeLimit is { Value: > 0 } size ? size.LongValue : (long?)null;
        var least = own is null || ofPod < own ? ofPod ?? own : own;
        return least is { } bytes ? $"mode=0777,size={bytes.ToString(CultureInfo.InvariantCulture)}" : "mode=0777";
    }
}
