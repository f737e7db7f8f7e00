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
    public void Verify_HashOfAnEarlierVersion_MatchesAndIsOutdated()
    {
        // Of "correct horse", made by the version before with 1,000 iterations.
        var salt = new byte[16];
        var hash = System.Security.Cryptography.Rfc2898DeriveBytes.Pbkdf2("correct horse", salt, 1000, System.Security.Cryptography.HashAlgorithmName.SHA512, 32);
        var stored = $"pbkdf2-sha512$1000${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}";

        Assert.True(PasswordHash.Verify("correct horse", stored));
        Assert.False(PasswordHash.Verify("correct hors", stored));
        Assert.True(PasswordHash.IsOutdated(stored));
        Assert.False(PasswordHash.IsOutdated(PasswordHash.Create("correct horse")));
    }

    [Fact]
    public void Create_SamePasswordTwice_HashesDiffer() =>
        Assert.NotEqual(PasswordHash.Create("a"), PasswordHash.Create("a"));

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("pbkdf2-sha512$0$AA==$AA==")]
    [InlineData("md5$1000$AA==$AA==")]
    [InlineData("argon2id$99999999$3$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAA==")]
    [InlineData("argon2id$12288$3$not base64$AAAAAAAAAAAAAAAAAAAAAA==")]
    [InlineData("argon2id$12288$3$AAAAAAAAAAAAAAAAAAAAAA==$")]
    public void Verify_ForeignForm_MatchesNothing(string stored) => Assert.False(PasswordHash.Verify("a", stored));

    [Fact]
    public void Generate_Always_IsLongAndNew()
    {
        var passwords = Enumerable.Range(0, 100).Select(_ => PasswordHash.Generate()).ToList();

        Assert.Equal(100, passwords.Distinct().Count());
        Assert.All(passwords, p => Assert.Equal(23, p.Length));
    }
}
