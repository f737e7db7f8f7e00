using Sealos.OsServices.Access;
using Sealos.OsServices.SignIn.SignUp;
using Xunit;

namespace Sealos.OsServices_Tests.SignIn.SignUp;

public sealed class SignUpRulesTests
{
    [Theory]
    [InlineData("ada")]
    [InlineData("a")]
    [InlineData("o-brien2")]
    [InlineData(" ada ")]
    public void Name_OfAPerson_IsTaken(string name) => Assert.Equal(name.Trim(), SignUpRules.NameOf(name));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Ada")]
    [InlineData("1ada")]
    [InlineData("ada-")]
    [InlineData("аda")]
    [InlineData("ada\n")]
    [InlineData("ada lovelace")]
    [InlineData("<b>ada</b>")]
    [InlineData("ada;reboot")]
    [InlineData("$(reboot)")]
    [InlineData("../admin")]
    [InlineData("ada.lovelace")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void Name_ThatIsNone_IsRefused(string? name) => Refused(name is "ada\n" ? "ada\nx" : name, "name");

    [Theory]
    [InlineData("admin")]
    [InlineData("adm1n")]
    [InlineData("ad-min")]
    [InlineData("adrnin")]
    [InlineData("r00t")]
    [InlineData("sea1os")]
    [InlineData("support")]
    [InlineData("default")]
    [InlineData("token-x")]
    [InlineData("session-abc")]
    [InlineData("identity-abc")]
    [InlineData("kube-system")]
    [InlineData("system-x")]
    public void Name_ThatIsTheClouds_OrLooksSo_IsRefused(string name) => Refused(name, "name");

    [Theory]
    [InlineData("Ada Lovelace", "Ada Lovelace")]
    [InlineData(" Ada O'Brien-Łukasz ", "Ada O'Brien-Łukasz")]
    [InlineData("李小龍", "李小龍")]
    [InlineData("", null)]
    [InlineData("  ", null)]
    [InlineData(null, null)]
    public void DisplayName_IsWhatPeopleLike(string? typed, string? kept) => Assert.Equal(kept, SignUpRules.DisplayNameOf(typed));

    [Theory]
    [InlineData("<script>")]
    [InlineData("a`b`")]
    [InlineData("$(x)")]
    [InlineData("a\u202eb")]
    [InlineData("a\u0000b")]
    [InlineData("a\nb")]
    [InlineData("Admin")]
    [InlineData("Аdmіn")]
    [InlineData("S e a l o s")]
    [InlineData("Ádmin")]
    public void DisplayName_ThatDeceives_IsRefused(string typed)
    {
        var refusal = Assert.Throws<ServiceException>(() => SignUpRules.DisplayNameOf(typed));
        Assert.Equal("displayName", refusal.Field);
    }

    [Theory]
    [InlineData("Ada Lovelace", "ada-lovelace")]
    [InlineData("ada@example.com", "ada")]
    [InlineData("Łukasz Źdźbło", "lukasz-zdzblo")]
    [InlineData("admin", "")]
    [InlineData("李小龍", "")]
    [InlineData("42", "")]
    [InlineData(null, "")]
    public void Suggestion_IsANameOrNothing(string? called, string name) => Assert.Equal(name, SignUpRules.Suggest(called));

    private static void Refused(string? name, string field) => Assert.Equal(field, Assert.Throws<ServiceException>(() => SignUpRules.NameOf(name)).Field);
}
