using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Sealos.Store.Tests.Linearizability;
using Xunit;

namespace Sealos.Store.Tests;

/// <summary>Whatever many do at once looks as if they had done it one after the other.</summary>
public class LinearizabilityTests
{
    private static readonly string[] Keys = ["/a", "/b", "/c"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task ConcurrentHistory_IsLinearizable(int seed)
    {
        await using var temporary = await TemporaryStore.OpenAsync(o => o with { MaxBatchWrites = 5 });
        var history = new ConcurrentQueue<Operation>();
        var clock = new Counter();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            var random = new Random((seed * 100) + worker);
            var known = Keys.ToDictionary(k => k, _ => 0L);
            for (var i = 0; i < 60; i++)
            {
                var operation = await CallAsync(temporary.Store, clock, random, known, (worker * 1000) + i + 1);
                known[operation.Key] = operation.Revision;
                history.Enqueue(operation);
            }
        })));

        Assert.Null(Checker.FindViolation(history));
        Assert.Contains(history, o => o.IsConflict);
        Assert.Contains(history, o => o.Kind == OperationKind.Delete && !o.IsConflict);

        // The same history with one answer made up is not explained any more.
        var lied = history.ToList();
        var read = lied.FindLastIndex(o => o is { Kind: OperationKind.Get, Revision: > 0 });
        lied[read] = lied[read] with { Value = lied[read].Value + 100_000 };
        Assert.Equal(lied[read].Key, Checker.FindViolation(lied));
    }

    [Fact]
    public void Checker_OverlappingCalls_MayTakeEffectInAnyOrder()
    {
        Assert.Null(Checker.FindViolation([Put(1, 10, 1, 1), Get(2, 9, 0, 0), Get(3, 4, 1, 1)]));
        Assert.Null(Checker.FindViolation([Put(1, 10, 1, 1), Put(2, 11, 2, 2), Get(3, 12, 1, 1)]));
    }

    [Fact]
    public void Checker_BrokenHistories_AreCaught()
    {
        // A stale read; a value lost; two who both created; a read of the new and then of the old; revisions that fall.
        Assert.Equal("/a", Checker.FindViolation([Put(1, 2, 1, 1), Get(3, 4, 0, 0)]));
        Assert.Equal("/a", Checker.FindViolation([Put(1, 2, 1, 1), Put(3, 4, 2, 2), Get(5, 6, 1, 1)]));
        Assert.Equal("/a", Checker.FindViolation([Put(1, 4, 1, 1, 0), Put(2, 3, 2, 2, 0)]));
        Assert.Equal("/a", Checker.FindViolation([Put(1, 9, 1, 1), Get(2, 3, 1, 1), Get(4, 5, 0, 0)]));
        Assert.Equal("/a", Checker.FindViolation([Put(1, 2, 5, 1), Put(3, 4, 4, 2)]));
    }

    private static Operation Put(long called, long answered, long revision, int value, long? expected = null) =>
        new(OperationKind.Put, "/a", expected, value, revision, false) { Called = called, Answered = answered };

    private static Operation Get(long called, long answered, long revision, int value) =>
        new(OperationKind.Get, "/a", null, value, revision, false) { Called = called, Answered = answered };

    private static async Task<Operation> CallAsync(KeyValueStore store, Counter clock, Random random, Dictionary<string, long> known, int value)
    {
        var key = Keys[random.Next(Keys.Length)];
        long? expected = random.Next(3) == 0 ? null : known[key];
        var kind = random.Next(10) switch { < 4 => OperationKind.Get, < 8 => OperationKind.Put, _ => OperationKind.Delete };
        var called = clock.Next();
        if (kind == OperationKind.Get)
        {
            var got = store.Get(key);
            var number = got is null ? 0 : int.Parse(TemporaryStore.Text(got.Value), CultureInfo.InvariantCulture);
            return new Operation(kind, key, null, number, got?.ModRevision ?? 0, false) { Called = called, Answered = clock.Next() };
        }

        try
        {
            var revision = kind == OperationKind.Put
                ? await store.PutAsync(key, Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)), expected, CancellationToken.None)
                : await store.DeleteAsync(key, expected, CancellationToken.None);
            return new Operation(kind, key, expected, value, revision, false) { Called = called, Answered = clock.Next() };
        }
        catch (RevisionConflictException conflict)
        {
            return new Operation(kind, key, expected, value, conflict.Current, true) { Called = called, Answered = clock.Next() };
        }
    }

    private sealed class Counter
    {
        private long _value;

        public long Next() => Interlocked.Increment(ref _value);
    }
}
