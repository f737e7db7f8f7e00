using Sealos.ApiServer.Authentication;

namespace Sealos.ApiServer.Authorization;

/// <summary>Which node a user is: members of <c>system:nodes</c> whose name says so.</summary>
internal static class NodeIdentity
{
    /// <summary>The group of all nodes.</summary>
    public const string Group = "system:nodes";

    /// <summary>What a node's user name begins with.</summary>
    public const string Prefix = "system:node:";

    /// <summary>The node's name, which may be empty; null when the user is no node.</summary>
    public static string? Of(UserInfo user) =>
        user.Name.StartsWith(Prefix, StringComparison.Ordinal) && user.Groups.Contains(Group) ? user.Name[Prefix.Length..] : null;
}
