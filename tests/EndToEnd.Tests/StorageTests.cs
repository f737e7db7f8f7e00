using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests;

/// <summary>Volumes while pods write to them, are given back, or are asked for in ways that must be refused.</summary>
[Collection(CloudCollection.Name)]
public sealed class StorageTests(CloudFixture fixture)
{
    // Each number is on the disk in one file before it is in the other, as a database keeps its log before its tables.
    private const string Writer = """
        n=0
        while :; do
          n=$((n+1))
          for f in log table; do printf '%08d\n' $n | dd of=/data/$f conv=notrunc,fsync 2>/dev/null || echo "$n failed" >> /tmp/failures; done
          sleep 0.02
        done
        """;

    private readonly Cloud _cloud = fixture.Cloud;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Volume_GrownSnapshottedAndClonedWhileAPodWrites_KeepsTheOrderOfWhatWasWritten()
    {
        await ClaimAsync("busy");
        await RunAsync("loader", Writer, ("/data", Claim("busy")));
        await Eventually.TrueAsync("the pod writes", async () => await NumberAsync("loader", "/data/table") > 5, ct: Ct);

        await KubectlAsync("patch", "pvc", "busy", "-p", """{"spec":{"resources":{"requests":{"storage":"32Mi"}}}}""");
        await KubectlAsync("wait", "--for=jsonpath={.status.capacity.storage}=32Mi", "pvc/busy", "--timeout=30s");
        var before = await NumberAsync("loader", "/data/table");
        await CreateAsync("""{"apiVersion":"snapshot.storage.k8s.io/v1","kind":"VolumeSnapshot","metadata":{"name":"instant"},"spec":{"source":{"persistentVolumeClaimName":"busy"}}}""");
        await ClaimAsync("copied", "32Mi", ""","dataSource":{"kind":"PersistentVolumeClaim","name":"busy"}""");
        await KubectlAsync("wait", "--for=jsonpath={.status.readyToUse}=true", "volumesnapshot/instant", "--timeout=30s");
        await ClaimAsync("restored", "32Mi", ""","dataSource":{"apiGroup":"snapshot.storage.k8s.io","kind":"VolumeSnapshot","name":"instant"}""");
        await RunAsync("looker", "sleep 1000000", ("/snapshot", Claim("restored")), ("/clone", Claim("copied")));

        foreach (var point in (string[])["/snapshot", "/clone"])
        {
            var (log, table) = (await NumberAsync("looker", point + "/log"), await NumberAsync("looker", point + "/table"));
            Assert.InRange(table, before, int.MaxValue);
            Assert.InRange(log - table, 0, 1);
        }

        Assert.True(await NumberAsync("loader", "/data/table") > await NumberAsync("looker", "/snapshot/table"));
        Assert.Equal("0 none", $"{await KubectlAsync("get", "pod", "loader", "-o", "jsonpath={.status.containerStatuses[0].restartCount}")} {(await ShAsync("loader", "cat /tmp/failures 2>/dev/null || echo none")).Trim()}");
        await KubectlAsync("delete", "--wait=false", "volumesnapshot/instant", "pod/loader", "pod/looker", "pvc/busy", "pvc/copied", "pvc/restored");
    }

    [Fact]
    public async Task RetainedVolume_OutlivesItsClaimAndIsBoundAgain()
    {
        await ClaimAsync("first-owner", more: ""","storageClassName":"openebs-backup" """);
        await RunAsync("depositor", "sleep 1000000", ("/data", Claim("first-owner")));
        await ShAsync("depositor", "echo kept > /data/file; sync");
        var volume = await KubectlAsync("get", "pvc", "first-owner", "-o", "jsonpath={.spec.volumeName}");
        await KubectlAsync("patch", "pv", volume, "-p", """{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}""");

        await KubectlAsync("delete", "--wait=false", "pod/depositor", "pvc/first-owner");
        await KubectlAsync("wait", "--for=jsonpath={.status.phase}=Released", "pv/" + volume, "--timeout=30s");
        await ClaimAsync("heir", more: $$""","storageClassName":"openebs-backup","volumeName":"{{volume}}" """);
        await KubectlAsync("patch", "pv", volume, "--type=json", "-p", """[{"op":"remove","path":"/spec/claimRef"}]""");
        await KubectlAsync("wait", "--for=jsonpath={.status.phase}=Bound", "pvc/heir", "--timeout=60s");
        await RunAsync("collector", "sleep 1000000", ("/data", Claim("heir")));
        Assert.Equal("kept", (await ShAsync("collector", "cat /data/file")).Trim());

        await KubectlAsync("patch", "pv", volume, "-p", """{"spec":{"persistentVolumeReclaimPolicy":"Delete"}}""");
        await KubectlAsync("delete", "--wait=false", "pod/collector", "pvc/heir");
        await KubectlAsync("wait", "--for=delete", "pv/" + volume, "--timeout=30s");
        Assert.False(Directory.Exists(FolderOf(volume)));
    }

