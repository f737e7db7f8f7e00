using Sealos.ApiServer.Tests.Support;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Selectors;
using Xunit;

namespace Sealos.ApiServer.Tests.Watch;

public sealed class KindCacheTests
{
    [Fact]
    public void List_IsInTheOrderOfTheStoresKeys()
    {
        var cache = CacheSamples.NewCache();
        long revision = 0;
        foreach (var key in new[] { "a/x", "a-b/x", "a.b/x", "ab/x", "a/b", "a/b-c" })
        {
            cache.Apply(CacheSamples.Put(++revision, key));
        }

        using var list = cache.List(null);
        var keys = list.Items.ToArray().Select(o => o.Key).ToArray();
        Assert.Equal(keys.Order(StringComparer.Ordinal), keys);
        using var rest = cache.List(null, "a/b");
        Assert.Equal(["a/b-c", "a/x", "ab/x"], rest.Items.ToArray().Select(o => o.Key));
    }

    [Fact]
    public void List_OfSoMany_SaysHowManyAreLeft()
    {
        var cache = CacheSamples.NewCache();
        foreach (var (key, i) in ((string[])["a/x", "a/y", "a/z", "b/x", "c/x"]).Select((key, i) => (key, i)))
        {
            cache.Apply(CacheSamples.Put(i + 1, key));
        }

        using var first = cache.List(null, null, 2);
        Assert.Equal((2, 3), (first.Count, first.Left));
        using var second = cache.List(null, "a/y", 2);
        Assert.Equal(("a/z", "b/x", 1), (second[0].Key, second[1].Key, second.Left));
        using var last = cache.List("a", "a/y", 2);
        Assert.Equal((1, 0), (last.Count, last.Left));
    }

    [Fact]
    public void Watch_ThatComesAfterTheEnd_EndsAtOnce()
    {
        var cache = CacheSamples.NewCache();
        cache.CompleteWatchers();
        var watcher = new Watcher(ObjectFilter.All, false, () => { });
        cache.ListAndWatch(watcher, () => 1, out _).Dispose();
        Assert.True(watcher.IsOver);
    }

    [Fact]
    public void Scan_ReadsLabelsAndFields()
    {
        var cache = CacheSamples.NewCache();
        cache.Apply(CacheSamples.Put(5, "a/x", "\"l\":\"1\"", "\"nodeName\":\"n1\",\"hostNetwork\":true,\"containers\":[{\"name\":\"c\"}]"));
        var obj = cache.Get("a", "x")!;
        Assert.Equal("1", obj.Labels!["l"]);
        Assert.Equal("u", obj.Uid);
        Assert.Equal(("n1", "true", "Running"), (Field("spec.nodeName"), Field("spec.hostNetwork"), Field("status.phase")));

        string Field(string path) => obj.Fields[cache.Fields.IndexOf(path)];
    }

    [Fact]
    public void Watcher_OfANamespace_HearsNothingOfOthers()
    {
        var cache = CacheSamples.NewCache();
        var watcher = new Watcher(new ObjectFilter { Namespace = "a" }, false, () => { });
        Assert.True(cache.TryWatch(watcher, 0, out _));
        cache.Apply(CacheSamples.Put(1, "a/x"));
        cache.Apply(CacheSamples.Put(2, "b/x"));
        cache.Apply(CacheSamples.Delete(3, "a/x"));
        Assert.Equal(["Added a/x 1", "Deleted a/x 3"], CacheSamples.Drain(watcher));
    }

    [Fact]
    public void Watcher_OfAnObject_HearsOnlyOfIt()
    {
        var cache = CacheSamples.NewCache();
        var watcher = new Watcher(new ObjectFilter { Namespace = "a", Name = "y" }, false, () => { });
        cache.TryWatch(watcher, 0, out _);
        cache.Apply(CacheSamples.Put(1, "a/x"));
        cache.Apply(CacheSamples.Put(2, "a/y"));
        Assert.Equal(["Added a/y 2"], CacheSamples.Drain(watcher));
        cache.Remove(watcher);
        cache.Apply(CacheSamples.Put(3, "a/y"));
        Assert.Empty(CacheSamples.Drain(watcher));
        Assert.Equal(0, cache.WatcherCount);
    }

    [Fact]
    public void Deletion_CarriesItsOwnRevisionAndTheLastContent()
    {
        var cache = CacheSamples.NewCache();
        cache.Apply(CacheSamples.Put(1, "a/x", "\"l\":\"1\""));
        var watcher = new Watcher(ObjectFilter.All, false, () => { });
        cache.TryWatch(watcher, 1, out _);
        cache.Apply(CacheSamples.Delete(9, "a/x"));
        Assert.True(watcher.TryRead(out var item));
        Assert.Equal("9", item.Subject!.Parse()["metadata"]!["resourceVersion"]!.GetValue<string>());
        Assert.Equal("1", item.Subject.Labels!["l"]);
    }

