using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests;

/// <summary>Unmodified clients in other languages; what each does is in <c>Clients</c>, one story a test.</summary>
public sealed class ClientTests(CloudFixture fixture)
{
    private static readonly string Stories = Path.Combine(Repository.Root, "tests/Conformance.Tests/Clients");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("discovery")]
    [InlineData("life")]
    [InlineData("pages")]
    [InlineData("watching")]
    [InlineData("execute")]
    [InlineData("applied")]
    public Task Python(string story) => PlayAsync("/usr/bin/python3", "client.py", story);

    [Theory]
    [InlineData("discovery")]
    [InlineData("life")]
    [InlineData("informer")]
    [InlineData("execute")]
    public Task JavaScript(string story) => PlayAsync("node", "client.mjs", story);

    private async Task PlayAsync(string interpreter, string script, string story)
    {
        if (story == "execute")
        {
            await fixture.RunToolsAsync("shell", "echo ready; sleep 1000000");
        }

        var modules = Path.Combine(Repository.Root, "artifacts/tools/clients/node_modules");
        var played = await Command.RunAsync("env", [$"NODE_PATH={modules}", interpreter, Path.Combine(Stories, script), story, fixture.Cloud.KubeConfigPath, "default"], ct: Ct);
        Assert.True(played.Output == $"{story} ok\n", $"{interpreter} {story}: {played}");
        if (story == "execute")
        {
            await fixture.Cloud.KubectlAsync(["delete", "pod/shell", "--now", "-n", "default"], Ct).OutputAsync();
        }
    }
}
