using Sealos.OsServices.SignIn;
using Xunit;

namespace Sealos.OsServices_Tests.SignIn;

public sealed class PasswordRulesTests
{
    [Theory]
    [InlineData("short-one")]
    [InlineData("1234567890")]
    [InlineData("0987654321123")]
    [InlineData("qwertzuiop12")]
    [InlineData("1q2w3e4r5t6y")]
    [InlineData("P@ssw0rd2024!")]
    [InlineData("passwordpassword")]
    [InlineData("Summer2026!!!")]
    [InlineData("!!letmein!!2020")]
    [InlineData("iloveyou12345")]
    [InlineData("DragonMonkey99")]
    [InlineData("abcabcabcabcabc")]
    [InlineData("aaaaaaaaaaaaaaa")]
    [InlineData("correcthorsebatterystaple")]
    [InlineData("adalovelace")]
    [InlineData("AdaLovelace2024!")]
    [InlineData("adalovelace-1")]
    [InlineData("Sealos2023admin")]
    [InlineData("tab\tin the middle of it")]
    public void IsGood_WhatIsShortNamedOrCommon_IsNot(string password) => Assert.False(PasswordRules.IsGood("adalovelace", password));

    [Theory]
    [InlineData("Vnw3-lanternfish-quarry")]
    [InlineData("five wet umbrellas hum")]
    [InlineData("tr0ub4dor&xylem")]
    [InlineData("97318840264415")]
    [InlineData("дождь идёт вечером")]
    [InlineData("abcde-fghij-KLMNP-qrst7")]
    public void IsGood_WhatIsLongAndOnesOwn_Is(string password) => Assert.True(PasswordRules.IsGood("adalovelace", password));

    [Fact]
    public void IsGood_EveryGeneratedPassword_Is() => Assert.All(Enumerable.Range(0, 200), _ => Assert.True(PasswordRules.IsGood("admin", PasswordHash.Generate())));

    [Fact]
    public void IsGood_LongerThanWhatIsTaken_IsNot() => Assert.False(PasswordRules.IsGood("ada", string.Concat(Enumerable.Range(0, 60).Select(i => $"x{i:000}z"))));
}
