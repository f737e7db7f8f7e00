using System.Globalization;
using Sealos.Node.Volumes;

namespace Sealos.Node.Storage;

/// <summary>
/// A btrfs file system in a file that takes only as much of the disk as was written to it. It is mounted at each start, and made
/// larger when the disk has more room than when it was made.
/// </summary>
internal sealed class BtrfsImage(string file)
{
    // A btrfs smaller than this is mostly its own bookkeeping.
    private const long Smallest = 256L << 20;
    private const long Unit = 64L << 20;

    // Data is written in place where no snapshot shares it: databases overwrite, and each new place would be one more on the disk below.
    // A loop device passes for a disk that turns, and there btrfs lets every sync wait a tick or more of the kernel's clock for others to
    // come along, once two processes sync in one volume, as those of a database do.
    private const string WithoutWaiting = "ssd";
    private const string MountOptions = "loop,nosuid,nodev,noatime,nodatacow,discard=async," + WithoutWaiting;

    // So much of the disk is never promised: the rest of the cloud writes, too.
    private const double Share = 0.8;
    private const double WorthGrowing = 1.1;

    private string PartialFile => file + ".new";

    public bool Exists => File.Exists(file);

    /// <summary>Whether the disk below has room enough for an image that is any use.</summary>
    public bool IsWorthwhile => Exists || SizeFor(Available(), 0) >= Smallest;

    /// <summary>Mounts the image, made where there is none; one that is mounted already gets what an earlier release did not ask for.</summary>
    public async Task MountAsync(string target, CancellationToken ct)
    {
        if (!Exists)
        {
            await MakeAsync(ct).ConfigureAwait(false);
        }

        Directory.CreateDirectory(target);
        if (!Mounts.IsMounted(target))
        {
            Grow();
            await StorageCommand.RunAsync("mount", ["-t", "btrfs", "-o", MountOptions, file, target], ct).ConfigureAwait(false);
            await BypassCacheAsync(ct).ConfigureAwait(false);
            await StorageCommand.RunAsync("btrfs", ["filesystem", "resize", "max", target], ct).ConfigureAwait(false);
        }
        else if (!Mounts.OptionsOf(target).Contains(WithoutWaiting))
        {
            await StorageCommand.RunAsync("mount", ["-o", "remount," + WithoutWaiting, target], ct).ConfigureAwait(false);
        }
    }

    /// <summary>Removes the image, which must not be mounted.</summary>
    public void Delete()
    {
        File.Delete(file);
        File.Delete(PartialFile);
    }

    /// <summary>The size for an image of which <paramref name="used"/> bytes are written, on a disk with that much room.</summary>
    internal static long SizeFor(long available, long used) => (used + (long)(available * Share)) / Unit * Unit;

    private async Task MakeAsync(CancellationToken ct)
    {
        var size = SizeFor(Available(), 0);
        if (size < Smallest)
        {
            throw new StorageException(string.Create(CultureInfo.InvariantCulture, $"the disk has no room for volumes: an image of {size >> 20} MiB would be too small, {Smallest >> 20} MiB is the least"));
        }

        // Under another name until it is whole.
        using (var handle = File.OpenHandle(PartialFile, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.SetLength(handle, size);
        }

        File.SetUnixFileMode(PartialFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await StorageCommand.RunAsync("mkfs.btrfs", ["--quiet", "--metadata", "single", "--label", "sealos-volumes", PartialFile], ct).ConfigureAwait(false);
        File.Move(PartialFile, file);
    }

    // What the image holds need not stand in the machine's memory twice, and a sync finds nothing that is still to be written.
    private async Task BypassCacheAsync(CancellationToken ct)
    {
        var devices = await StorageCommand.RunAsync("losetup", ["--noheadings", "--output", "NAME", "--associated", file], ct).ConfigureAwait(false);
        foreach (var device in devices.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                await StorageCommand.RunAsync("losetup", ["--direct-io=on", device], ct).ConfigureAwait(false);
            }
            catch (StorageException)
            {
                // The file system below cannot, as those in memory could not for long; it is only slower.
            }
        }
    }

    private void Grow()
    {
        using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite);
        var size = SizeFor(Available(), LinuxFiles.AllocatedBytes(file));
        if (size > RandomAccess.GetLength(handle) * WorthGrowing)
        {
            RandomAccess.SetLength(handle, size);
        }
    }

    private long Available() => new DriveInfo(Path.GetDirectoryName(file)!).AvailableFreeSpace;
}