    [Fact]
    public async Task VolumeAndClaim_DeletedInTheWrongOrderUnderAPod_GoInTheRightOne()
    {
        await ClaimAsync("guarded");
        await RunAsync("guard", "sleep 1000000", ("/data", Claim("guarded")));
        var volume = await KubectlAsync("get", "pvc", "guarded", "-o", "jsonpath={.spec.volumeName}");

        await KubectlAsync("delete", "pv/" + volume, "--wait=false");
        await KubectlAsync("delete", "pvc/guarded", "--wait=false");
        await ShAsync("guard", "echo still > /data/file; sync");
        Assert.Equal("Bound Bound", $"{await KubectlAsync("get", "pv", volume, "-o", "jsonpath={.status.phase}")} {await KubectlAsync("get", "pvc", "guarded", "-o", "jsonpath={.status.phase}")}");
        Assert.Matches("Used By: +guard\n", await KubectlAsync("describe", "pvc", "guarded"));

        await KubectlAsync("delete", "--wait=false", "pod/guard");
        await KubectlAsync("wait", "--for=delete", "pvc/guarded", "pv/" + volume, "--timeout=30s");
        Assert.False(Directory.Exists(FolderOf(volume)));
    }

    [Fact]
    public async Task AccessModes_AreThoseOfOneNode_AndOnePodsVolumeIsKeptFromOthersThatPassTheSchedulerBy()
    {
        const string OnNode = ""","nodeName":"node-1" """;
        await ClaimAsync("only", mode: "ReadWriteOncePod");
        await ClaimAsync("shared", mode: "ReadWriteOnce");
        await ClaimAsync("many", mode: "ReadWriteMany");
        await ClaimAsync("read", mode: "ReadOnlyMany");
        (string, string)[] open = [("/shared", Claim("shared")), ("/many", Claim("many")), ("/read", Claim("read", ""","readOnly":true"""))];
        await RunAsync("holder", "sleep 1000000", [("/only", Claim("only")), .. open]);
        await RunAsync("sharer", "sleep 1000000", open);
        await ShAsync("holder", "echo one > /shared/file; echo many > /many/file");
        Assert.Equal("one\nmany\n", await ShAsync("sharer", "cat /shared/file /many/file"));
        Assert.Contains("Read-only file system", (await fixture.ExecAsync("sharer", "touch", "/read/file")).Error, StringComparison.Ordinal);

        await CreatePodAsync("intruder", "sleep 1000000", OnNode, ("/only", Claim("only")));
        await Eventually.TrueAsync("the node says why it waits", async () => (await KubectlAsync("get", "events", "--field-selector", "involvedObject.name=intruder,reason=FailedMount", "-o", "jsonpath={.items[*].message}"))
            .Contains("volume uses the ReadWriteOncePod access mode and is already in use by another pod", StringComparison.Ordinal), ct: Ct);
        Assert.Equal("Pending", await KubectlAsync("get", "pod", "intruder", "-o", "jsonpath={.status.phase}"));

        await KubectlAsync("delete", "--wait=false", "pod/holder");
        await KubectlAsync("wait", "--for=condition=Ready", "pod/intruder", "--timeout=60s");
        await KubectlAsync("delete", "--wait=false", "pod/intruder", "pod/sharer", "pvc/only", "pvc/shared", "pvc/many", "pvc/read");
    }

