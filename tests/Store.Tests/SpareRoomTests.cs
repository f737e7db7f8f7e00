using Xunit;

namespace Sealos.Store.Tests;

public sealed class SpareRoomTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sealos-spare").FullName;

    private string Store => Path.Combine(_folder, "kernel.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Room_IsTakenOnce_AndGivenAway()
    {
        var spare = new SpareRoom(Store);

        spare.Ensure();
        Assert.Equal(1024 * 1024, new FileInfo(Store + ".spare").Length);
        spare.ReleaseWhenFull();
        Assert.NotEmpty(Directory.GetFiles(_folder));
        spare.Release();
        Assert.Empty(Directory.GetFiles(_folder));
        spare.Ensure();
        Assert.NotEmpty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task Store_OnceWritten_HasRoomForItsNextStart()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var store = await KeyValueStore.OpenAsync(new StoreOptions(Store) { ReserveBytes = 0 }, ct);

        await store.PutAsync("a", "b"u8.ToArray(), 0, ct);

        Assert.True(File.Exists(Store + ".spare"));
    }
}
