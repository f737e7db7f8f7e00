using System.Text;
using Sealos.OsServices.SignIn;
using Xunit;

namespace Sealos.OsServices_Tests.SignIn;

public sealed class TotpTests
{
    // The secret of RFC 6238's table; the codes are the last six of its eight digits.
    private static readonly byte[] Key = Encoding.ASCII.GetBytes("12345678901234567890");

    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    public void CodeAt_IsTheStandards(long seconds, string code) => Assert.Equal(code, Totp.CodeAt(Key, DateTimeOffset.FromUnixTimeSeconds(seconds)));

    [Fact]
    public void Match_TakesTheNeighbouringSteps_AndNoneThatWasUsed()
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1111111111);
        var step = 1111111111 / 30;

        Assert.Equal(step, Totp.Match(Key, "050471", now, -1));
        Assert.Equal(step, Totp.Match(Key, " 050471 ", now.AddSeconds(30), -1));
        Assert.Null(Totp.Match(Key, "050471", now.AddSeconds(61), -1));
        Assert.Null(Totp.Match(Key, "050471", now, step));
        Assert.Null(Totp.Match(Key, "50471", now, -1));
    }

    [Fact]
    public void Uri_IsWhatAuthenticatorsRead()
    {
        var uri = Totp.UriOf(Key, "ada", "Sealos");

        Assert.StartsWith("otpauth://totp/Sealos:ada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Sealos", uri, StringComparison.Ordinal);
        Assert.StartsWith("<svg", Totp.Draw(uri), StringComparison.Ordinal);
    }
}
