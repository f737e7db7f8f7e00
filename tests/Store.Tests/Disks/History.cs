using System.Globalization;
using System.Text;
using Xunit;

namespace Sealos.Store.Tests.Disks;

/// <summary>A fixed run of writes and compactions, what the store must hold after each, and which were acknowledged when.</summary>
internal sealed class History(FaultyDisk disk)
{
    private const int Keys = 7;

    private readonly SortedDictionary<string, string> _state = new(StringComparer.Ordinal);

    // By revision.
    private readonly List<string> _states = [""];
    private readonly List<(int Operations, long Revision)> _acknowledged = [(0, 0)];

    /// <summary>Writes, one after the other; what fails is left out.</summary>
    public async Task WriteAsync(KeyValueStore store, int from, int count)
    {
        for (var i = from; i < from + count; i++)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"/k{i % Keys}");
            var value = string.Create(CultureInfo.InvariantCulture, $"{i}-{new string((char)('a' + (i % 26)), i * 397 % 6000)}");
            var isDeletion = i % 5 == 4 && _state.ContainsKey(key);
            var revision = isDeletion
                ? await store.DeleteAsync(key, null, CancellationToken.None)
                : await store.PutAsync(key, Encoding.UTF8.GetBytes(value), null, CancellationToken.None);
            if (isDeletion)
            {
                _state.Remove(key);
            }
            else
            {
                _state[key] = value;
            }

            Assert.Equal(_states.Count, revision);
            _states.Add(Describe(_state.Select(s => (s.Key, s.Value))));
            _acknowledged.Add((disk.Count, revision));
            if (i % 20 == 19)
            {
                await store.CompactAsync(revision - 5, CancellationToken.None);
            }
        }
    }

    /// <summary>Opens what a crash left and holds it against what was acknowledged by then.</summary>
    public async Task VerifyAsync(string path, int operations, string what)
    {
        await using var store = await KeyValueStore.OpenAsync(new StoreOptions(path) { CompactionInterval = TimeSpan.Zero }, CancellationToken.None);
        var revision = (int)store.Revision;
        Assert.True(revision >= _acknowledged.Last(a => a.Operations <= operations).Revision, $"{what}: only revision {revision} is left");
        Assert.True(revision < _states.Count + 1, what);
        if (revision < _states.Count)
        {
            Assert.True(_states[revision] == StateOf(store), $"{what}: the state is not that of revision {revision}");
        }

        var seen = store.CompactedRevision;
        if (seen < revision)
        {
            await foreach (var written in store.Watch("", seen, CancellationToken.None))
            {
                Assert.True(++seen == written.Revision, $"{what}: {written.Revision} came instead of {seen}");
                if (seen == revision)
                {
                    break;
                }
            }
        }

        Assert.Equal(revision + 1, await store.PutAsync("/after", new byte[10], 0, CancellationToken.None));
    }

    public static string StateOf(KeyValueStore store) =>
        Describe(store.List("", null, null, 0).Select(v => (v.Key, TemporaryStore.Text(v.Value))));

    private static string Describe(IEnumerable<(string Key, string Value)> state) => string.Join(' ', state.Select(s => $"{s.Key}={s.Value}"));
}
