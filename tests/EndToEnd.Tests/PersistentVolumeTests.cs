using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests;

/// <summary>What is written to a claim's volume stays, within the size that was asked for.</summary>
[Collection(CloudCollection.Name)]
public sealed class PersistentVolumeTests(CloudFixture fixture)
{
    private readonly Cloud _cloud = fixture.Cloud;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Data_OfADeletedPod_IsThereForTheNextAndGoesWithItsClaim()
    {
        await ClaimAsync("keep");
        await RunAsync("first", "keep");
        await ShAsync("first", "echo precious > /data/file; sync");
        await KubectlAsync("delete", "pod/first");
        await RunAsync("second", "keep");
        Assert.Equal("precious", (await ShAsync("second", "cat /data/file")).Trim());
        var volume = await KubectlAsync("get", "pvc", "keep", "-o", "jsonpath={.spec.volumeName}");

        // What is in use is not deleted under whoever uses it.
        await KubectlAsync("delete", "pvc/keep", "--wait=false");
        Assert.Equal("precious", (await ShAsync("second", "cat /data/file")).Trim());
        await KubectlAsync("delete", "pod/second");
        await KubectlAsync("wait", "--for=delete", "pvc/keep", "pv/" + volume, "--timeout=30s");
        Assert.False(Directory.Exists(Path.Combine(_cloud.DataFolder, "volumes", volume)));
    }

    [Fact]
    public async Task Volume_WrittenPastItsSize_RefusesMoreUntilItIsExpandedAndHarmsNobody()
    {
        await ClaimAsync("tight", "16Mi");
        await ClaimAsync("other", "16Mi");
        await RunAsync("filler", "tight");
        await RunAsync("neighbour", "other");

        var past = await fixture.ExecAsync("filler", "dd", "if=/dev/urandom", "of=/data/big", "bs=1M", "count=32");
        Assert.NotEqual(0, past.ExitCode);
        Assert.Contains("Disk quota exceeded", past.Error, StringComparison.Ordinal);
        await ShAsync("filler", "rm /data/big && echo room > /data/again && rm /data/again");
        await ShAsync("neighbour", "dd if=/dev/urandom of=/data/fits bs=1M count=8 && sync");
        await KubectlAsync("create", "configmap", "written-by-the-server");
        await KubectlAsync("delete", "configmap", "written-by-the-server");

        await KubectlAsync("patch", "pvc", "tight", "-p", """{"spec":{"resources":{"requests":{"storage":"64Mi"}}}}""");
        await KubectlAsync("wait", "--for=jsonpath={.status.capacity.storage}=64Mi", "pvc/tight", "--timeout=30s");
        await ShAsync("filler", "dd if=/dev/urandom of=/data/big bs=1M count=32 && sync");
        Assert.Matches(@"\nCapacity: +64Mi\n", await KubectlAsync("describe", "pvc", "tight"));
        await Eventually.TrueAsync("the node tells the claim's size and use, not the pool's", async () => await IsToldAsync("tight", 64 << 20, 32 << 20), ct: Ct);
        Assert.Equal("0", await KubectlAsync("get", "pod", "filler", "-o", "jsonpath={.status.containerStatuses[0].restartCount}"));
        await KubectlAsync("delete", "pod/filler", "pod/neighbour", "pvc/tight", "pvc/other");
    }

    [Fact]
    public async Task Snapshot_Restored_HoldsWhatWasThereWhenItWasMade()
    {
        await ClaimAsync("origin");
        await RunAsync("writer", "origin");
        await ShAsync("writer", "echo before > /data/file; sync");
        await CreateAsync("""{"apiVersion":"snapshot.storage.k8s.io/v1","kind":"VolumeSnapshot","metadata":{"name":"moment"},"spec":{"source":{"persistentVolumeClaimName":"origin"}}}""");
        await KubectlAsync("wait", "--for=jsonpath={.status.readyToUse}=true", "volumesnapshot/moment", "--timeout=30s");
        await ShAsync("writer", "echo after > /data/file; sync");

        await ClaimAsync("restored", more: ""","dataSource":{"apiGroup":"snapshot.storage.k8s.io","kind":"VolumeSnapshot","name":"moment"}""");
        await ClaimAsync("cloned", more: ""","dataSource":{"kind":"PersistentVolumeClaim","name":"origin"}""");
        await RunAsync("reader", "restored", "cloned");
        Assert.Equal("before\nafter", (await ShAsync("reader", "cat /data/file /data1/file; echo mine > /data/file")).Trim());
        Assert.Equal("after", (await ShAsync("writer", "cat /data/file")).Trim());

        await KubectlAsync("delete", "volumesnapshot/moment", "pod/writer", "pod/reader", "pvc/origin", "pvc/restored", "pvc/cloned");
        await Eventually.TrueAsync("no volume and no snapshot of them left", () => Task.FromResult(Directory.GetDirectories(Path.Combine(_cloud.DataFolder, "volumes"), "snapshot-*").Length == 0), ct: Ct);
    }

