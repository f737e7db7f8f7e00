using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Node;

/// <summary>What runs in a container: what its image says, or its pod instead.</summary>
public sealed class ContainersTests(CloudFixture fixture) : PodStory(fixture)
{
    [Fact]
    [Upstream("[sig-node] Containers should use the image defaults if command and args are blank [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Containers should be able to override the image's default arguments (container cmd) [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Containers should be able to override the image's default command (container entrypoint) [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Containers should be able to override the image's default command and arguments [NodeConformance] [Conformance]")]
    public async Task Program_IsTheImages_UnlessThePodNamesAnother()
    {
        // The image's program is "echo image" and its arguments are "default arguments".
        await Fixture.LoadEchoAsync();
        (string Name, string Fields, string Said)[] cases =
        [
            ("neither", "", "image default arguments\n"),
            ("arguments", ""","args":["other","ones"]""", "image other ones\n"),
            ("command", ""","command":["/bin/echo","pod"]""", "pod\n"),
            ("both", ""","command":["/bin/echo","pod"],"args":["other","ones"]""", "pod other ones\n"),
        ];
        foreach (var (name, fields, _) in cases)
        {
            await CreateAsync($$$"""{"metadata":{"name":"{{{name}}}"},"spec":{"restartPolicy":"Never","containers":[{"name":"main","image":"{{{CloudFixture.Echo}}}"{{{fields}}}}]}}""");
        }

        foreach (var (name, _, said) in cases)
        {
            Assert.Equal(said, await OutputAsync(name));
        }
    }
}
