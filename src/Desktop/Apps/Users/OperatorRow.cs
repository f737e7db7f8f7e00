using Sealos.OsServices.Operators;

namespace Sealos.Desktop.Apps.Users;

/// <summary>A line of the operator's list: a person, or a workspace.</summary>
internal sealed record OperatorRow(string Id, string Name, string State, string? Reason, string About, DateTimeOffset Created)
{
    public static OperatorRow Of(UserListing user) => new(user.Name, user.DisplayName, user.State, user.Reason, user.Email is { Length: > 0 } email ? $"{user.Name}, {email}" : user.Name, user.Created);

    public static OperatorRow Of(WorkspaceListing workspace) => new(
        workspace.Id, workspace.Name, workspace.State, workspace.Reason, workspace.Kind == "team" ? $"{workspace.Owner}'s team of {workspace.Members}" : $"private, of {workspace.Owner}", workspace.Created);
}

/// <summary>Where the operator's list stands: which lines are known, how many there are, and where the next page begins.</summary>
internal sealed record OperatorRows(IReadOnlyList<OperatorRow> Items, int Total, string? Next)
{
    private const int PageSize = 50;

    /// <summary>The address of a page of people or workspaces.</summary>
    public static string PathOf(bool areWorkspaces, string search, string? next) =>
        $"operator/{(areWorkspaces ? "workspaces" : "users")}?limit={PageSize}"
        + (search.Trim() is { Length: > 0 } text ? $"&search={Uri.EscapeDataString(text)}" : "") + (next is null ? "" : $"&continue={Uri.EscapeDataString(next)}");

    /// <summary>These lines with those of the next page.</summary>
    public OperatorRows With(OperatorRows page) => page with { Items = [.. Items, .. page.Items] };

    public static OperatorRows Of(Page<UserListing> page) => new([.. page.Items.Select(OperatorRow.Of)], page.Total, page.Continue);

    public static OperatorRows Of(Page<WorkspaceListing> page) => new([.. page.Items.Select(OperatorRow.Of)], page.Total, page.Continue);
}
