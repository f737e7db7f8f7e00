using Sealos.Node.Cri.Messages;

namespace Sealos.Node.Cri;

/// <summary>What one of the runtime's handlers can do; the ordinary one has an empty name.</summary>
/// <param name="Name">Its name.</param>
/// <param name="RecursiveReadOnly">Whether it can make read-only what lies below a mount as well.</param>
/// <param name="UserNamespaces">Whether it can give a pod users of its own.</param>
internal sealed record HandlerAbilities(string Name, bool RecursiveReadOnly, bool UserNamespaces);

/// <summary>What the runtime says it can do. One that says nothing, as containerd before 2.0, can do none of it.</summary>
internal sealed record RuntimeAbilities(IReadOnlyList<HandlerAbilities> Handlers, bool GroupsPolicy)
{
    public static readonly RuntimeAbilities None = new([], false);

    public static RuntimeAbilities Of(StatusResponse answer) => new(
        [.. answer.RuntimeHandlers.Select(h => new HandlerAbilities(h.Name, h.Features?.RecursiveReadOnlyMounts == true, h.Features?.UserNamespaces == true)).OrderBy(h => h.Name, StringComparer.Ordinal)],
        answer.Features?.SupplementalGroupsPolicy == true);

    /// <summary>Whether a handler can make mounts read-only with all that lies below them; null asks of none.</summary>
    public bool CanMountReadOnly(string? handler) => Handlers.Any(h => h.Name == handler && h.RecursiveReadOnly);

    public bool Equals(RuntimeAbilities? other) => other is not null && GroupsPolicy == other.GroupsPolicy && Handlers.SequenceEqual(other.Handlers);

    public override int GetHashCode() => HashCode.Combine(GroupsPolicy, Handlers.Count);
}
