using Sealos.Testing;
using Sealos.Testing.Software;
using Xunit;

namespace Sealos.Software_Tests;

/// <summary>Redis as a stateful set whose first pod the others follow by its name.</summary>
public sealed class RedisTests(SoftwareFixture fixture) : SoftwareStory(fixture, "redis", SoftwareImages.Redis)
{
    [Fact]
    public async Task Redis_KilledMovedScaledAndMadeAgain_IsFollowedAndKeepsItsData()
    {
        await ApplyAsync("redis.yaml");
        await RolledOutAsync("statefulset/redis");
        await SetAsync("first", followers: 1);
        await KubectlAsync("scale", "statefulset/redis", "--replicas=3");
        await RolledOutAsync("statefulset/redis");
        Assert.Equal("first", await RedisAsync("redis-2", "get first"));

        await KillMainProcessAsync("redis-0", "redis");
        await SetAsync("killed", followers: 2);

        // The next redis-0 has another address, so those that follow must have asked for its name again.
        var address = await GetAsync("pod/redis-0", ".status.podIP");
        await KubectlAsync("delete", "pod/redis-0");
        await RolledOutAsync("statefulset/redis");
        Assert.NotEqual(address, await GetAsync("pod/redis-0", ".status.podIP"));
        await SetAsync("moved", followers: 2);
        await RestartWhileTheServerDiesAsync("statefulset/redis");
        await SetAsync("restarted", followers: 2);

        await KubectlAsync("scale", "statefulset/redis", "--replicas=1");
        await WaitAsync("pod/redis-2", "delete");
        await WaitAsync("pod/redis-1", "delete");
        Assert.Equal("Bound Bound Bound", await GetAsync("pvc", ".items[*].status.phase"));
        await KubectlAsync("delete", "statefulset/redis");
        await WaitAsync("pod/redis-0", "delete");
        await ApplyAsync("redis.yaml");
        await RolledOutAsync("statefulset/redis");
        foreach (var pod in new[] { "redis-0", "redis-1" })
        {
            Assert.Equal("first\nkilled\nmoved\nrestarted", await RedisAsync(pod, "mget first killed moved restarted"));
        }
    }

    // What all who follow have confirmed.
    private async Task SetAsync(string key, int followers)
    {
        await Eventually.TrueAsync($"redis-0 is followed by {followers}", async () =>
            (await RedisAsync("redis-0", "info replication")).Contains($"connected_slaves:{followers}", StringComparison.Ordinal), Long, Ct);
        Assert.Equal("OK", await RedisAsync("redis-0", $"set {key} {key}"));
        Assert.Equal($"{followers}", await RedisAsync("redis-0", $"wait {followers} 30000"));
    }

    private async Task<string> RedisAsync(string pod, string command) => (await ShAsync("redis-0", $"redis-cli -h {pod}.redis $0", command)).Trim();
}
