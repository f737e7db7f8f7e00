using System.Text;
using Xunit;

namespace Sealos.Store.Tests;

public class KeyValueStoreTests
{
    [Fact]
    public async Task Put_NewKey_GetsNextRevisionAndIsRead()
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        Assert.Equal(0, temporary.Store.Revision);

        Assert.Equal(1, await temporary.PutAsync("/a", "one", 0));
        Assert.Equal(2, await temporary.PutAsync("/b", "two"));
        Assert.Equal(3, await temporary.PutAsync("/a", "three", 1));

        var value = temporary.Store.Get("/a")!;
        Assert.Equal(("three", 1, 3), (TemporaryStore.Text(value.Value), value.CreateRevision, value.ModRevision));
        Assert.Equal(3, temporary.Store.Revision);
        Assert.Null(temporary.Store.Get("/c"));
    }

    [Fact]
    public async Task Put_ExistingKeyExpectedAbsent_IsConflictWithCurrentRevision()
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        await temporary.PutAsync("/a", "one", 0);

        var conflict = await Assert.ThrowsAsync<RevisionConflictException>(() => temporary.PutAsync("/a", "two", 0));

        Assert.Equal((0, 1), (conflict.Expected, conflict.Current));
        Assert.Equal("one", TemporaryStore.Text(temporary.Store.Get("/a")!.Value));
        Assert.Equal(1, temporary.Store.Revision);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Put_OtherRevisionExpected_IsConflict(long expected)
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        await temporary.PutAsync("/a", "one");
        await temporary.PutAsync("/a", "two");

        var conflict = await Assert.ThrowsAsync<RevisionConflictException>(() => temporary.PutAsync("/a", "three", expected));

        Assert.Equal(2, conflict.Current);
    }

    [Fact]
    public async Task Put_MissingKeyExpectedAtRevision_IsConflictWithZero()
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        Assert.Equal(0, (await Assert.ThrowsAsync<RevisionConflictException>(() => temporary.PutAsync("/a", "x", 7))).Current);
    }

    [Fact]
    public async Task Delete_ThenCreate_StartsANewLife()
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        await temporary.PutAsync("/a", "one");
        Assert.Equal(2, await temporary.DeleteAsync("/a", 1));
        Assert.Null(temporary.Store.Get("/a"));
        Assert.Equal("", temporary.List("/"));

        await temporary.PutAsync("/a", "two", 0);

        Assert.Equal((3, 3), (temporary.Store.Get("/a")!.CreateRevision, temporary.Store.Get("/a")!.ModRevision));
    }

    [Fact]
    public async Task Delete_MissingOrMoved_IsConflict()
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        Assert.Equal(0, (await Assert.ThrowsAsync<RevisionConflictException>(() => temporary.DeleteAsync("/a"))).Current);
        await temporary.PutAsync("/a", "one");
        Assert.Equal(1, (await Assert.ThrowsAsync<RevisionConflictException>(() => temporary.DeleteAsync("/a", 9))).Current);
        await temporary.DeleteAsync("/a");
        Assert.Equal(0, (await Assert.ThrowsAsync<RevisionConflictException>(() => temporary.DeleteAsync("/a"))).Current);
    }

    [Fact]
    public async Task List_PrefixPagesAndRevisions_AreRespected()
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        await temporary.PutAsync("/p/b", "1");
        await temporary.PutAsync("/p/a", "2");
        await temporary.PutAsync("/q/a", "3");
        await temporary.PutAsync("/p/a", "4");
        await temporary.DeleteAsync("/p/b");
        await temporary.PutAsync("/p0", "6");
        await temporary.PutAsync("/p/ü", "7");

        Assert.Equal("/p/a=4 /p/ü=7", temporary.List("/p/"));
        Assert.Equal("/p/a=2 /p/b=1", temporary.List("/p/", at: 3));
        Assert.Equal("/p/a=4 /p/b=1", temporary.List("/p/", at: 4));
        Assert.Equal("", temporary.List("/p/", at: 0));
        Assert.Equal("/p/a=4", temporary.List("/p/", limit: 1));
        Assert.Equal("/p/ü=7", temporary.List("/p/", after: "/p/a", limit: 1));
        Assert.Equal("/p/a=4 /p/ü=7 /p0=6 /q/a=3", temporary.List(""));
        Assert.Throws<ArgumentOutOfRangeException>(() => temporary.List("/", at: 8));
    }

    [Fact]
    public async Task Put_EmptyValue_IsAValue()
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        await temporary.PutAsync("/a", "");
        await temporary.ReopenAsync();
        Assert.Equal(0, temporary.Store.Get("/a")!.Value.Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    [InlineData("a\U0010FFFF")]
    public async Task Put_BadKey_IsRefused(string key)
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => temporary.PutAsync(key, "x"));
        await Assert.ThrowsAsync<ArgumentException>(() => temporary.PutAsync($"a{'\ud800'}", "x"));
        await Assert.ThrowsAsync<ArgumentException>(() => temporary.PutAsync(new string('k', KeyRange.MaxKeyBytes + 1), "x"));
    }

    [Fact]
    public async Task Put_ValueOverTheLimit_IsRefusedAndOneAtTheLimitStays()
    {
        await using var temporary = await TemporaryStore.OpenAsync(o => o with { MaxValueBytes = 100_000, MaxBatchBytes = 1000 });
        await Assert.ThrowsAsync<ArgumentException>(() => temporary.Store.PutAsync("/a", new byte[100_001], null, CancellationToken.None));
        await temporary.Store.PutAsync("/a", new byte[100_000], null, CancellationToken.None);
        await temporary.ReopenAsync();
        Assert.Equal(100_000, temporary.Store.Get("/a")!.Value.Length);
    }

    [Fact]
    public async Task Reopen_EverythingIsStillThere()
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        await temporary.PutAsync("/a", "one");
        await temporary.PutAsync("/b", "two");
        await temporary.DeleteAsync("/b");

        await temporary.ReopenAsync();

        Assert.Equal(3, temporary.Store.Revision);
        Assert.Equal("/a=one", temporary.List("/"));
        Assert.Equal(4, await temporary.PutAsync("/c", "three"));
    }

    [Fact]
    public async Task Open_FileInUse_SaysSo()
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        var failure = await Assert.ThrowsAsync<StoreException>(() => KeyValueStore.OpenAsync(temporary.Options, CancellationToken.None));
        Assert.Contains("another server", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Put_AfterDispose_IsRefused()
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        await temporary.Store.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => temporary.PutAsync("/a", "x"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => temporary.Store.CompactAsync(0, CancellationToken.None));
        Assert.Throws<ObjectDisposedException>(() => temporary.Store.Get("/a"));
    }

    [Fact]
    public async Task File_HoldsSecrets_OnlyItsOwnerReadsIt()
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        await temporary.Store.PutAsync("/a", Encoding.UTF8.GetBytes("secret"), null, CancellationToken.None);
        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(Owner, File.GetUnixFileMode(temporary.Path));
        Assert.Equal(Owner, File.GetUnixFileMode(temporary.Path + "-wal"));
    }
}
