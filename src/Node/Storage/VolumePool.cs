using System.Globalization;
using Microsoft.Extensions.Logging;
using Sealos.Node.Volumes;

namespace Sealos.Node.Storage;

/// <summary>The place where this node's volumes lie, with the driver that suits the machine and what is there already.</summary>
internal sealed partial class VolumePool(NodeOptions options, ILogger<VolumePool> logger)
{
    private static readonly string[] BtrfsPrograms = ["/usr/bin/btrfs", "/bin/btrfs"];
    private static readonly string[] MakePrograms = ["/usr/sbin/mkfs.btrfs", "/sbin/mkfs.btrfs"];

    // So much is kept for what volumes are promised already, and for the rest of the cloud; of small disks a share.
    private const long Reserve = 1L << 30;
    private const int ReserveShare = 20;

    private readonly SemaphoreSlim _opening = new(1);
    private volatile IVolumeDriver? _driver;

    public VolumeFolder Folder { get; } = new(options.VolumesRoot);

    /// <summary>Whether volumes have been made here before.</summary>
    public bool HasVolumes => new BtrfsImage(options.VolumesImage).Exists || Folder.List().Count > 0;

    /// <summary>Null while the pool is not open.</summary>
    public IVolumeDriver? Driver => _driver;

    /// <summary>The bytes that the file system of volumes has in all.</summary>
    public long Size => new DriveInfo(Folder.Root).TotalSize;

    /// <exception cref="StorageException">The disk below has so little room left that what is promised already is in danger.</exception>
    public void RequireRoom()
    {
        var disk = new DriveInfo(options.DataRoot);
        if (disk.AvailableFreeSpace < Math.Min(Reserve, disk.TotalSize / ReserveShare))
        {
            throw new StorageException(string.Create(CultureInfo.InvariantCulture, $"the disk of this node has {disk.AvailableFreeSpace >> 20}Mi left, too little for more volumes"));
        }
    }

    /// <summary>Makes the pool ready, and rids it of volumes that a crash left without the claim or the object that <paramref name="isKnown"/> looks for.</summary>
    /// <exception cref="StorageException">It cannot be opened as it is wanted.</exception>
    public async Task OpenAsync(Func<string, Task<bool>> isKnown, CancellationToken ct)
    {
        await _opening.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            if (_driver is null)
            {
                await OpenClosedAsync(isKnown, ct).ConfigureAwait(false);
            }
        }
        finally
        {
            _opening.Release();
        }
    }

    private async Task OpenClosedAsync(Func<string, Task<bool>> isKnown, CancellationToken ct)
    {
        Directory.CreateDirectory(options.DataRoot);
        var driver = Choose();
        await driver.OpenAsync(ct).ConfigureAwait(false);
        await RemoveHalfMadeAsync(driver, isKnown, ct).ConfigureAwait(false);
        if (driver.EnforcesSizes)
        {
            LogOpened(logger, driver.Name, Folder.Root);
        }
        else
        {
            LogUnlimited(logger, driver.Name, Folder.Root);
        }

        _driver = driver;
    }

    /// <summary>Removes the volumes of a cloud that is no more.</summary>
    public static async Task RemoveAllAsync(NodeOptions options, CancellationToken ct)
    {
        var folder = new VolumeFolder(options.VolumesRoot);
        Mounts.UnmountBelow(folder.Root);
        if (folder.List() is { Count: > 0 } handles && new DriveInfo(folder.Root).DriveFormat == "btrfs")
        {
            foreach (var handle in handles)
            {
                await new BtrfsDriver(folder, null).RemoveAsync(handle, ct).ConfigureAwait(false);
            }
        }

        Mounts.DeleteTree(folder.Root);
        new BtrfsImage(options.VolumesImage).Delete();
    }

    /// <summary>The open pool's driver.</summary>
    /// <exception cref="StorageException">It is not open.</exception>
    public IVolumeDriver Require() => _driver ?? throw new StorageException("the storage of this node is not ready");

    /// <summary>Removes what was begun for claims that went before it was done.</summary>
    public Task RemoveHalfMadeAsync(Func<string, Task<bool>> isKnown, CancellationToken ct) => RemoveHalfMadeAsync(Require(), isKnown, ct);

    // Only what was noted as unfinished: all else may be somebody's data, even if no object speaks of it.
    private async Task RemoveHalfMadeAsync(IVolumeDriver driver, Func<string, Task<bool>> isKnown, CancellationToken ct)
    {
        foreach (var handle in Folder.ListMaking())
        {
            if (!await isKnown(handle).ConfigureAwait(false))
            {
                await driver.DeleteAsync(handle, ct).ConfigureAwait(false);
                Folder.EndMaking(handle);
            }
        }
    }

    private IVolumeDriver Choose()
    {
        var image = new BtrfsImage(options.VolumesImage);
        var isNative = new DriveInfo(options.DataRoot).DriveFormat == "btrfs";
        var hasFolders = !image.Exists && !isNative && Folder.List().Count > 0;
        return options.VolumeBackend switch
        {
            VolumeBackend.Directories when image.Exists => throw new StorageException($"volumes lie in {options.VolumesImage}; as directories they would not be found. Start with --volumes btrfs"),
            VolumeBackend.Directories => new DirectoryDriver(Folder),
            VolumeBackend.Btrfs when hasFolders => throw new StorageException($"volumes lie as directories in {Folder.Root}; as btrfs they would not be found. Start with --volumes directories"),
            VolumeBackend.Btrfs when WhyNoBtrfs() is { } reason => throw new StorageException(reason),
            VolumeBackend.Auto when hasFolders => new DirectoryDriver(Folder),
            VolumeBackend.Auto when !image.Exists && (WhyNoBtrfs() is not null || (!isNative && !image.IsWorthwhile)) => new DirectoryDriver(Folder),
            _ => new BtrfsDriver(Folder, isNative ? null : image),
        };
    }

    private static string? WhyNoBtrfs()
    {
        if (!BtrfsPrograms.Any(File.Exists) || !MakePrograms.Any(File.Exists))
        {
            return "the package btrfs-progs is missing";
        }

        return File.ReadAllText("/proc/filesystems").Split('\n').Any(l => l.EndsWith("\tbtrfs", StringComparison.Ordinal)) || HasModule() ? null : "the kernel knows no btrfs";
    }

    // The kernel loads it when it is first mounted.
    private static bool HasModule()
    {
        var release = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        var list = $"/lib/modules/{release}/modules.dep";
        return File.Exists(list) && File.ReadLines(list).Any(l => l.Contains("/btrfs.ko", StringComparison.Ordinal));
    }

    [LoggerMessage(1, LogLevel.Information, "persistent volumes are kept as {Driver} in {Folder}; sizes are enforced")]
    private static partial void LogOpened(ILogger logger, string driver, string folder);

    [LoggerMessage(2, LogLevel.Warning, "persistent volumes are kept as {Driver} in {Folder}; sizes are NOT enforced")]
    private static partial void LogUnlimited(ILogger logger, string driver, string folder);
}
