using Microsoft.AspNetCore.Mvc;

namespace Sealos.OsServices.Operators;

/// <summary>A page of a list, how many there are in all, and where the next page begins.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, int Total, string? Continue);

/// <summary>A person as the operator sees them.</summary>
/// <param name="Name">The user's name.</param>
/// <param name="DisplayName">What people call them.</param>
/// <param name="Email">Where they are written to.</param>
/// <param name="State"><c>ready</c>, <c>preparing</c>, <c>locked</c> or <c>deleting</c>.</param>
/// <param name="Reason">Why they are locked.</param>
/// <param name="Workspaces">In how many workspaces they are.</param>
/// <param name="Created">Since when they are there.</param>
public sealed record UserListing(string Name, string DisplayName, string? Email, string State, string? Reason, int Workspaces, DateTimeOffset Created);

/// <summary>A workspace as the operator sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Namespace">Its namespace in the Kubernetes API.</param>
/// <param name="Kind"><c>private</c> or <c>team</c>.</param>
/// <param name="Owner">Whose it is.</param>
/// <param name="Members">How many are in it.</param>
/// <param name="State"><c>ready</c>, <c>preparing</c>, <c>suspending</c>, <c>suspended</c>, <c>resuming</c> or <c>deleting</c>.</param>
/// <param name="Reason">Why it is suspended.</param>
/// <param name="Quota">What it may take, and takes.</param>
/// <param name="Created">Since when it is there.</param>
public sealed record WorkspaceListing(
    string Id, string Name, string Namespace, string Kind, string Owner, int Members, string State, string? Reason, IReadOnlyList<QuotaLine> Quota, DateTimeOffset Created);

/// <summary>How much of one thing a workspace may take, and takes; both as Kubernetes writes quantities.</summary>
public sealed record QuotaLine(string Resource, string Limit, string Used);

/// <summary>What a workspace may take from now on; what is not said stays.</summary>
public sealed record QuotaChange(string? Cpu = null, string? Memory = null, string? Storage = null, string? Pods = null);

/// <summary>Why an operator does something.</summary>
public sealed record ReasonRequest(string? Reason);

/// <summary>Asks for a session of a user.</summary>
/// <param name="Reason">Why; the user is told.</param>
/// <param name="For">For how long, such as <c>30m</c>; an hour at most.</param>
public sealed record ImpersonationRequest(string? Reason, string? For = null);

/// <summary>What is asked of a list.</summary>
internal sealed record ListParameters(
    [FromQuery] string? Search, [FromQuery] string? State, [FromQuery] string? Sort, [FromQuery(Name = "continue")] string? Continue, [FromQuery] int? Limit);
