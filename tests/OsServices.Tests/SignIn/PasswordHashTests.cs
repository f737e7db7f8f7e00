using Sealos.OsServices.SignIn;
using Xunit;

namespace Sealos.OsServices_Tests.SignIn;

public sealed class PasswordHashTests
{
    [Fact]
    public void Verify_OwnPassword_Matches()
    {
        var hash = PasswordHash.Create("correct horse");

        Assert.True(PasswordHash.Verify("correct horse", hash));
        Assert.False(PasswordHash.Verify("Correct horse", hash));
        Assert.DoesNotContain("horse", hash, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_SamePasswordTwice_HashesDiffer() =>
        Assert.NotEqual(PasswordHash.Create("a"), PasswordHash.Create("a"));

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("pbkdf2-sha512$0$AA==$AA==")]
    [InlineData("md5$1000$AA==$AA==")]
    public void Verify_ForeignForm_MatchesNothing(string stored) => Assert.False(PasswordHash.Verify("a", stored));

    [Fact]
    public void Generate_Always_IsLongAndNew()
    {
        var passwords = Enumerable.Range(0, 100).Select(_ => PasswordHash.Generate()).ToList();

        Assert.Equal(100, passwords.Distinct().Count());
        Assert.All(passwords, p => Assert.Equal(23, p.Length));
    }
}
