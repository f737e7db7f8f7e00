using Sealos.Desktop.Apps.Users;
using Sealos.OsServices.Operators;
using Xunit;

namespace Sealos.Desktop_Tests.Apps;

public sealed class OperatorRowsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(false, "", null, "operator/users?limit=50")]
    [InlineData(true, "  ", null, "operator/workspaces?limit=50")]
    [InlineData(false, " a&b ", "x=/", "operator/users?limit=50&search=a%26b&continue=x%3D%2F")]
    public void Path_HoldsWhatWasTypedAsDataAlone(bool areWorkspaces, string search, string? next, string expected) =>
        Assert.Equal(expected, OperatorRows.PathOf(areWorkspaces, search, next));

    [Fact]
    public void NextPage_IsAddedToWhatIsKnown_AndSaysWhereToGoOn()
    {
        var first = OperatorRows.Of(new Page<UserListing>([new UserListing("anna", "Anna", "a@x.example", "ready", null, 1, Noon)], 2, "more"));
        var all = first.With(OperatorRows.Of(new Page<UserListing>([new UserListing("ben", "Ben", null, "locked", "left", 1, Noon)], 2, null)));

        Assert.Equal(["anna", "ben"], all.Items.Select(r => r.Id));
        Assert.Equal(["anna, a@x.example", "ben"], all.Items.Select(r => r.About));
        Assert.Null(all.Next);
    }

    [Fact]
    public void Workspace_SaysWhoseItIs()
    {
        WorkspaceListing Of(string kind) => new("sea", "Sea", "ns-sea", kind, "anna", 3, "suspended", "mines coins", [], Noon);

        var rows = OperatorRows.Of(new Page<WorkspaceListing>([Of("team"), Of("private")], 2, null)).Items;

        Assert.Equal(["anna's team of 3", "private, of anna"], rows.Select(r => r.About));
        Assert.All(rows, r => Assert.Equal(("suspended", "mines coins"), (r.State, r.Reason)));
    }

    [Fact]
    public void Limits_ThatWereNotTouched_ChangeNothing()
    {
        var now = new WorkspaceLimits("16", "64Gi", "100Gi", "20");

        Assert.Null(now.To(now));
        Assert.Null(now.To(new WorkspaceLimits(" 16 ", "", " ", "20")));
        Assert.Equal(new QuotaChange(Cpu: "32", Pods: "40"), now.To(now with { Cpu = " 32 ", Pods = "40" }));
    }

    [Theory]
    [InlineData("ready", "good", "Ready")]
    [InlineData("suspended", "bad", "Suspended")]
    [InlineData("resuming", "busy", "Being resumed")]
    public void State_IsAWordAndAColour(string state, string colour, string word) => Assert.Equal((colour, word), (UserWords.Class(state), UserWords.State(state)));
}
