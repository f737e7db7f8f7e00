using Sealos.Conformance_Tests.Node;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Storage;

/// <summary>ConfigMaps and Secrets as files, in volumes of their own and as parts of projections.</summary>
public sealed class ObjectVolumesTests(CloudFixture fixture) : VolumeStory(fixture)
{
    private const string Items = ""","items":[{"key":"data-2","path":"path/to/data-2"}]""";
    private const string ItemsWithMode = ""","items":[{"key":"data-2","path":"path/to/data-2","mode":256}]""";
    private const string Mode = ""","defaultMode":256""";

    [Theory]
    [InlineData("configMap", false)]
    [InlineData("configMap", true)]
    [InlineData("secret", false)]
    [InlineData("secret", true)]
    [Upstream("[sig-storage] ConfigMap should be consumable from pods in volume [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] ConfigMap should be consumable from pods in volume with defaultMode set [LinuxOnly] [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] ConfigMap should be consumable from pods in volume with mappings [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] ConfigMap should be consumable from pods in volume with mappings and Item mode set [LinuxOnly] [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] ConfigMap should be consumable in multiple volumes in the same pod [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Projected configMap should be consumable from pods in volume [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Projected configMap should be consumable from pods in volume with defaultMode set [LinuxOnly] [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Projected configMap should be consumable from pods in volume with mappings [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Projected configMap should be consumable from pods in volume with mappings and Item mode set [LinuxOnly] [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Projected configMap should be consumable in multiple volumes in the same pod [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Secrets should be consumable from pods in volume [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Secrets should be consumable from pods in volume with defaultMode set [LinuxOnly] [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Secrets should be consumable from pods in volume with mappings [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Secrets should be consumable from pods in volume with mappings and Item Mode set [LinuxOnly] [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Secrets should be consumable in multiple volumes in a pod [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Projected secret should be consumable from pods in volume [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Projected secret should be consumable from pods in volume with defaultMode set [LinuxOnly] [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Projected secret should be consumable from pods in volume with mappings [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Projected secret should be consumable from pods in volume with mappings and Item Mode set [LinuxOnly] [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Projected secret should be consumable in multiple volumes in a pod [NodeConformance] [Conformance]")]
    public async Task Object_IsShownWhole_OrInPartsUnderOtherPaths_WithTheModesAskedFor(string kind, bool isProjected)
    {
        await MakeAsync(kind, "o", ("data-1", "value-1"), ("data-2", "value-2"), ("data-3", "value-3"));
        PodVolume[] volumes =
        [
            new("plain", Source()), new("again", Source()), new("mode", Source(mode: Mode)),
            new("items", Source(Items)), new("itemmode", Source(ItemsWithMode)),
        ];
        await StartAsync(Looking("p", volumes, ["/v/plain/data-1", "/v/plain/data-3", "/v/again/data-1", "/v/mode/data-1", "/v/items/path/to/data-2", "/v/items/data-1", "/v/itemmode/path/to/data-2"]));

        var seen = await SeenAsync("p");
        Assert.Equal(new SeenFile("644", "0", "0", "value-1"), seen["/v/plain/data-1"]);
        Assert.Equal(new SeenFile("644", "0", "0", "value-3"), seen["/v/plain/data-3"]);
        Assert.Equal(new SeenFile("644", "0", "0", "value-1"), seen["/v/again/data-1"]);
        Assert.Equal(new SeenFile("400", "0", "0", "value-1"), seen["/v/mode/data-1"]);
        Assert.Equal(new SeenFile("644", "0", "0", "value-2"), seen["/v/items/path/to/data-2"]);
        Assert.Equal("-", seen["/v/items/data-1"].Mode);
        Assert.Equal(new SeenFile("400", "0", "0", "value-2"), seen["/v/itemmode/path/to/data-2"]);

        string Source(string more = "", string mode = "") => isProjected ? ProjectionOf(kind, "o", more, mode) : SourceOf(kind, "o", more + mode);
    }

    [Fact]
    [Upstream("[sig-storage] ConfigMap should be consumable from pods in volume as non-root [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] ConfigMap should be consumable from pods in volume with mappings as non-root [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Projected configMap should be consumable from pods in volume as non-root [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Projected configMap should be consumable from pods in volume with mappings as non-root [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Secrets should be consumable from pods in volume as non-root with defaultMode and fsGroup set [LinuxOnly] [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Projected secret should be consumable from pods in volume as non-root with defaultMode and fsGroup set [LinuxOnly] [NodeConformance] [Conformance]")]
    public async Task Object_IsReadByAnotherUserThanRoot_WhomItsGroupLets()
    {
        const string GroupReads = ""","defaultMode":288""";
        await MakeAsync("configMap", "o", ("data-1", "value-1"), ("data-2", "value-2"));
        await MakeAsync("secret", "o", ("data-1", "value-1"));
        await StartAsync(
            Looking(
                "anybody",
                [new("map", SourceOf("configMap", "o")), new("mapped", SourceOf("configMap", "o", Items)), new("part", ProjectionOf("configMap", "o")), new("parted", ProjectionOf("configMap", "o", Items))],
                ["/v/map/data-1", "/v/mapped/path/to/data-2", "/v/part/data-1", "/v/parted/path/to/data-2"],
                ""","securityContext":{"runAsUser":1000}"""),
            Looking(
                "member",
                [new("secret", SourceOf("secret", "o", GroupReads)), new("part", ProjectionOf("secret", "o", "", GroupReads))],
                ["/v/secret/data-1", "/v/part/data-1"],
                ""","securityContext":{"runAsUser":1000,"fsGroup":1001}"""));

        Assert.All(await SeenAsync("anybody"), f => Assert.Equal(new SeenFile("644", "0", "0", f.Key.EndsWith('1') ? "value-1" : "value-2"), f.Value));
        var member = await SeenAsync("member");
        Assert.Equal(2, member.Count);
        Assert.All(member.Values, f => Assert.Equal(new SeenFile("440", "0", "1001", "value-1"), f));
    }

