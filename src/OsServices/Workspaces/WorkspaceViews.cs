namespace Sealos.OsServices.Workspaces;

/// <summary>A workspace as one of its members sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Namespace">Its namespace in the Kubernetes API.</param>
/// <param name="Kind"><c>private</c> or <c>team</c>.</param>
/// <param name="Role">What the member is in it.</param>
/// <param name="Owner">Whose it is.</param>
/// <param name="State"><c>ready</c>, <c>preparing</c> or <c>deleting</c>.</param>
/// <param name="Created">When it was made.</param>
public sealed record WorkspaceView(string Id, string Name, string Namespace, string Kind, string Role, string Owner, string State, DateTimeOffset? Created);

/// <summary>A member of a workspace.</summary>
public sealed record MemberView(string User, string Name, string Role);

/// <summary>So many things of one kind.</summary>
public sealed record ContentView(string Kind, long Count);

/// <summary>An invitation. The code is told once, to whoever makes a link.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Workspace">The id of the workspace.</param>
/// <param name="WorkspaceName">What people call it.</param>
/// <param name="Role">The role it gives.</param>
/// <param name="User">Who is invited; nothing for a link.</param>
/// <param name="InvitedBy">Who invites.</param>
/// <param name="State"><c>pending</c>, <c>accepted</c>, <c>declined</c> or <c>expired</c>.</param>
/// <param name="Expires">When it ends.</param>
/// <param name="Code">What a link is accepted with.</param>
public sealed record InvitationView(string Id, string Workspace, string WorkspaceName, string Role, string? User, string InvitedBy, string State, DateTimeOffset? Expires, string? Code = null);

/// <summary>A personal token. The token itself is told once, when it is made.</summary>
public sealed record TokenView(string Id, string Name, string Role, IReadOnlyList<string> Workspaces, DateTimeOffset? Created, DateTimeOffset? Expires, string? Token = null);

/// <summary>Who somebody is to the cloud.</summary>
/// <param name="User">The user's name.</param>
/// <param name="Name">What people call them.</param>
/// <param name="IsOperator">Whether they run the cloud.</param>
/// <param name="Workspace">Their private workspace's namespace.</param>
/// <param name="PersonalToken">The personal token that they came with.</param>
/// <param name="ApiServer">Where the Kubernetes API is.</param>
/// <param name="CertificateAuthority">PEM of the authority that signed its certificate.</param>
public sealed record WhoAmI(string User, string Name, bool IsOperator, string Workspace, string? PersonalToken, string? ApiServer, string? CertificateAuthority);

/// <summary>The authority that the cloud's certificate is of, in PEM; whoever does not know it compares it with whoever runs the cloud.</summary>
public sealed record CloudAuthority(string Certificate);

/// <summary>A list.</summary>
public sealed record ItemList<T>(IReadOnlyList<T> Items);

/// <summary>Asks for a team's workspace, or renames one.</summary>
public sealed record WorkspaceRequest(string? Name);

/// <summary>Asks for a role.</summary>
public sealed record RoleRequest(string? Role);

/// <summary>Names a user.</summary>
public sealed record UserRequest(string? User);

/// <summary>Invites a user by name, or, without one, whoever brings the code.</summary>
public sealed record InvitationRequest(string? Role, string? User = null, string? ExpiresIn = null);

/// <summary>The code of a link.</summary>
public sealed record CodeRequest(string? Code);

/// <summary>Asks for a personal token.</summary>
public sealed record TokenCreation(string? Name, string? Role, IReadOnlyList<string>? Workspaces, string? ExpiresIn = null);