    [Fact]
    public async Task PartsOfAVolume_ThatLeadOutOfIt_AreRefused()
    {
        await ClaimAsync("crafted");
        await RunAsync("crafter", "sleep 1000000", ("/data", Claim("crafted")));
        await ShAsync("crafter", "cd /data; mkdir -p inner/deep; echo mine > inner/file; busybox ln -s / root; busybox ln -s ../../.. up; busybox ln -s /etc/passwd inner/passwd; busybox ln -s file inner/near");

        (string Pod, string Part)[] escapes =
        [
            ("to-the-root", "\"subPath\":\"root/etc\""), ("upwards", "\"subPath\":\"up\""), ("to-a-file", "\"subPath\":\"inner/passwd\""),
            ("by-a-variable", "\"subPathExpr\":\"$(OUT)\""), ("made-beyond", "\"subPath\":\"root/tmp/made-by-a-pod\""),
        ];
        foreach (var (pod, part) in escapes)
        {
            await CreatePartAsync(pod, part);
        }

        await CreatePartAsync("inside", "\"subPath\":\"inner\",\"readOnly\":true");
        foreach (var (pod, _) in escapes)
        {
            await Eventually.TrueAsync($"{pod} is refused", async () => await KubectlAsync("get", "pod", pod, "-o", "jsonpath={.status.containerStatuses[0].state.waiting.reason}") == "CreateContainerConfigError", ct: Ct);
        }

        Assert.False(Directory.Exists("/tmp/made-by-a-pod"));
        await KubectlAsync("wait", "--for=condition=Ready", "pod/inside", "--timeout=30s");
        Assert.Equal("mine\n", await ShAsync("inside", "cat /part/near"));
        Assert.Contains("Read-only file system", (await fixture.ExecAsync("inside", "touch", "/part/new")).Error, StringComparison.Ordinal);
        await KubectlAsync(["delete", "--wait=false", "pod/crafter", "pod/inside", "pvc/crafted", .. escapes.Select(e => "pod/" + e.Pod)]);
    }

    private static string Claim(string name, string more = "") => $$"""{"persistentVolumeClaim":{"claimName":"{{name}}"{{more}}} }""";

    private string FolderOf(string volume) => Path.Combine(_cloud.DataFolder, "volumes", volume);

    private Task ClaimAsync(string name, string size = "16Mi", string more = "", string mode = "ReadWriteOnce") => CreateAsync(
        $$"""{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"{{name}}"},"spec":{"accessModes":["{{mode}}"],"resources":{"requests":{"storage":"{{size}}"} }{{more}}} }""");

    private Task RunAsync(string pod, string script, params (string Path, string Source)[] volumes) => fixture.RunToolsAsync(pod, script, volumes);

    private Task CreatePodAsync(string pod, string script, string spec, (string Path, string Source) volume)
    {
        var source = (JsonObject)JsonNode.Parse(volume.Source)!;
        source["name"] = "v";
        return CreateAsync($$"""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{pod}}"},"spec":{"terminationGracePeriodSeconds":0{{spec}},"volumes":[{{source.ToJsonString()}}],
             "containers":[{"name":"tools","image":"{{CloudFixture.Tools}}","command":["sh","-c",{{JsonSerializer.Serialize(script)}}],"volumeMounts":[{"name":"v","mountPath":"{{volume.Path}}"}]}]} }
            """);
    }

    private Task CreatePartAsync(string pod, string part) => CreateAsync($$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{pod}}"},"spec":{"terminationGracePeriodSeconds":0,"volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"crafted"} }],
         "containers":[{"name":"tools","image":"{{CloudFixture.Tools}}","env":[{"name":"OUT","value":"../../.."}],"volumeMounts":[{"name":"v","mountPath":"/part",{{part}}}]}]} }
        """);

    private async Task<int> NumberAsync(string pod, string file) =>
        int.TryParse((await fixture.ExecAsync(pod, "cat", file)).Output, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private Task<string> ShAsync(string pod, string script) => fixture.ExecAsync(pod, "sh", "-c", script).OutputAsync();

    private Task CreateAsync(string yaml) => _cloud.KubectlAsync(["create", "-n", "default", "-f", "-"], Ct, yaml).OutputAsync();

    private Task<string> KubectlAsync(params string[] arguments) => _cloud.KubectlAsync([.. arguments, "-n", "default"], Ct).OutputAsync();
}
