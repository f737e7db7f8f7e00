using System.Text;

namespace Sealos.Store.Tests;

/// <summary>A store in a folder of its own, both gone at the end.</summary>
internal sealed class TemporaryStore : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sealos-store-").FullName;

    public string Path => System.IO.Path.Combine(_folder, "store.db");

    public string File(string name) => System.IO.Path.Combine(_folder, name);

    public KeyValueStore Store { get; private set; } = null!;

    public StoreOptions Options { get; private set; } = null!;

    public static async Task<TemporaryStore> OpenAsync(Func<StoreOptions, StoreOptions>? configure = null)
    {
        var temporary = new TemporaryStore();
        temporary.Options = new StoreOptions(temporary.Path) { CompactionInterval = TimeSpan.Zero };
        temporary.Options = configure?.Invoke(temporary.Options) ?? temporary.Options;
        temporary.Store = await KeyValueStore.OpenAsync(temporary.Options, CancellationToken.None);
        return temporary;
    }

    public async Task ReopenAsync()
    {
        await Store.DisposeAsync();
        Store = await KeyValueStore.OpenAsync(Options, CancellationToken.None);
    }

    public Task<long> PutAsync(string key, string value, long? expected = null) =>
        Store.PutAsync(key, Encoding.UTF8.GetBytes(value), expected, CancellationToken.None);

    public Task<long> DeleteAsync(string key, long? expected = null) => Store.DeleteAsync(key, expected, CancellationToken.None);

    public string List(string prefix, long? at = null, string? after = null, int limit = 0) =>
        string.Join(' ', Store.List(prefix, at, after, limit).Select(v => $"{v.Key}={Text(v.Value)}"));

    public static string Text(ReadOnlyMemory<byte>? value) => value is { } bytes ? Encoding.UTF8.GetString(bytes.Span) : "-";

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