    [Fact]
    public async Task Claims_AskedForWhileTheServerIsKilled_AreBoundAfterwardsAndLeaveNothingBehind()
    {
        await ClaimAsync("brimming");
        await RunAsync("brimmer", "brimming");
        await ShAsync("brimmer", "dd if=/dev/urandom of=/data/big bs=1M count=15 && sync");
        var before = Directory.GetDirectories(Path.Combine(_cloud.DataFolder, "volumes")).Length;
        var names = Enumerable.Range(0, 12).Select(i => $"torn-{i}").ToList();
        await CreateAsync($$"""{"apiVersion":"v1","kind":"List","items":[{{string.Join(',', names.Select(n => ClaimOf(n)))}}]}""");
        LinuxProcess.Kill(await _cloud.PidAsync("server", Ct));
        await _cloud.UpAsync(Ct).OutputAsync();
        await KubectlAsync(["wait", "--for=jsonpath={.status.phase}=Bound", "--timeout=60s", .. names.Select(n => "pvc/" + n)]);

        // What changed meanwhile is told as soon as the server is there again.
        await Eventually.TrueAsync("whoever describes a claim sees that it is nearly full", async () => await KubectlAsync("describe", "pvc", "brimming") is var told
            && told.Contains("volumes.sealos.io/used: 16Mi", StringComparison.Ordinal) && told.Contains("16Mi of 16Mi are used", StringComparison.Ordinal), ct: Ct);

        await KubectlAsync(["delete", "--wait=false", .. names.Select(n => "pvc/" + n)]);
        LinuxProcess.Kill(await _cloud.PidAsync("server", Ct));
        await _cloud.UpAsync(Ct).OutputAsync();
        await Eventually.TrueAsync("their volumes are gone", async () =>
            Directory.GetDirectories(Path.Combine(_cloud.DataFolder, "volumes")).Length <= before
            && !(await KubectlAsync("get", "pv", "-o", "jsonpath={.items[*].spec.claimRef.name}")).Contains("torn-", StringComparison.Ordinal), TimeSpan.FromSeconds(60), Ct);
        await KubectlAsync("delete", "pod/brimmer", "pvc/brimming");
    }

    // Both of what people read and what dashboards do. The file system's own bookkeeping counts a little.
    private async Task<bool> IsToldAsync(string claim, double capacity, double used)
    {
        var summary = JsonNode.Parse(await KubectlAsync("get", "--raw", "/api/v1/nodes/node-1/proxy/stats/summary"))!;
        var volume = summary["pods"]!.AsArray().SelectMany(p => p!["volume"]?.AsArray() ?? []).First(v => (string?)v!["pvcRef"]!["name"] == claim)!;
        var metrics = (await KubectlAsync("get", "--raw", "/api/v1/nodes/node-1/proxy/metrics")).Split('\n');
        double Metric(string name) => double.Parse(metrics.First(l => l.StartsWith($"kubelet_volume_stats_{name}_bytes{{namespace=\"default\",persistentvolumeclaim=\"{claim}\"}} ", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);
        return (double)volume["capacityBytes"]! == capacity && Metric("capacity") == capacity
            && (double)volume["usedBytes"]! - used is >= 0 and < 1 << 20 && Metric("used") - used is >= 0 and < 1 << 20
            && (double)volume["availableBytes"]! is var available && available == Metric("available") && available <= capacity - used;
    }

    private static string ClaimOf(string name, string size = "16Mi", string more = "") =>
        $$"""{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"{{name}}"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"{{size}}"} }{{more}}} }""";

    private Task ClaimAsync(string name, string size = "16Mi", string more = "") => CreateAsync(ClaimOf(name, size, more));

    private Task RunAsync(string pod, params string[] claims) =>
        fixture.RunToolsAsync(pod, "sleep 1000000", [.. claims.Select((c, i) => (i == 0 ? "/data" : $"/data{i}", new JsonObject { ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = c } }.ToJsonString()))]);

    private Task<string> ShAsync(string pod, string script) => fixture.ExecAsync(pod, "sh", "-c", script).OutputAsync();

    private Task CreateAsync(string yaml) => _cloud.KubectlAsync(["create", "-n", "default", "-f", "-"], Ct, yaml).OutputAsync();

    private Task<string> KubectlAsync(params string[] arguments) => _cloud.KubectlAsync([.. arguments, "-n", "default"], Ct).OutputAsync();
}