    [Fact]
    [Upstream("[sig-storage] ConfigMap binary data should be reflected in volume [NodeConformance] [Conformance]")]
    public async Task BinaryData_IsShownByteByByte_BesideText()
    {
        (await Api.PostAsync($"{Core}/configmaps", """{"metadata":{"name":"o"},"data":{"data-1":"value-1"},"binaryData":{"dump.bin":"3sr+utD+/w=="}}""")).Expect(201);
        await StartAsync(Having(new ShellPod("p", "cat /v/o/data-1; echo; busybox od -An -tx1 /v/o/dump.bin"), [new("o", SourceOf("configMap", "o"))]));

        Assert.Equal(["value-1", "de ca fe ba d0 fe ff"], (await OutputAsync("p")).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    [Fact]
    [Upstream("[sig-storage] Secrets should be able to mount in a volume regardless of a different secret existing with same name in different namespace [NodeConformance] [Conformance]")]
    public async Task Secret_OfAnotherNamespace_IsNotMistakenForOneOfTheSameName()
    {
        var other = await Api.NewNamespaceAsync();
        DeleteAfterwards($"/api/v1/namespaces/{other}");
        (await Api.PostAsync($"/api/v1/namespaces/{other}/secrets", """{"metadata":{"name":"o"},"stringData":{"data-1":"theirs"}}""")).Expect(201);
        await MakeAsync("secret", "o", ("data-1", "ours"));
        await StartAsync(Looking("p", [new("o", SourceOf("secret", "o"))], ["/v/o/data-1"]));

        Assert.Equal("ours", (await SeenAsync("p"))["/v/o/data-1"].Content);
    }

    [Fact]
    [Upstream("[sig-storage] ConfigMap updates should be reflected in volume [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] ConfigMap optional updates should be reflected in volume [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Projected configMap updates should be reflected in volume [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Projected configMap optional updates should be reflected in volume [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Secrets optional updates should be reflected in volume [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Projected secret optional updates should be reflected in volume [NodeConformance] [Conformance]")]
    public async Task Objects_ChangedMadeAndDeleted_AreSeenSoByTheRunningPod()
    {
        const string Optional = ""","optional":true""";
        string[] kinds = ["configMap", "secret"];
        var volumes = new List<PodVolume>();
        foreach (var kind in kinds)
        {
            await MakeAsync(kind, "changed", ("data-1", "value-1"), ("data-3", "value-3"));
            await MakeAsync(kind, "deleted", ("data-1", "value-1"));
            foreach (var name in (string[])["changed", "deleted", "made"])
            {
                volumes.Add(new($"{kind.ToLowerInvariant()}-{name}", SourceOf(kind, name, Optional)));
                volumes.Add(new($"part-{kind.ToLowerInvariant()}-{name}", ProjectionOf(kind, name, Optional)));
            }
        }

        await StartAsync(Following("p", volumes, [.. volumes.Select(v => $"/v/{v.Name}/data-1")]));
        await ToldAsync("p", InEach("value-1", "value-1", "-"));

        foreach (var kind in kinds)
        {
            await ChangeAsync(kind, "changed", ("data-1", "value-2"));
            await RemoveAsync(kind, "deleted");
            await MakeAsync(kind, "made", ("data-1", "value-0"));
        }

        await ToldAsync("p", InEach("value-2", "-", "value-0"));

        // For both kinds, in both ways of showing them, in the order of the volumes.
        string[] InEach(params string[] each) => [.. kinds.SelectMany(_ => each.SelectMany(e => (string[])[e, e]))];
    }

    [Theory]
    [InlineData("configMap", "old", "new")]
    [InlineData("secret", "b2xk", "bmV3")]
    [Upstream("[sig-storage] ConfigMap should be immutable if `immutable` field is set [Conformance]")]
    [Upstream("[sig-storage] Secrets should be immutable if `immutable` field is set [Conformance]")]
    public async Task Object_OnceImmutable_IsNeverChangedAgain_OnlyDeleted(string kind, string before, string after)
    {
        var path = $"{Core}/{kind.ToLowerInvariant()}s/o";
        (await Api.PostAsync($"{Core}/{kind.ToLowerInvariant()}s", $$$"""{"metadata":{"name":"o"},"data":{"key":"{{{before}}}"}}""")).Expect(201);
        (await Api.PatchAsync(path, $$$"""{"data":{"key":"{{{after}}}"}}""")).Expect(200);
        (await Api.PatchAsync(path, """{"immutable":true}""")).Expect(200);

        Assert.Equal(422, (await Api.PatchAsync(path, $$$"""{"data":{"key":"{{{before}}}"}}""")).Code);
        Assert.Equal(422, (await Api.PatchAsync(path, """{"immutable":false}""")).Code);
        (await Api.PatchAsync(path, """{"metadata":{"labels":{"still":"mine"}}}""")).Expect(200);
        Assert.Equal((after, "mine"), ((await Api.GetAsync(path)).At("data.key"), (await Api.GetAsync(path)).At("metadata.labels.still")));
        (await Api.DeleteAsync(path)).Expect(200);
        Assert.Equal(404, (await Api.GetAsync(path)).Code);
    }
}
