using Sealos.Node.Images;
using Xunit;

namespace Sealos.Node.Tests.Images;

public sealed class ImageNamesTests
{
    [Theory]
    [InlineData("web", "docker.io/library/web:latest")]
    [InlineData("web:1", "docker.io/library/web:1")]
    [InlineData("me/web:1", "docker.io/me/web:1")]
    [InlineData("localhost/web", "localhost/web:latest")]
    [InlineData("hub:5000/web", "hub:5000/web:latest")]
    [InlineData("sealos.hub/library/hello:1", "sealos.hub/library/hello:1")]
    [InlineData("a.b/c@sha256:12", "a.b/c@sha256:12")]
    public void Expand_ShortName_BecomesFull(string name, string full)
    {
        Assert.Equal(full, ImageNames.Expand(name));
    }

    [Fact]
    public void FromImportOutput_ProgressLines_GivesTheNames()
    {
        const string output = "unpacking docker.io/library/web:1 (sha256:ab12)...done\nsome other line\nunpacking a.b/c:2 (sha256:cd)...\n";

        Assert.Equal(["docker.io/library/web:1", "a.b/c:2"], ImageNames.FromImportOutput(output));
    }
}