    [Fact]
    public void Selector_SeesLeavingAsDeletion()
    {
        var cache = CacheSamples.NewCache();
        var watcher = new Watcher(new ObjectFilter { Labels = LabelSelector.Parse("l=1").Requirements }, false, () => { });
        cache.TryWatch(watcher, 0, out _);
        cache.Apply(CacheSamples.Put(1, "a/x", "\"l\":\"2\""));
        cache.Apply(CacheSamples.Put(2, "a/x", "\"l\":\"1\""));
        cache.Apply(CacheSamples.Put(3, "a/x", "\"l\":\"1\",\"m\":\"1\""));
        cache.Apply(CacheSamples.Put(4, "a/x", "\"l\":\"3\""));
        cache.Apply(CacheSamples.Delete(5, "a/x"));
        Assert.Equal(["Added a/x 2", "Modified a/x 3", "Deleted a/x 4"], CacheSamples.Drain(watcher));
    }

    [Fact]
    public void SlowWatcher_IsCutOffAndOthersAreNot()
    {
        var cache = CacheSamples.NewCache();
        var cut = 0;
        var slow = new Watcher(ObjectFilter.All, false, () => cut++);
        var quick = new Watcher(ObjectFilter.All, false, () => Assert.Fail("a watcher that keeps up was cut off"));
        cache.TryWatch(slow, 0, out _);
        cache.TryWatch(quick, 0, out _);
        for (var revision = 1; revision <= 10_000; revision++)
        {
            cache.Apply(CacheSamples.Put(revision, "a/x"));
            Assert.True(quick.TryRead(out _));
        }

        Assert.True(cut > 0);
        Assert.InRange(CacheSamples.Drain(slow).Count, 1, 8192);
        Assert.True(slow.IsOver);
    }

    [Fact]
    public void SlowWatcher_OfLargeObjects_IsCutOffBeforeItHoldsManyVersions()
    {
        var cache = CacheSamples.NewCache();
        var slow = new Watcher(ObjectFilter.All, false, () => { });
        cache.TryWatch(slow, 0, out _);
        var large = "\"nodeName\":\"" + new string('x', 1024 * 1024) + "\"";
        for (var revision = 1; revision <= 100; revision++)
        {
            cache.Apply(CacheSamples.Put(revision, "a/x", spec: large));
        }

        Assert.InRange(CacheSamples.Drain(slow).Count, 16, 32);
        Assert.True(slow.IsOver);
    }

    [Fact]
    public void Resume_FromBeforeTheRing_IsRefusedWithTheOldestRevision()
    {
        var time = new ManualClock();
        var cache = CacheSamples.NewCache(time);
        for (var revision = 1; revision <= 100; revision++)
        {
            cache.Apply(CacheSamples.Put(revision, "a/x"));
        }

        time.Advance(TimeSpan.FromMinutes(10));
        cache.Tick(() => 100);
        var watcher = new Watcher(ObjectFilter.All, false, () => { });
        Assert.False(cache.TryWatch(watcher, 1, out var oldest));
        Assert.Equal(36, oldest);
        Assert.True(cache.TryWatch(watcher, oldest, out _));
        Assert.Equal(64, CacheSamples.Drain(watcher).Count);
    }

    [Fact]
    public void Bookmark_ComesBehindWhatWasQueued()
    {
        var cache = CacheSamples.NewCache();
        var wants = new Watcher(ObjectFilter.All, true, () => { });
        var declines = new Watcher(ObjectFilter.All, false, () => { });
        cache.TryWatch(wants, 0, out _);
        cache.TryWatch(declines, 0, out _);
        cache.Apply(CacheSamples.Put(1, "a/x"));
        cache.Tick(() => 7);
        Assert.Equal(["Added a/x 1", "Bookmark  7"], CacheSamples.Drain(wants));
        Assert.Equal(["Added a/x 1"], CacheSamples.Drain(declines));
    }

    [Fact]
    public void ListAndWatch_MissesNothingBetween()
    {
        var cache = CacheSamples.NewCache();
        cache.Apply(CacheSamples.Put(1, "a/x"));
        var watcher = new Watcher(ObjectFilter.All, false, () => { });
        using var list = cache.ListAndWatch(watcher, () => 0, out var revision);
        cache.Apply(CacheSamples.Put(2, "a/y"));
        Assert.Equal(1, list.Count);
        Assert.Equal(1, revision);
        Assert.Equal(["Added a/y 2"], CacheSamples.Drain(watcher));
    }

    private sealed class ManualClock : TimeProvider
    {
        private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

        public void Advance(TimeSpan by) => _now += by;

        public override DateTimeOffset GetUtcNow() => _now;
    }
}
