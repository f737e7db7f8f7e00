using Sealos.ApiServer.Tests.Support;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Node;

/// <summary>A pod that is a file on the node: the API shows it, but only the file decides.</summary>
public sealed class StaticPodsTests(CloudFixture fixture) : PodStory(fixture)
{
    private const string Mirror = "told-node-1";

    [Fact]
    public async Task Pod_LivesAsLongAsItsFile()
    {
        await Fixture.LoadToolsAsync();
        var folder = Directory.CreateDirectory(Path.Combine(Cloud.DataFolder, "static-pods")).FullName;
        var file = Path.Combine(folder, "told.yaml");
        await File.WriteAllTextAsync(file, $$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: told, namespace: {{Namespace}}}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
              - {name: main, image: "{{CloudFixture.Tools}}", command: [sh, -c, echo from a file; sleep 1000]}
            """, Ct);

        var first = await RunsAsync();
        Assert.NotNull(first.Json["metadata"]!["annotations"]!["kubernetes.io/config.mirror"]);
        Assert.Equal("from a file\n", await LogAsync(Mirror));
        Assert.Equal("main\n", await ExecAsync(Mirror, "main", "echo", "main"));

        // Deleting what the API shows deletes nothing.
        (await Api.DeleteAsync(PathOf(Mirror))).Expect(200);
        await Eventually.TrueAsync("another mirror", async () => (await Api.GetAsync(PathOf(Mirror))).Json["metadata"]?["uid"] is { } uid && (string?)uid != first.At("metadata.uid"), ct: Ct);
        var second = await RunsAsync();
        Assert.Equal(first.At("status.containerStatuses.0.containerID"), second.At("status.containerStatuses.0.containerID"));

        File.Delete(file);
        await GoneAsync(PathOf(Mirror));
    }

    private Task<ApiAnswer> RunsAsync() => Eventually.GetAsync("the file's pod runs", async () => await Api.GetAsync(PathOf(Mirror)) is { Code: 200 } pod && IsTrue(pod, "Ready") ? pod : null, Patience, Ct);
}
