using Microsoft.Extensions.Logging.Abstractions;
using Sealos.Node.Processes;
using Sealos.Node.Storage;
using Sealos.Node.Tests.Volumes;
using Sealos.Node.Volumes;
using Xunit;

namespace Sealos.Node.Tests.Storage;

/// <summary>Both drivers, on a disk of the test's own.</summary>
[Trait("Needs", "root")]
public sealed class VolumeDriverTests
{
    private const long Small = 16 << 20;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Btrfs_VolumeCreatedTwice_IsOneThatSnapshotAndCloneAreIndependentOf()
    {
        await using var disk = new Disk();
        var pool = await disk.OpenAsync(VolumeBackend.Btrfs);
        var (driver, folder) = (pool.Require(), pool.Folder);
        await driver.CreateAsync("pvc-a", Small, null, Ct);
        await File.WriteAllTextAsync(Path.Combine(folder.PathOf("pvc-a"), "file"), "first", Ct);
        await driver.CreateAsync("pvc-a", Small, null, Ct);
        await driver.SnapshotAsync("pvc-a", "snapshot-a", Ct);
        await driver.SnapshotAsync("pvc-a", "snapshot-a", Ct);
        await File.WriteAllTextAsync(Path.Combine(folder.PathOf("pvc-a"), "file"), "second", Ct);
        await driver.CreateAsync("pvc-b", Small, "snapshot-a", Ct);
        await driver.CreateAsync("pvc-c", Small, "pvc-a", Ct);
        await driver.DeleteAsync("pvc-a", Ct);
        await driver.DeleteAsync("snapshot-a", Ct);
        await driver.DeleteAsync("snapshot-a", Ct);

        Assert.Equal(["pvc-b", "pvc-c"], folder.List().Order());
        Assert.Equal("first", await File.ReadAllTextAsync(Path.Combine(folder.PathOf("pvc-b"), "file"), Ct));
        Assert.Equal("second", await File.ReadAllTextAsync(Path.Combine(folder.PathOf("pvc-c"), "file"), Ct));
        await File.WriteAllTextAsync(Path.Combine(folder.PathOf("pvc-b"), "more"), "", Ct);
        Assert.Equal(VolumeFolder.ForAll, File.GetUnixFileMode(folder.PathOf("pvc-b")));
    }

    [Fact]
    public async Task Btrfs_VolumeWithSubvolumesOfItsOwn_IsDeletedWithThemAndNothingElse()
    {
        await using var disk = new Disk();
        var pool = await disk.OpenAsync(VolumeBackend.Btrfs);
        await pool.Require().CreateAsync("pvc-a", Small, null, Ct);
        await pool.Require().CreateAsync("pvc-b", Small, null, Ct);
        DeepTree.Run("for i in $(seq 60); do btrfs subvolume create x$i; done; mkdir d; btrfs subvolume create x1/y; btrfs subvolume create d/y; btrfs subvolume create \"x1/y/$(printf 'z\\nID 257 gen 1 top level 5 path pvc-b')\"", pool.Folder.PathOf("pvc-a"));

        await pool.Require().DeleteAsync("pvc-a", Ct);

        Assert.Equal(["pvc-b"], pool.Folder.List());
    }

    [Fact]
    public async Task SubvolumeBan_WhatIsStartedUnderIt_MakesNoSubvolume()
    {
        await using var disk = new Disk();
        var pool = await disk.OpenAsync(VolumeBackend.Btrfs);
        await pool.Require().CreateAsync("pvc-a", Small, null, Ct);
        const string Make = "mkdir -p folder; for how in 'create made' 'snapshot . copied'; do setpriv --reuid 1000 --regid 1000 --clear-groups btrfs subvolume $how 2>&1 || true; done";

        var said = await SubvolumeBan.RunAsync(() => DeepTree.Run(Make, pool.Folder.PathOf("pvc-a")));

        Assert.Equal(2, said.Split("Operation not permitted").Length - 1);
        Assert.Empty(BtrfsSubvolumes.FindBelow(pool.Folder.PathOf("pvc-a")));
        Assert.Equal(["folder"], Directory.EnumerateFileSystemEntries(pool.Folder.PathOf("pvc-a")).Select(Path.GetFileName));
        DeepTree.Run(Make, pool.Folder.PathOf("pvc-a"));
        Assert.NotEmpty(BtrfsSubvolumes.FindBelow(pool.Folder.PathOf("pvc-a")));
    }

