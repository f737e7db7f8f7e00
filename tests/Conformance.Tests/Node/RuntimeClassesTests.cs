using Sealos.ApiServer.Tests.Support;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Node;

/// <summary>Runtimes that pods ask for by name.</summary>
public sealed class RuntimeClassesTests(CloudFixture fixture) : PodStory(fixture)
{
    private const string Classes = "/apis/node.k8s.io/v1/runtimeclasses";

    [Fact]
    [Upstream("[sig-node] RuntimeClass should schedule a Pod requesting a RuntimeClass without PodOverhead [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] RuntimeClass should schedule a Pod requesting a RuntimeClass and initialize its Overhead [NodeConformance] [Conformance]")]
    public async Task Pod_IsScheduled_WithTheOverheadOfItsClass()
    {
        (await Api.PostAsync(Classes, Class("plain"))).Expect(201);
        (await Api.PostAsync(Classes, Class("heavy", ""","overhead":{"podFixed":{"cpu":"10m","memory":"1Mi"}}"""))).Expect(201);
        await StartAsync(new ShellPod("plain", "true") { Spec = Asks("plain") }, new ShellPod("heavy", "true") { Spec = Asks("heavy") });
        var plain = await UntilAsync("plain", "is scheduled", p => IsTrue(p, "PodScheduled"));
        var heavy = await UntilAsync("heavy", "is scheduled", p => IsTrue(p, "PodScheduled"));
        Assert.Null(plain.At("spec.overhead"));
        Assert.Equal(("10m", "1Mi"), (heavy.At("spec.overhead.cpu"), heavy.At("spec.overhead.memory")));
        await Api.DeleteAsync($"{Classes}?labelSelector=story={Namespace}");
    }

    [Fact]
    [Upstream("[sig-node] RuntimeClass should reject a Pod requesting a deleted RuntimeClass [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] RuntimeClass should reject a Pod requesting a non-existent RuntimeClass [NodeConformance] [Conformance]")]
    public async Task Pod_IsRefused_WhenItsClassIsGoneOrNeverWas()
    {
        (await Api.PostAsync(Classes, Class("gone"))).Expect(201);
        (await Api.DeleteAsync($"{Classes}/{Namespace}-gone")).Expect(200);
        await GoneAsync($"{Classes}/{Namespace}-gone");
        foreach (var name in new[] { "gone", "never" })
        {
            var refused = await Api.PostAsync($"{Core}/pods", new ShellPod(name, "true") { Spec = Asks(name) }.ToJson());
            Assert.Equal((403, "Forbidden"), (refused.Code, refused.Reason));
            Assert.Contains($"RuntimeClass \"{Namespace}-{name}\" not found", refused.Message!, StringComparison.Ordinal);
        }
    }

    [Fact]
    [Upstream("[sig-node] RuntimeClass should support RuntimeClasses API operations [Conformance]")]
    public async Task Classes_AreObjectsAsOthers()
    {
        Assert.Contains("node.k8s.io/v1", (await Api.GetAsync("/apis")).Text, StringComparison.Ordinal);
        Assert.Equal("node.k8s.io/v1", (await Api.GetAsync("/apis/node.k8s.io")).At("versions.0.groupVersion"));
        Assert.Contains("\"runtimeclasses\"", (await Api.GetAsync("/apis/node.k8s.io/v1")).Text, StringComparison.Ordinal);

        var first = (await Api.PostAsync(Classes, Class("a"))).Expect(201);
        (await Api.PostAsync(Classes, Class("a"))).Expect(409);
        (await Api.PostAsync(Classes, Class("b"))).Expect(201);
        Assert.Equal(first.At("metadata.uid"), (await Api.GetAsync($"{Classes}/{Namespace}-a")).At("metadata.uid"));
        (await Api.PatchAsync($"{Classes}/{Namespace}-a", """{"metadata":{"annotations":{"patched":"true"}}}""")).Expect(200);
        var read = (await Api.GetAsync($"{Classes}/{Namespace}-a")).Json;
        read["metadata"]!["annotations"]!["updated"] = "true";
        Assert.Equal("true", (await Api.PutAsync($"{Classes}/{Namespace}-a", read.ToJsonString())).Expect(200).At("metadata.annotations.updated"));
        read["handler"] = "other";
        (await Api.PutAsync($"{Classes}/{Namespace}-a", read.ToJsonString())).Expect(409);
        (await Api.DeleteAsync($"{Classes}/{Namespace}-a")).Expect(200);
        Assert.Single((await ListAsync()).Json["items"]!.AsArray());
        (await Api.DeleteAsync($"{Classes}?labelSelector=story={Namespace}")).Expect(200);
        Assert.Empty((await ListAsync()).Json["items"]!.AsArray());
        Assert.Equal(
            ["MODIFIED", "MODIFIED", "DELETED"],
            (await Api.CollectAsync($"{Classes}?watch=true&fieldSelector=metadata.name={Namespace}-a&resourceVersion={first.At("metadata.resourceVersion")}", 3)).Select(c => c.Split(' ')[0]));
    }

    private Task<ApiAnswer> ListAsync() => Api.GetAsync($"{Classes}?labelSelector=story={Namespace}");

    // Classes belong to no namespace; the story's name keeps them apart.
    private string Class(string name, string more = "") =>
        $$$"""{"metadata":{"name":"{{{Namespace}}}-{{{name}}}","labels":{"story":"{{{Namespace}}}"}},"handler":"story-handler"{{{more}}}}""";

    private string Asks(string name) => $",\"runtimeClassName\":\"{Namespace}-{name}\"";
}
