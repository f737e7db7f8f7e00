using System.Buffers.Text;
using System.Text;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Node.Volumes;
using Xunit;

namespace Sealos.Node.Tests.Volumes;

public sealed class ServiceAccountTokensTests
{
    private static readonly DateTimeOffset Issued = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    [Theory]
    [InlineData(3600, 2880)]
    [InlineData(600, 480)]
    [InlineData(365 * 86400, 86400)]
    public void RefreshAt_IsFourFifthsOfLifeOrADay(long seconds, long expected)
    {
        Assert.Equal(Issued.AddSeconds(expected), ServiceAccountTokens.RefreshAt(Token(seconds)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("a.b.c")]
    [InlineData("a.!!!.c")]
    [InlineData("a.MQ.c")]
    [InlineData("a.e30.c")]
    public void RefreshAt_NoToken_IsUnknown(string token)
    {
        Assert.Null(ServiceAccountTokens.RefreshAt(Encoding.UTF8.GetBytes(token)));
        Assert.False(IsUsable(Encoding.UTF8.GetBytes(token), null, 0));
    }

    [Theory]
    [InlineData("api", "u", 10, true)]
    [InlineData(null, "u", 10, true)]
    [InlineData("vault", "u", 10, false)]
    [InlineData("api", "other", 10, false)]
    [InlineData("api", "u", 2900, false)]
    [InlineData("api", "u", -30, true)]
    [InlineData("api", "u", -3600, false)]
    public void IsUsable_OnlyForItsPodAudienceAndTime(string? audience, string uid, int age, bool expected)
    {
        Assert.Equal(expected, IsUsable(Token(3600, uid), audience, age));
    }

    private static bool IsUsable(byte[] token, string? audience, int age) => ServiceAccountTokens.IsUsable(
        token, new Pod { Metadata = new ObjectMeta { Uid = "u" } }, new ServiceAccountTokenProjection { Audience = audience }, Issued.AddSeconds(age));

    private static byte[] Token(long seconds, string uid = "u")
    {
        var bound = $$"""{"pod":{"name":"p","uid":"{{uid}}"} }""";
        var claims = $$"""{"aud":["api"],"iat":{{Issued.ToUnixTimeSeconds()}},"exp":{{Issued.ToUnixTimeSeconds() + seconds}},"kubernetes.io":{{bound}} }""";
        return Encoding.ASCII.GetBytes($"head.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}.signature");
    }
}
