using System.Diagnostics;
using System.Globalization;
using System.Text;
using Xunit;

namespace Sealos.Store.Tests;

/// <summary>What was acknowledged stays, whatever is torn: by kill -9, by lost or garbled writes under SQLite.</summary>
public class CrashTests
{
    private const int PageBytes = 4096;

    /// <summary>The value that the child's writer puts as its n-th.</summary>
    internal static byte[] ValueOf(int writer, int n) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{writer} {n} ") + new string('v', (writer * 1000) + (n % 500)));

    [Fact]
    public async Task KillNine_WhileAcknowledging_LosesNothingAcknowledged()
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        await temporary.Store.DisposeAsync();
        long revision = 0;
        foreach (var milliseconds in new[] { 30, 170, 400 })
        {
            var acknowledged = await RunAndKillAsync(temporary.Path, milliseconds, int.MaxValue);
            await using var store = await KeyValueStore.OpenAsync(temporary.Options, CancellationToken.None);
            Assert.True(acknowledged.Count > 0);
            Assert.True(acknowledged[0].Revision > revision);
            var events = await EventsAsync(store, revision);
            foreach (var (at, writer, n) in acknowledged)
            {
                Assert.Equal(ValueOf(writer, n), events[at].Value!.Value.ToArray());
            }

            Assert.True(store.Revision >= acknowledged.Max(a => a.Revision));
            revision = store.Revision;
        }
    }

    [Fact]
    public async Task KillNine_WhileCompacting_EveryKeyHasItsLastAcknowledgedValueOrANewerOne()
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        await temporary.Store.DisposeAsync();
        long compacted = 0;
        foreach (var milliseconds in new[] { 50, 120, 210, 330 })
        {
            var acknowledged = await RunAndKillAsync(temporary.Path, milliseconds, 20);
            await using var store = await KeyValueStore.OpenAsync(temporary.Options, CancellationToken.None);
            compacted = store.CompactedRevision;
            foreach (var last in acknowledged.GroupBy(a => (a.Writer, Key: a.N % 50)).Select(g => g.MaxBy(a => a.Revision)))
            {
                var found = store.Get($"/w{last.Writer}/{last.N % 50}")!;
                var n = int.Parse(TemporaryStore.Text(found.Value).Split(' ')[1], CultureInfo.InvariantCulture);
                Assert.True(found.ModRevision >= last.Revision);
                Assert.Equal(ValueOf(last.Writer, n), found.Value.ToArray());
            }
        }

        Assert.True(compacted > 0);
    }

    private static async Task<List<(long Revision, int Writer, int N)>> RunAndKillAsync(string path, int milliseconds, int maxHistory)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        start.ArgumentList.Add(Program.AcknowledgeCommand);
        start.ArgumentList.Add(path);
        start.ArgumentList.Add(maxHistory.ToString(CultureInfo.InvariantCulture));
        using var child = Process.Start(start)!;
        var acknowledged = new List<(long, int, int)>();
        var first = await child.StandardOutput.ReadLineAsync();
        var rest = child.StandardOutput.ReadToEndAsync();
        await Task.Delay(milliseconds);
        child.Kill();
        var lines = (first + "\n" + await rest).Split('\n')[..^1]; // what has no line end was cut off in the middle
        await child.WaitForExitAsync();
        foreach (var line in lines)
        {
            var parts = line.Split(' ').Select(p => int.Parse(p, CultureInfo.InvariantCulture)).ToArray();
            acknowledged.Add((parts[0], parts[1], parts[2]));
        }

        return acknowledged;
    }

    private static async Task<Dictionary<long, StoreEvent>> EventsAsync(KeyValueStore store, long after)
    {
        var events = new Dictionary<long, StoreEvent>();
        if (store.Revision > after)
        {
            await foreach (var written in store.Watch("", after, CancellationToken.None))
            {
                events.Add(written.Revision, written);
                if (written.Revision == store.Revision)
                {
                    break;
                }
            }
        }

        return events;
    }

    /// <summary>How a log's end can look after power was lost.</summary>
    public enum Tear
    {
        Truncated,
        Zeroed,
        Garbled,
        HolesInSectors,
    }

    [Theory]
    [InlineData(Tear.Truncated)]
    [InlineData(Tear.Zeroed)]
    [InlineData(Tear.Garbled)]
    [InlineData(Tear.HolesInSectors)]
    public async Task LogTornAnywhere_ReopensAsAPrefixWithEverythingDurableBefore(Tear tear)
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        var durable = new List<(long LogBytes, string State)> { (0, "") };
        for (var i = 1; i <= 60; i++)
        {
            await (i % 5 == 4 ? temporary.DeleteAsync($"/k{(i - 1) % 7}") : temporary.PutAsync($"/k{i % 7}", $"{i} {new string('v', i * 37)}"));
            durable.Add((new FileInfo(temporary.Path + "-wal").Length, temporary.List("")));
        }

        var file = await ReadSharedAsync(temporary.Path);
        var log = await ReadSharedAsync(temporary.Path + "-wal");
        var random = new Random(7);
        for (var cut = 0; cut < log.Length; cut += random.Next(1, 36_000))
        {
            var torn = Torn(log, cut, tear, random);
            var path = temporary.File($"torn-{cut}.db");
            await File.WriteAllBytesAsync(path, file, TestContext.Current.CancellationToken);
            await File.WriteAllBytesAsync(path + "-wal", torn, TestContext.Current.CancellationToken);

            await using var store = await KeyValueStore.OpenAsync(new StoreOptions(path), CancellationToken.None);

            // A prefix of history, which holds every write that was on disk before the tear.
            var revision = (int)store.Revision;
            Assert.True(revision >= durable.FindLastIndex(d => d.LogBytes <= cut), $"torn at {cut}: revision {revision}");
            var list = string.Join(' ', store.List("", null, null, 0).Select(v => $"{v.Key}={TemporaryStore.Text(v.Value)}"));
            Assert.Equal(durable[revision].State, list);
            Assert.Equal(revision, (await EventsAsync(store, 0)).Count);
            Assert.Equal(revision + 1, await store.PutAsync("/after", new byte[10], 0, CancellationToken.None));
        }
    }

    [Fact]
    public async Task CheckpointTornAnywhere_ReopensComplete()
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        for (var i = 1; i <= 40; i++)
        {
            await temporary.PutAsync($"/k{i % 9}", $"{i} {new string('v', i * 50)}");
        }

        var before = await ReadSharedAsync(temporary.Path);
        var log = await ReadSharedAsync(temporary.Path + "-wal");
        var expected = temporary.List("");
        await temporary.Store.DisposeAsync();
        var after = await File.ReadAllBytesAsync(temporary.Path, TestContext.Current.CancellationToken);
        Assert.NotEqual(before.Length, after.Length);
        var random = new Random(3);
        for (var round = 0; round < 12; round++)
        {
            // Any mix of pages that reached the disk and pages that did not, some of them half.
            var mixed = after[..(random.Next(before.Length, after.Length + 1) / PageBytes * PageBytes)];
            for (var sector = 0; sector * 512 < mixed.Length; sector++)
            {
                var bytes = mixed.AsSpan(sector * 512, 512);
                if (random.Next(2) == 0)
                {
                    var old = before.AsSpan(Math.Min(sector * 512, before.Length), Math.Min(512, Math.Max(0, before.Length - (sector * 512))));
                    bytes.Clear();
                    old.CopyTo(bytes);
                }
            }

            var path = temporary.File($"mixed-{round}.db");
            await File.WriteAllBytesAsync(path, mixed, TestContext.Current.CancellationToken);
            await File.WriteAllBytesAsync(path + "-wal", log, TestContext.Current.CancellationToken);
            await using var store = await KeyValueStore.OpenAsync(new StoreOptions(path), CancellationToken.None);
            Assert.Equal(40, store.Revision);
            Assert.Equal(expected, string.Join(' ', store.List("", null, null, 0).Select(v => $"{v.Key}={TemporaryStore.Text(v.Value)}")));
        }
    }

    private static byte[] Torn(byte[] log, int cut, Tear tear, Random random)
    {
        var torn = log.ToArray();
        var tail = torn.AsSpan(cut);
        switch (tear)
        {
            case Tear.Truncated:
                return torn[..cut];
            case Tear.Zeroed:
                tail.Clear();
                break;
            case Tear.Garbled:
                random.NextBytes(tail);
                break;
            default:
                for (var at = 0; at < tail.Length; at += 512)
                {
                    if (at == 0 || random.Next(3) == 0)
                    {
                        tail.Slice(at, Math.Min(512, tail.Length - at)).Clear();
                    }
                }

                break;
        }

        return torn;
    }

    private static async Task<byte[]> ReadSharedAsync(string path)
    {
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        await stream.ReadExactlyAsync(bytes);
        return bytes;
    }
}
