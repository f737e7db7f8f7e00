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