    [Fact]
    public async Task Btrfs_FullVolume_RefusesMoreUntilItGrowsAndLeavesOthersAlone()
    {
        await using var disk = new Disk();
        var pool = await disk.OpenAsync(VolumeBackend.Btrfs);
        await pool.Require().CreateAsync("pvc-a", Small, null, Ct);
        await pool.Require().CreateAsync("pvc-b", Small, null, Ct);
        var file = Path.Combine(pool.Folder.PathOf("pvc-a"), "file");

        Assert.Contains("quota", (await Assert.ThrowsAsync<IOException>(() => WriteAsync(file, 2 * Small))).Message, StringComparison.OrdinalIgnoreCase);
        Assert.InRange(new FileInfo(file).Length, Small / 2, Small);
        await WriteAsync(Path.Combine(pool.Folder.PathOf("pvc-b"), "file"), Small / 2);

        await pool.Require().ResizeAsync("pvc-a", 4 * Small, Ct);
        await WriteAsync(file, 2 * Small);
        File.Delete(file);
    }

    [Fact]
    public async Task Btrfs_VolumeMoreThanHalfFull_IsOverwrittenHoweverOftenSnapshotsAreMade_AndCopiesHoldNoMoreThanTwice()
    {
        await using var disk = new Disk();
        var pool = await disk.OpenAsync(VolumeBackend.Btrfs);
        await pool.Require().CreateAsync("pvc-a", Small, null, Ct);
        var file = Path.Combine(pool.Folder.PathOf("pvc-a"), "file");
        await WriteAsync(file, Small * 3 / 4);
        for (var i = 0; i < 3; i++)
        {
            await pool.Require().SnapshotAsync("pvc-a", $"snapshot-{i}", Ct);
            await WriteAsync(file, Small * 3 / 4, FileMode.Open);
        }

        await Assert.ThrowsAsync<IOException>(() => WriteAsync(file, 2 * Small, FileMode.Open));
        await pool.Require().CreateAsync("pvc-b", Small, "snapshot-0", Ct);
        await Assert.ThrowsAsync<IOException>(() => WriteAsync(Path.Combine(pool.Folder.PathOf("pvc-b"), "more"), 2 * Small));
    }

    [Fact]
    public async Task Btrfs_VolumeThatHoldsMoreThanItsSizeAloneOnceASnapshotIsDeleted_IsWrittenToAndHeldToItsSizeOnceItFits()
    {
        await using var disk = new Disk();
        var (pool, path) = await OpenOverfullAsync(disk);
        var old = Path.Combine(path, "old");
        await pool.Require().DeleteAsync("snapshot-a", Ct);
        WaitCleared(path);
        await pool.Require().SettleAsync(Ct);

        Assert.Equal((Small, true, true), (VolumeRoom.Of(path).Capacity, VolumeRoom.Of(path).IsOverfull, VolumeRoom.Of(path).Used > Small * 3 / 2));
        await WriteAsync(old, 2 << 20, FileMode.Open);
        Assert.Equal(Small, VolumeRoom.Of(path).Capacity);
        await Assert.ThrowsAsync<IOException>(() => WriteAsync(Path.Combine(path, "more"), Small));
        File.Delete(Path.Combine(path, "more"));
        File.Delete(old);
        DeepTree.Run("btrfs filesystem sync .", path);
        await pool.Require().SettleAsync(Ct);

        Assert.False(VolumeRoom.Of(path).IsOverfull);
        await Assert.ThrowsAsync<IOException>(() => WriteAsync(Path.Combine(path, "more"), Small / 2));
    }

    [Fact]
    public async Task Btrfs_VolumeWithACopyThatIsDeleted_IsWrittenTo_AlsoWhenItIsResizedMeanwhile()
    {
        await using var disk = new Disk();
        var (pool, path) = await OpenOverfullAsync(disk);
        await pool.Require().CreateAsync("pvc-b", Small, "snapshot-a", Ct);
        await pool.Require().DeleteAsync("snapshot-a", Ct);
        await pool.Require().DeleteAsync("pvc-b", Ct);
        await pool.Require().SettleAsync(Ct);
        await pool.Require().ResizeAsync("pvc-a", Small + (1 << 20), Ct);
        WaitCleared(path);

        await WriteAsync(Path.Combine(path, "old"), 2 << 20, FileMode.Open);
        await pool.Require().ResizeAsync("pvc-a", 2 * Small, Ct);
        await pool.Require().SettleAsync(Ct);
        Assert.Equal((2 * Small, false), (VolumeRoom.Of(path).Capacity, VolumeRoom.Of(path).IsOverfull));
    }

    [Fact]
    public async Task Btrfs_VolumeThatGrewTooLateToBeSeenWhenASnapshotWasDeleted_IsWrittenToOnceSettled()
    {
        await using var disk = new Disk();
        var (pool, path) = await OpenOverfullAsync(disk);
        DeepTree.Run("btrfs subvolume delete ../snapshot-a", path);
        WaitCleared(path);
        await Assert.ThrowsAsync<IOException>(() => WriteAsync(Path.Combine(path, "more"), 2 << 20));

        await pool.Require().SettleAsync(Ct);

        await WriteAsync(Path.Combine(path, "more"), 2 << 20);
    }

