using Sealos.OsServices.Users;
using Xunit;

namespace Sealos.OsServices_Tests.Users;

public sealed class RoleRulesTests
{
    private static readonly string?[] Roles = [null, "Owner", "Manager", "Developer"];

    // Everything that anybody may do; whatever is not here is refused.
    private static readonly HashSet<(string? Caller, string? Current, string? Requested, string Action, bool IsSelf)> Allowed =
    [
        .. from current in Roles from requested in Roles from action in (string[])["Grant", "Update"] select ("Owner", current, requested, action, false),
        .. from current in Roles.Where(r => r != "Owner") from requested in Roles select ("Owner", current, requested, "Deprive", false),
        .. from caller in (string[])["Manager", "Developer"] from current in Roles from requested in Roles select (caller, current, requested, "Deprive", true),
        .. from isSelf in (bool[])[false, true] select ("Manager", (string?)null, "Developer", "Grant", isSelf),
        .. from requested in Roles select ("Manager", "Developer", requested, "Deprive", false),
    ];

    [Fact]
    public void Refusal_OfEveryCombination_IsAsInTheTable()
    {
        var all = from caller in Roles
                  from current in Roles
                  from requested in Roles
                  from action in (string[])["Grant", "Update", "Deprive"]
                  from isSelf in (bool[])[false, true]
                  select (caller, current, requested, action, isSelf);

        Assert.All(all, c => Assert.Equal(Allowed.Contains(c), RoleRules.Refusal(c.caller, c.current, c.requested, c.action, c.isSelf) is null));
    }
}
