using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Upstream;

/// <summary>Watches tell every change once, in order, from wherever they start.</summary>
public sealed class WatcherTests(CloudFixture fixture) : UpstreamStory(fixture)
{
    private string Maps => $"{Core}/configmaps";

    [Fact]
    [Upstream("[sig-api-machinery] Watchers should observe add, update, and delete watch notifications on configmaps [Conformance]")]
    public async Task Watches_SeeTheObjectsOfTheirLabel()
    {
        var start = await VersionAsync();
        await CreateAsync("a", "A");
        await ChangeAsync("a", "1");
        await ChangeAsync("a", "2");
        await DeleteAsync("a");
        await CreateAsync("b", "B");
        await DeleteAsync("b");

        Assert.Equal(["ADDED a", "MODIFIED a", "MODIFIED a", "DELETED a"], await Api.CollectAsync($"{Maps}?watch=1&labelSelector=l%3DA&resourceVersion={start}", 4));
        Assert.Equal(["ADDED b", "DELETED b"], await Api.CollectAsync($"{Maps}?watch=1&labelSelector=l%3DB&resourceVersion={start}", 2));
        Assert.Equal(
            ["ADDED a", "MODIFIED a", "MODIFIED a", "DELETED a", "ADDED b", "DELETED b"],
            await Api.CollectAsync($"{Maps}?watch=1&labelSelector=l%20in%20(A,B)&resourceVersion={start}", 6));
    }

    [Fact]
    [Upstream("[sig-api-machinery] Watchers should be able to start watching from a specific resource version [Conformance]")]
    public async Task Watch_FromAVersion_TellsWhatCameAfterIt()
    {
        await CreateAsync("a", "A");
        var first = await ChangeAsync("a", "1");
        await ChangeAsync("a", "2");
        await DeleteAsync("a");
        Assert.Equal(["MODIFIED 2", "DELETED 2"], await Api.CollectAsync($"{Maps}?watch=1&labelSelector=l%3DA&resourceVersion={first}", 2, "data.mutation"));
    }

    [Fact]
    [Upstream("[sig-api-machinery] Watchers should be able to restart watching from the last resource version observed by the previous watch [Conformance]")]
    public async Task Watch_GoesOnFromTheLastVersionSeen()
    {
        var start = await VersionAsync();
        await CreateAsync("a", "A");
        await ChangeAsync("a", "1");
        var seen = await Api.CollectAsync($"{Maps}?watch=1&labelSelector=l%3DA&resourceVersion={start}", 2, "metadata.resourceVersion");
        var last = seen[^1].Split(' ')[1];
        await ChangeAsync("a", "2");
        await DeleteAsync("a");
        Assert.Equal(["MODIFIED 2", "DELETED 2"], await Api.CollectAsync($"{Maps}?watch=1&labelSelector=l%3DA&resourceVersion={last}", 2, "data.mutation"));
    }

    [Fact]
    [Upstream("[sig-api-machinery] Watchers should observe an object deletion if it stops meeting the requirements of the selector [Conformance]")]
    public async Task Object_ThatLeavesTheSelector_IsDeletedForTheWatch_AndAddedAgainWhenItReturns()
    {
        var start = await VersionAsync();
        await CreateAsync("a", "A");
        await ChangeAsync("a", "1");
        await RelabelAsync("other");
        await ChangeAsync("a", "2");
        await RelabelAsync("A");
        await ChangeAsync("a", "3");
        await DeleteAsync("a");
        Assert.Equal(
            ["ADDED ", "MODIFIED 1", "DELETED 1", "ADDED 2", "MODIFIED 3", "DELETED 3"],
            await Api.CollectAsync($"{Maps}?watch=1&labelSelector=l%3DA&resourceVersion={start}", 6, "data.mutation"));

        async Task RelabelAsync(string label) => (await Api.PatchAsync($"{Maps}/a", $$"""{"metadata":{"labels":{"l":"{{label}}"} } }""")).Expect(200);
    }

    [Fact]
    [Upstream("[sig-api-machinery] Watchers should receive events on concurrent watches in same order [Conformance]")]
    public async Task Watches_StartedAtAnyVersion_SeeTheSameOrder()
    {
        var start = await VersionAsync();
        var writers = Enumerable.Range(0, 5).Select(async i =>
        {
            for (var round = 0; round < 10; round++)
            {
                await CreateAsync($"m{i}-{round}", "A");
                await ChangeAsync($"m{i}-{round}", "1");
                await DeleteAsync($"m{i}-{round}");
            }
        });
        var live = Api.CollectAsync($"{Maps}?watch=1&resourceVersion={start}", 150, "metadata.resourceVersion");
        await Task.WhenAll(writers);

        var all = await live;
        Assert.Equal(all, all.OrderBy(e => long.Parse(e.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)));
        var resumed = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => i * 14).Select(async at =>
            (At: at, Seen: await Api.CollectAsync($"{Maps}?watch=1&resourceVersion={all[at].Split(' ')[1]}", all.Count - at - 1, "metadata.resourceVersion"))));
        Assert.All(resumed, r => Assert.Equal(all.Skip(r.At + 1), r.Seen));
    }

    private async Task<string> VersionAsync() => (await Api.GetAsync(Maps)).At("metadata.resourceVersion")!;

    private async Task CreateAsync(string name, string label) =>
        (await Api.PostAsync(Maps, $$"""{"metadata":{"name":"{{name}}","labels":{"l":"{{label}}"} } }""")).Expect(201);

    private async Task<string> ChangeAsync(string name, string mutation) =>
        (await Api.PatchAsync($"{Maps}/{name}", $$"""{"data":{"mutation":"{{mutation}}"} }""")).Expect(200).At("metadata.resourceVersion")!;

    private async Task DeleteAsync(string name) => (await Api.DeleteAsync($"{Maps}/{name}")).Expect(200);
}
