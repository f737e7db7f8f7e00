using System.Text;
using Sealos.Kinds.Core;
using Sealos.Node.Pods.Config;
using Xunit;

namespace Sealos.Node.Tests.Pods.Config;

public sealed class PullCredentialsTests
{
    [Fact]
    public void For_SeveralFit_TakesTheMostSpecificFirst()
    {
        var secret = Secret("""{"auths":{"reg.example.com":{"username":"all","password":"p"},"reg.example.com/team":{"auth":"dGVhbTpzZWNyZXQ6eA=="},"other.com":{"username":"no"}}}""");

        var found = PullCredentials.For(ImageReference.TryParse("reg.example.com/team/app:1")!, [secret]);

        Assert.Equal([("team", "secret:x"), ("all", "p")], found.Select(a => (a.Username, a.Password)));
    }

    [Theory]
    [InlineData("https://index.docker.io/v1/", "nginx", true)]
    [InlineData("https://reg.example.com/v2/", "reg.example.com/x", true)]
    [InlineData("*.example.com", "reg.example.com/x", true)]
    [InlineData("reg.example.com", "reg.example.com.evil.org/x", false)]
    [InlineData("reg.example.com/tea", "reg.example.com/team/app", false)]
    public void For_Registry_FitsByHostAndWholePath(string registry, string image, bool fits)
    {
        var found = PullCredentials.For(ImageReference.TryParse(image)!, [Secret($$$$"""{"auths":{"{{{{registry}}}}":{"username":"u","password":"p"}}}""")]);

        Assert.Equal(fits, found.Count == 1);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("""{"auths":[]}""")]
    [InlineData("{}")]
    [InlineData("""{"auths":{"docker.io":{"auth":"%%%"}}}""")]
    public void For_DamagedSecret_FitsNothing(string json) => Assert.Empty(PullCredentials.For(ImageReference.TryParse("nginx")!, [Secret(json)]));

    private static Secret Secret(string json) => new() { Type = "kubernetes.io/dockerconfigjson", Data = new() { [".dockerconfigjson"] = Encoding.UTF8.GetBytes(json) } };
}
