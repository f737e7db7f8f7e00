using Sealos.OsServices.Users.Walls;
using Xunit;

namespace Sealos.OsServices_Tests.Users.Walls;

public sealed class WallChoiceTests
{
    private static readonly WallOptions Usual = new();

    [Fact]
    public void Nothing_IsAsUsual()
    {
        var choice = WallChoice.Read(null, Usual);

        Assert.Empty(choice.Problems);
        Assert.Equal((null, null, "workspace", "baseline"), (choice.RuntimeClass, choice.ImagePullPolicy, choice.PriorityClass, choice.Options.PodSecurity));
        Assert.False(choice.IsUnknown);
    }

    [Theory]
    [InlineData("quota", "much", "quota is not a JSON object of quantities")]
    [InlineData("quota", "null", "quota is not a JSON object of quantities")]
    [InlineData("quota", """{"pods":"x"}""", "quota is not a JSON object of quantities")]
    [InlineData("quota", """{"pods":"1.5"}""", "quota of pods is no whole number")]
    [InlineData("quota", """{"limits.cpu":"-1"}""", "quota of limits.cpu is negative")]
    [InlineData("quota", """{"chairs":"1"}""", "quota names 'chairs'")]
    [InlineData("limits", """{"pods":"1"}""", "limits names 'pods'")]
    [InlineData("autoExpand", """{"chairs":"1"}""", "autoExpand names 'chairs'")]
    [InlineData("podSecurity", "privileged", "podSecurity is neither baseline nor restricted")]
    [InlineData("runtimeClass", "", "runtimeClass is neither runc nor the name of a runtime class")]
    [InlineData("runtimeClass", "Not/a name", "runtimeClass is neither runc nor the name of a runtime class")]
    [InlineData("imagePullPolicy", "IfNotPresent", "imagePullPolicy is neither Always nor any")]
    [InlineData("priorityClass", "system-node-critical", "priorityClass is neither none nor the name of a priority class")]
    [InlineData("quotas", "{}", "there is no setting 'quotas'")]
    public void Setting_ThatCannotBeRead_IsNamed_CountsAsTheStrictest_AndIsNotTaken(string key, string text, string why)
    {
        var choice = WallChoice.Read(new Dictionary<string, string> { [key] = text }, Usual);

        Assert.StartsWith(why, Assert.Single(choice.Problems), StringComparison.Ordinal);
        Assert.Equal(key == "podSecurity" ? "restricted" : "baseline", choice.Options.PodSecurity);
        Assert.Equal(key == "runtimeClass" ? "gvisor" : null, choice.RuntimeClass);
        Assert.Equal(key == "imagePullPolicy" ? "Always" : null, choice.ImagePullPolicy);
        Assert.Equal("workspace", choice.PriorityClass);
        Assert.Empty(choice.Ceilings);
        Assert.Equal(key is "quota" or "limits", choice.IsUnknown);
        Assert.Equal(key, Assert.Throws<SettingException>(() => WallConfiguration.Change(new Dictionary<string, string>(), new Dictionary<string, string?> { [key] = text })).Key);
    }

    [Fact]
    public void Quota_ThatCannotBeReadAnyMore_IsWhatItWas()
    {
        var before = WallChoice.Read(new Dictionary<string, string> { ["quota"] = """{"limits.cpu":"8"}""" }, Usual);

        var now = WallChoice.Read(new Dictionary<string, string> { ["quota"] = "{", ["podSecurity"] = "restricted" }, Usual, before);

        Assert.Equal(("8", "restricted", false), (now.Options.Quota["limits.cpu"].ToString(), now.Options.PodSecurity, now.IsUnknown));
    }

    [Fact]
    public void Change_LeavesWhatIsNotNamed_AndTakesAwayWhatIsNull() => Assert.Equal(
        new Dictionary<string, string> { ["podSecurity"] = "restricted", ["broken"] = "x" },
        WallConfiguration.Change(new Dictionary<string, string> { ["runtimeClass"] = "runc", ["broken"] = "x" }, new Dictionary<string, string?> { ["runtimeClass"] = null, ["podSecurity"] = "restricted" }));
}
