using Sealos.Node.Pods.Config;
using Xunit;

namespace Sealos.Node.Tests.Pods.Config;

public sealed class ImageReferenceTests
{
    [Theory]
    [InlineData("nginx", "nginx:latest", "docker.io", "library/nginx")]
    [InlineData("nginx:1.25", "nginx:1.25", "docker.io", "library/nginx")]
    [InlineData("team/app", "team/app:latest", "docker.io", "team/app")]
    [InlineData("sealos.hub/library/hello:1", "sealos.hub/library/hello:1", "sealos.hub", "library/hello")]
    [InlineData("localhost:5000/a_b/c--d", "localhost:5000/a_b/c--d:latest", "localhost:5000", "a_b/c--d")]
    [InlineData("ghcr.io/x/y@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "ghcr.io/x/y@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "ghcr.io", "x/y")]
    public void TryParse_Reference_FindsItsParts(string text, string full, string registry, string repository)
    {
        var image = ImageReference.TryParse(text);

        Assert.Equal((full, registry, repository), (image?.Text, image?.Registry, image?.Repository));
    }

    [Theory]
    [InlineData("")]
    [InlineData("UPPER")]
    [InlineData("a b")]
    [InlineData("app:")]
    [InlineData("app:bad tag")]
    [InlineData("app:$(id)")]
    [InlineData("-app")]
    [InlineData("a//b")]
    [InlineData("app;rm")]
    [InlineData("app@sha256:short")]
    public void TryParse_NoReference_IsNull(string text) => Assert.Null(ImageReference.TryParse(text));
}
