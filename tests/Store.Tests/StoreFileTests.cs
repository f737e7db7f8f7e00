using Xunit;

namespace Sealos.Store.Tests;

public class StoreFileTests
{
    private static async Task<string> OpenFailureAsync(StoreOptions options)
    {
        var failure = await Assert.ThrowsAsync<StoreException>(() => KeyValueStore.OpenAsync(options, CancellationToken.None));
        return failure.Message;
    }

    private static async Task<TemporaryStore> ClosedStoreAsync()
    {
        var temporary = await TemporaryStore.OpenAsync();
        for (var i = 0; i < 300; i++)
        {
            await temporary.PutAsync($"/k{i}", new string('v', 500));
        }

        await temporary.Store.DisposeAsync();
        return temporary;
    }

    [Fact]
    public async Task Open_NotADatabase_SaysSo()
    {
        await using var temporary = await ClosedStoreAsync();
        await File.WriteAllTextAsync(temporary.Path, new string('x', 5000), TestContext.Current.CancellationToken);
        Assert.Contains("is damaged", await OpenFailureAsync(temporary.Options), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_AnotherProgramsDatabase_IsLeftAlone()
    {
        await using var temporary = await ClosedStoreAsync();
        await File.WriteAllBytesAsync(temporary.File("other.db"), [], TestContext.Current.CancellationToken);
        using (var database = Sqlite.Database.Open(temporary.File("other.db"), isReader: false))
        {
            database.Execute("CREATE TABLE t(x)");
        }

        Assert.Contains("another program", await OpenFailureAsync(new StoreOptions(temporary.File("other.db"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_LaterLayout_IsRefused()
    {
        await using var temporary = await ClosedStoreAsync();
        using (var database = Sqlite.Database.Open(temporary.Path, isReader: false))
        {
            database.Execute("PRAGMA user_version=3");
        }

        Assert.Contains("layout 3", await OpenFailureAsync(temporary.Options), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_TruncatedFile_IsFoundByTheCheck()
    {
        await using var temporary = await ClosedStoreAsync();
        using (var file = new FileStream(temporary.Path, FileMode.Open))
        {
            file.SetLength(file.Length - (20 * 4096));
        }

        Assert.Contains("is damaged", await OpenFailureAsync(temporary.Options), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_OverwrittenPages_AreFoundByTheCheck()
    {
        await using var temporary = await ClosedStoreAsync();
        using (var file = new FileStream(temporary.Path, FileMode.Open))
        {
            file.Position = 10 * 4096;
            file.Write(new byte[8 * 4096]);
        }

        Assert.Contains("is damaged", await OpenFailureAsync(temporary.Options), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_FolderIsAFile_SaysWhatIsWrong()
    {
        await using var temporary = await ClosedStoreAsync();
        Assert.Contains("cannot be opened", await OpenFailureAsync(new StoreOptions(temporary.Path + "/below/store.db")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_LargeFile_IsCheckedInOutlineAndWorks()
    {
        await using var temporary = await ClosedStoreAsync();
        await using var store = await KeyValueStore.OpenAsync(temporary.Options with { FullCheckBytes = 0 }, CancellationToken.None);
        Assert.Equal(300, store.Revision);
    }

    [Fact]
    public async Task Open_FirstLayout_IsTakenOverAndGetsChecksumsWithNewWrites()
    {
        await using var temporary = await ClosedStoreAsync();
        using (var database = Sqlite.Database.Open(temporary.Path, isReader: false))
        {
            database.Execute("ALTER TABLE log DROP COLUMN checksum");
            database.Execute("PRAGMA user_version=1");
        }

        await temporary.ReopenAsync();

        Assert.Equal(300, temporary.Store.List("", null, null, 0).Count);
        Assert.Equal(301, await temporary.PutAsync("/k1", "new"));
        await temporary.ReopenAsync();
        Assert.Equal("new", TemporaryStore.Text(temporary.Store.Get("/k1")!.Value));
    }
}