    [Fact]
    public async Task Btrfs_VolumeOfAnEarlierRelease_IsMeasuredBySizeAndGetsBothLimitsAtTheNextStart()
    {
        await using var disk = new Disk();
        var pool = await disk.OpenAsync(VolumeBackend.Btrfs);
        var path = pool.Folder.PathOf("pvc-a");
        DeepTree.Run($"btrfs subvolume create pvc-a; btrfs qgroup limit {Small} pvc-a; btrfs filesystem sync .", pool.Folder.Root);
        Assert.Equal(Small, VolumeRoom.Of(path).Capacity);
        await WriteAsync(Path.Combine(path, "file"), Small * 3 / 4);

        pool = await disk.OpenAsync(VolumeBackend.Btrfs);

        Assert.Equal(Small, VolumeRoom.Of(path).Capacity);
        await pool.Require().SnapshotAsync("pvc-a", "snapshot-a", Ct);
        await WriteAsync(Path.Combine(path, "file"), Small * 3 / 4, FileMode.Open);
        await Assert.ThrowsAsync<IOException>(() => WriteAsync(Path.Combine(path, "more"), Small / 2));
    }

    [Fact]
    public async Task Btrfs_Volume_SaysOfItselfWhatItHoldsAndMay_NotWhatThePoolDoes()
    {
        await using var disk = new Disk();
        var pool = await disk.OpenAsync(VolumeBackend.Btrfs);
        await pool.Require().CreateAsync("pvc-a", Small, null, Ct);
        await WriteAsync(Path.Combine(pool.Folder.PathOf("pvc-a"), "file"), Small / 4);
        DeepTree.Run("btrfs filesystem sync .", pool.Folder.PathOf("pvc-a"));

        var room = VolumeRoom.Of(pool.Folder.PathOf("pvc-a"));
        Assert.Equal(Small, room.Capacity);
        Assert.InRange(room.Used, Small / 4, (Small / 4) + (1 << 20));
        Assert.Equal(room.Capacity - room.Used, room.Available);
        Assert.Equal(pool.Size, VolumeRoom.Of(pool.Folder.Root).Capacity);

        await pool.Require().ResizeAsync("pvc-a", 2 * Small, Ct);
        DeepTree.Run("btrfs filesystem sync .", pool.Folder.PathOf("pvc-a"));
        Assert.Equal(2 * Small, VolumeRoom.Of(pool.Folder.PathOf("pvc-a")).Capacity);
    }

    [Fact]
    public async Task Directories_Volume_SaysWhatTheDiskHas()
    {
        await using var disk = new Disk();
        var pool = await disk.OpenAsync(VolumeBackend.Directories);
        await pool.Require().CreateAsync("pvc-a", Small, null, Ct);

        Assert.Equal(768L << 20, VolumeRoom.Of(pool.Folder.PathOf("pvc-a")).Capacity);
    }

