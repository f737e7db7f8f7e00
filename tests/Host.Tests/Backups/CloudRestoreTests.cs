using System.Text;
using Sealos.Host.Backups;
using Sealos.Host.Configuration;
using Sealos.Store;
using Xunit;

namespace Sealos.Host_Tests.Backups;

public sealed class CloudRestoreTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("sealos-restore-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string BackupPath => Path.Combine(_home, "backups", "one.sealos");

    [Fact]
    public async Task Restore_PutsObjectsKeysAndSettingsBack_AndUndoExchangesThemAgain()
    {
        var cloud = Cloud("a") with { Domain = "before.example.com" };
        await FillAsync(cloud, "before");
        await new CloudBackup(cloud, TimeProvider.System, _ => { }).WriteAsync(BackupPath, Ct);
        var changed = cloud with { Domain = "after.example.com" };
        await FillAsync(changed, "after");

        await Restore(changed).RestoreAsync(BackupPath, Ct);
        Assert.Equal(("before", "key before", "before.example.com"), await ReadAsync(cloud));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(cloud.DataFolder, "pki", "ca.key")));

        Restore(cloud).Undo();
        Assert.Equal(("after", "key after", "after.example.com"), await ReadAsync(cloud));
        Restore(cloud).Undo();
        Assert.Equal(("before", "key before", "before.example.com"), await ReadAsync(cloud));
    }

    [Fact]
    public async Task Restore_OnAnotherMachine_KeepsItsFoldersAndTheNodesName()
    {
        var cloud = Cloud("a") with { Domain = "moved.example.com", NodeName = "old-node" };
        await FillAsync(cloud, "moved");
        await new CloudBackup(cloud, TimeProvider.System, _ => { }).WriteAsync(BackupPath, Ct);
        var other = Cloud("b");

        await Restore(other).RestoreAsync(BackupPath, Ct);

        Assert.Equal(("moved", "key moved", "moved.example.com"), await ReadAsync(other));
        var settings = CloudOptions.Load(other.DataFolder)!;
        Assert.Equal((other.DataFolder, other.RunFolder, "old-node"), (settings.DataFolder, settings.RunFolder, settings.NodeName));
        Assert.False(Directory.Exists(Restore(other).KeptFolder));
        Assert.Throws<IOException>(() => Restore(other).Undo());
    }

    [Fact]
    public async Task Restore_DamagedAnywhere_IsRefusedAndChangesNothing()
    {
        var cloud = Cloud("a");
        await FillAsync(cloud, "here");
        await new CloudBackup(cloud, TimeProvider.System, _ => { }).WriteAsync(BackupPath, Ct);
        var whole = await File.ReadAllBytesAsync(BackupPath, Ct);
        var random = new Random(4);
        for (var i = 0; i < 40; i++)
        {
            var damaged = i % 2 == 0 ? whole[..random.Next(whole.Length)] : [.. whole];
            if (i % 2 == 1)
            {
                damaged[random.Next(damaged.Length)] ^= (byte)random.Next(1, 256);
            }

            await File.WriteAllBytesAsync(BackupPath, damaged, Ct);
            await Assert.ThrowsAsync<InvalidDataException>(() => Restore(cloud).RestoreAsync(BackupPath, Ct));
        }

        Assert.Equal("here", (await ReadAsync(cloud)).Value);
        Assert.False(Directory.Exists(Path.Combine(cloud.DataFolder, "restoring")));
    }

    [Fact]
    public async Task Restore_InterruptedInTheMiddle_IsRefusedToStartFromAndPutBack()
    {
        var cloud = Cloud("a");
        await FillAsync(cloud, "whole");
        var aside = Directory.CreateDirectory(Path.Combine(cloud.DataFolder, "before-restore.partial")).FullName;
        Directory.Move(Path.Combine(cloud.DataFolder, "store"), Path.Combine(aside, "store"));

        var refusal = Assert.Throws<IOException>(() => CloudRestore.ThrowIfHalfDone(cloud));
        Assert.Contains("--undo", refusal.Message, StringComparison.Ordinal);
        Restore(cloud).Undo();

        CloudRestore.ThrowIfHalfDone(cloud);
        Assert.Equal("whole", (await ReadAsync(cloud)).Value);
    }

    public void Dispose() => Directory.Delete(_home, recursive: true);

    private static CloudRestore Restore(CloudOptions cloud) => new(cloud, TimeProvider.System, _ => { });

    private CloudOptions Cloud(string name) => new()
    {
        DataFolder = Path.Combine(_home, name, "data"),
        RunFolder = Path.Combine(_home, name, "run"),
        LogFolder = Path.Combine(_home, name, "log"),
    };

    private static async Task FillAsync(CloudOptions cloud, string text)
    {
        var paths = new CloudPaths(cloud);
        cloud.Save();
        Directory.CreateDirectory(paths.Certificates);
        await File.WriteAllTextAsync(Path.Combine(paths.Certificates, "ca.key"), "key " + text, Ct);
        await using var store = await KeyValueStore.OpenAsync(new StoreOptions(paths.Store), Ct);
        await store.PutAsync("/text", Encoding.UTF8.GetBytes(text), null, Ct);
    }

    private static async Task<(string Value, string Key, string Domain)> ReadAsync(CloudOptions cloud)
    {
        var paths = new CloudPaths(cloud);
        await using var store = await KeyValueStore.OpenAsync(new StoreOptions(paths.Store), Ct);
        return (Encoding.UTF8.GetString(store.Get("/text")!.Value.Span), await File.ReadAllTextAsync(Path.Combine(paths.Certificates, "ca.key"), Ct), CloudOptions.Load(cloud.DataFolder)!.Domain);
    }
}
