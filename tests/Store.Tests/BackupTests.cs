using Xunit;

namespace Sealos.Store.Tests;

public class BackupTests
{
    [Fact]
    public async Task Backup_WhileWriting_IsOneSnapshotThatOpens()
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        for (var i = 0; i < 200; i++)
        {
            await temporary.PutAsync($"/k{i}", new string('v', 2000));
        }

        using var stop = new CancellationTokenSource();
        var writing = WritePairsAsync(temporary, stop.Token);
        var path = temporary.File("backups/one.db");
        await temporary.Store.BackupAsync(path, CancellationToken.None);
        await temporary.Store.BackupAsync(path, CancellationToken.None);
        await stop.CancelAsync();
        await writing;

        await using var copy = await KeyValueStore.OpenAsync(new StoreOptions(path), CancellationToken.None);
        Assert.InRange(copy.Revision, 201, temporary.Store.Revision);
        Assert.Equal(temporary.Store.List("", copy.Revision, null, 0).Select(v => (v.Key, v.ModRevision)), copy.List("", null, null, 0).Select(v => (v.Key, v.ModRevision)));
        var x = int.Parse(TemporaryStore.Text(copy.Get("/x")!.Value), null);
        Assert.InRange(copy.Get("/y") is { } y ? int.Parse(TemporaryStore.Text(y.Value), null) : -1, x - 1, x);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal(copy.Revision + 1, await copy.PutAsync("/z", new byte[1], 0, CancellationToken.None));
        Assert.False(File.Exists(path + ".partial"));
    }

    [Fact]
    public async Task Backup_ToImpossiblePlace_FailsAndLeavesNothing()
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        await temporary.PutAsync("/a", "x");
        await File.WriteAllTextAsync(temporary.File("file"), "", TestContext.Current.CancellationToken);
        var failure = await Assert.ThrowsAsync<StoreException>(
            () => temporary.Store.BackupAsync(temporary.File("file/one.db"), CancellationToken.None));
        Assert.Contains("backup", failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, await temporary.PutAsync("/a", "y"));
    }

    [Fact]
    public async Task Backup_Cancelled_LeavesNoFile()
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => temporary.Store.BackupAsync(temporary.File("one.db"), cancelled.Token));
        Assert.False(File.Exists(temporary.File("one.db")));
    }

    [Fact]
    public async Task Backup_ByAnotherProcessOfAStoreInUse_IsCheckedWhole()
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        for (var i = 0; i < 700; i++)
        {
            await temporary.PutAsync($"/k{i}", $"{i}");
        }

        var path = temporary.File("copy.db");
        await Backup.WriteAsync(temporary.Path, path, CancellationToken.None);

        Assert.Equal(700, await Backup.CheckAsync(path, CancellationToken.None));
        Assert.True(File.Exists(temporary.Path + "-wal"));
        Assert.Equal(701, await temporary.PutAsync("/k1", "x"));
        await Assert.ThrowsAsync<StoreException>(() => Backup.WriteAsync(temporary.File("none.db"), path, CancellationToken.None));
    }

    [Fact]
    public async Task Renew_RevisionsGoOnBeyondAllThatWereGivenOut()
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        await temporary.PutAsync("/a", "one");
        await temporary.PutAsync("/b", "two");
        await temporary.DeleteAsync("/b");
        await temporary.PutAsync("/a", "three");
        await temporary.Store.DisposeAsync();

        await Backup.RenewAsync(temporary.Path, CancellationToken.None);

        await temporary.ReopenAsync();
        Assert.Equal((1_000_000_004, 1_000_000_004), (temporary.Store.Revision, temporary.Store.CompactedRevision));
        Assert.Equal("/a=three", temporary.List(""));
        Assert.Equal(4, temporary.Store.Get("/a")!.ModRevision);
        Assert.Throws<CompactedException>(() => temporary.List("", 4));
        Assert.Equal(1_000_000_005, await temporary.PutAsync("/a", "four", 4));
        await temporary.Store.CompactAsync(temporary.Store.Revision, CancellationToken.None);
        Assert.Equal("/a=four", temporary.List(""));
        Assert.Equal(1_000_000_006, await temporary.PutAsync("/b", "five", 0));
    }

    // The two always change one after the other, so in any snapshot they differ by at most one.
    private static async Task WritePairsAsync(TemporaryStore temporary, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            await temporary.PutAsync("/x", $"{i}");
            await temporary.PutAsync("/y", $"{i}");
        }
    }
}