    [Fact]
    public async Task Btrfs_OpenedAgain_FindsItsVolumesAndTakesNoMoreOfTheDiskThanWasWritten()
    {
        await using var disk = new Disk();
        var pool = await disk.OpenAsync(VolumeBackend.Auto);
        await pool.Require().CreateAsync("pvc-a", Small, null, Ct);
        Assert.Equal("btrfs", pool.Require().Name);
        Assert.InRange(LinuxFiles.AllocatedBytes(disk.Options.VolumesImage), 1, 64 << 20);
        Mounts.UnmountBelow(disk.Options.VolumesRoot);
        Assert.Empty(pool.Folder.List());

        var again = await disk.OpenAsync(VolumeBackend.Auto);

        Assert.Equal(["pvc-a"], again.Folder.List());
        var refused = await Assert.ThrowsAsync<StorageException>(() => disk.OpenAsync(VolumeBackend.Directories));
        Assert.Contains("Start with --volumes btrfs", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Btrfs_MountedByAnEarlierRelease_WaitsForNobodyElsesSyncFromTheNextStart()
    {
        await using var disk = new Disk();
        await disk.OpenAsync(VolumeBackend.Btrfs);
        Assert.Contains("ssd", Mounts.OptionsOf(disk.Options.VolumesRoot));
        DeepTree.Run("mount -o remount,nossd .", disk.Options.VolumesRoot);
        Assert.DoesNotContain("ssd", Mounts.OptionsOf(disk.Options.VolumesRoot));

        await disk.OpenAsync(VolumeBackend.Btrfs);

        Assert.Superset(new HashSet<string> { "ssd", "nodatacow", "discard=async" }, Mounts.OptionsOf(disk.Options.VolumesRoot).ToHashSet());
    }

    [Fact]
    public async Task Directories_AskedForACopy_RefuseItByName()
    {
        await using var disk = new Disk();
        var driver = (await disk.OpenAsync(VolumeBackend.Directories)).Require();
        await driver.CreateAsync("pvc-a", Small, null, Ct);

        Assert.Contains("needs btrfs", (await Assert.ThrowsAsync<StorageException>(() => driver.CreateAsync("pvc-b", Small, "pvc-a", Ct))).Message, StringComparison.Ordinal);
        Assert.Contains("need btrfs", (await Assert.ThrowsAsync<StorageException>(() => driver.SnapshotAsync("pvc-a", "snapshot-a", Ct))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Directories_OnceBegun_AreKeptTo()
    {
        await using var disk = new Disk();
        await (await disk.OpenAsync(VolumeBackend.Directories)).Require().CreateAsync("pvc-a", Small, null, Ct);

        Assert.Equal("directories", (await disk.OpenAsync(VolumeBackend.Auto)).Require().Name);
        var refused = await Assert.ThrowsAsync<StorageException>(() => disk.OpenAsync(VolumeBackend.Btrfs));
        Assert.Contains("Start with --volumes directories", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Open_AfterACrashWhileAVolumeWasMade_KeepsItOnlyIfItHasItsClaimOrObject(bool hasObject)
    {
        await using var disk = new Disk();
        var pool = await disk.OpenAsync(VolumeBackend.Btrfs);
        await pool.Require().CreateAsync("pvc-old", Small, null, Ct);
        pool.Folder.BeginMaking("pvc-new");
        await pool.Require().CreateAsync("pvc-new", Small, null, Ct);

        var again = await disk.OpenAsync(VolumeBackend.Btrfs, _ => Task.FromResult(hasObject));

        Assert.Equal(hasObject ? ["pvc-new", "pvc-old"] : ["pvc-old"], again.Folder.List().Order());
        Assert.Equal(hasObject ? ["pvc-new"] : [], again.Folder.ListMaking());
    }

    [Theory]
    [InlineData("../../etc")]
    [InlineData(".making")]
    [InlineData("a/b")]
    [InlineData("")]
    public void PathOf_NoHandle_IsRefused(string handle) => Assert.Throws<StorageException>(() => new VolumeFolder("/volumes").PathOf(handle));

    // Nearly its size is written before a snapshot of it, and again after.
    private static async Task<(VolumePool Pool, string Path)> OpenOverfullAsync(Disk disk)
    {
        var pool = await disk.OpenAsync(VolumeBackend.Btrfs);
        await pool.Require().CreateAsync("pvc-a", Small, null, Ct);
        var path = pool.Folder.PathOf("pvc-a");
        await WriteAsync(Path.Combine(path, "old"), Small * 7 / 8);
        await pool.Require().SnapshotAsync("pvc-a", "snapshot-a", Ct);
        await WriteAsync(Path.Combine(path, "new"), Small * 7 / 8);
        return (pool, path);
    }

    private static void WaitCleared(string path)
    {
        DeepTree.Run("btrfs filesystem sync . && btrfs subvolume sync .. && btrfs filesystem sync .", path);
        Assert.False(BtrfsSubvolumes.AreLeaving(path));
    }

    private static async Task WriteAsync(string path, long bytes, FileMode mode = FileMode.Create)
    {
        await using var file = new FileStream(path, mode, FileAccess.Write, FileShare.None, 1 << 20);
        var block = new byte[1 << 20];
        Random.Shared.NextBytes(block);
        for (var written = 0L; written < bytes; written += block.Length)
        {
            await file.WriteAsync(block, Ct);
        }

        file.Flush(flushToDisk: true);
    }

    /// <summary>A disk in memory that goes with the test, with all that was mounted from it.</summary>
    private sealed class Disk : IAsyncDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public Disk()
        {
            LinuxFiles.MountMemory(_folder.Path, "size=768m");
            Options = new NodeOptions { DataRoot = Path.Combine(_folder.Path, "data") };
        }

        public NodeOptions Options { get; }

        public async Task<VolumePool> OpenAsync(VolumeBackend backend, Func<string, Task<bool>>? isKnown = null)
        {
            var pool = new VolumePool(Options with { VolumeBackend = backend }, NullLogger<VolumePool>.Instance);
            await pool.OpenAsync(isKnown ?? (_ => Task.FromResult(true)), Ct);
            return pool;
        }

        public async ValueTask DisposeAsync()
        {
            await VolumePool.RemoveAllAsync(Options, CancellationToken.None);
            Mounts.UnmountBelow(_folder.Path);
            _folder.Dispose();
        }
    }
}
