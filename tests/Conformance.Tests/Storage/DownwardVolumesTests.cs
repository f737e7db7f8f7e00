using System.Globalization;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Objects.Meta;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Storage;

/// <summary>What a pod is, as files in its own volumes.</summary>
public sealed class DownwardVolumesTests(CloudFixture fixture) : VolumeStory(fixture)
{
    [Fact]
    [Upstream("[sig-storage] Downward API volume should provide podname only [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Downward API volume should set DefaultMode on files [LinuxOnly] [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Downward API volume should set mode on item file [LinuxOnly] [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Downward API volume should provide container's cpu limit [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Downward API volume should provide container's cpu request [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Downward API volume should provide container's memory limit [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Downward API volume should provide container's memory request [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Downward API volume should provide node allocatable (cpu) as default cpu limit if the limit is not set [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Downward API volume should provide node allocatable (memory) as default memory limit if the limit is not set [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Projected downwardAPI should provide podname only [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Projected downwardAPI should set DefaultMode on files [LinuxOnly] [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Projected downwardAPI should set mode on item file [LinuxOnly] [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Projected downwardAPI should provide container's cpu limit [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Projected downwardAPI should provide container's cpu request [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Projected downwardAPI should provide container's memory limit [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Projected downwardAPI should provide container's memory request [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Projected downwardAPI should provide node allocatable (cpu) as default cpu limit if the limit is not set [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Projected downwardAPI should provide node allocatable (memory) as default memory limit if the limit is not set [NodeConformance] [Conformance]")]
    public async Task Files_HoldThePodsNameAndEachContainersResources_WithTheModesAskedFor()
    {
        string[] items =
        [
            Field("name", "metadata.name"), Field("named/mode", "metadata.name", ""","mode":256"""),
            Resource("cpu-limit", "limits.cpu", "main"), Resource("cpu-request", "requests.cpu", "main", "1m"),
            Resource("memory-limit", "limits.memory", "main"), Resource("memory-request", "requests.memory", "main", "1Mi"),
            Resource("free-cpu", "limits.cpu", "free"), Resource("free-memory", "limits.memory", "free"),
        ];
        PodVolume[] volumes = [Downward("own", items), Downward("mode", items, ""","defaultMode":256"""), Projected("part", items), Projected("partmode", items, ""","defaultMode":256""")];
        string[] files = ["name", "named/mode", "cpu-limit", "cpu-request", "memory-limit", "memory-request", "free-cpu", "free-memory"];
        var looking = Looking("downward", volumes, volumes.SelectMany(v => files.Select(f => $"/v/{v.Name}/{f}")));
        await StartAsync(looking with
        {
            Container = looking.Container + ""","resources":{"requests":{"cpu":"250m","memory":"32Mi"},"limits":{"cpu":"1250m","memory":"64Mi"}}},{"name":"free","image":"registry.test/tools:1","command":["true"]""",
        });

        var node = await Api.GetAsync("/api/v1/nodes/node-1");
        var memory = Quantity.Parse(node.At("status.allocatable.memory")!).LongValue.ToString(CultureInfo.InvariantCulture);
        string[] contents = ["downward", "downward", "2", "250", "67108864", "32", node.At("status.allocatable.cpu")!, memory];
        var seen = await SeenAsync("downward");
        foreach (var volume in volumes)
        {
            Assert.Equal(contents, files.Select(f => seen[$"/v/{volume.Name}/{f}"].Content));
            Assert.All(files, f => Assert.Equal(volume.Name.EndsWith("mode", StringComparison.Ordinal) || f == "named/mode" ? "400" : "644", seen[$"/v/{volume.Name}/{f}"].Mode));
        }
    }

    [Fact]
    [Upstream("[sig-storage] Downward API volume should update labels on modification [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Downward API volume should update annotations on modification [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Projected downwardAPI should update labels on modification [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] Projected downwardAPI should update annotations on modification [NodeConformance] [Conformance]")]
    public async Task LabelsAndAnnotations_Changed_AreSeenSoByTheRunningPod()
    {
        string[] items = [Field("labels", "metadata.labels"), Field("annotations", "metadata.annotations")];
        await StartAsync(Following("p", [Downward("own", items), Projected("part", items)], "/v/own/labels", "/v/part/labels", "/v/own/annotations", "/v/part/annotations") with
        {
            Metadata = ""","labels":{"key":"one"},"annotations":{"builder":"bar"}""",
        });
        await ToldAsync("p", "key=\"one\"", "key=\"one\"", "builder=\"bar\"", "builder=\"bar\"");

        (await Api.PatchAsync(PathOf("p"), """{"metadata":{"labels":{"key":"two"},"annotations":{"builder":"foo"}}}""")).Expect(200);
        await ToldAsync("p", "key=\"two\"", "key=\"two\"", "builder=\"foo\"", "builder=\"foo\"");
    }

    [Fact]
    [Upstream("[sig-storage] Projected combined should project all components that make up the projection API [Projection] [NodeConformance] [Conformance]")]
    public async Task Projection_ShowsAllItsSourcesInOneFolder()
    {
        await MakeAsync("configMap", "o", ("configmap-data", "from the map"));
        await MakeAsync("secret", "o", ("secret-data", "from the secret"));
        var volume = new PodVolume("all", $$$"""
            "projected":{"sources":[{"configMap":{"name":"o","items":[{"key":"configmap-data","path":"cm/data"}]}},{"secret":{"name":"o"}},{"downwardAPI":{"items":[{{{Field("podname", "metadata.name")}}}]}}]}
            """);
        await StartAsync(Looking("p", [volume], ["/v/all/cm/data", "/v/all/secret-data", "/v/all/podname"]));

        Assert.Equal(["from the map", "from the secret", "p"], (await SeenAsync("p")).Values.Select(f => f.Content));
    }

    private static PodVolume Downward(string name, IEnumerable<string> items, string mode = "") => new(name, $$""" "downwardAPI":{"items":[{{string.Join(',', items)}}]{{mode}}}""");

    private static PodVolume Projected(string name, IEnumerable<string> items, string mode = "") =>
        new(name, $$$""" "projected":{"sources":[{"downwardAPI":{"items":[{{{string.Join(',', items)}}}]}}]{{{mode}}}}""");

    private static string Field(string path, string field, string more = "") => $$$"""{"path":"{{{path}}}","fieldRef":{"fieldPath":"{{{field}}}"}{{{more}}}}""";

    private static string Resource(string path, string resource, string container, string divisor = "1") =>
        $$$"""{"path":"{{{path}}}","resourceFieldRef":{"containerName":"{{{container}}}","resource":"{{{resource}}}","divisor":"{{{divisor}}}"}}""";
}
