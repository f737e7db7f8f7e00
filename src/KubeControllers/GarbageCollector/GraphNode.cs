using System.Security.Cryptography;
using System.Text;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Resources;

namespace Sealos.KubeControllers.GarbageCollector;

/// <summary>One owner of an object, as small as can be: common strings are shared.</summary>
internal readonly record struct OwnerLink(Guid Uid, string ApiVersion, string Kind, string Name, bool IsBlocking)
{
    public static OwnerLink Of(OwnerReference reference) => new(
        Uids.Parse(reference.Uid),
        Shared(reference.ApiVersion),
        Shared(reference.Kind),
        reference.Name ?? "",
        reference.BlockOwnerDeletion == true);

    // Our own kinds are constants of this program; what users write must not stay in memory for ever.
    private static string Shared(string? text) => text is null ? "" : string.IsInterned(text) ?? text;
}

/// <summary>An object that the collector has to know of: it has owners, or waits for its dependents.</summary>
internal sealed record GraphNode(Guid Uid, ServedResource Resource, string? Namespace, string Name)
{
    public const string ForegroundFinalizer = "foregroundDeletion";
    public const string OrphanFinalizer = "orphan";

    public IReadOnlyList<OwnerLink> Owners { get; init; } = [];

    public bool IsBeingDeleted { get; init; }

    /// <summary>Being deleted, and waiting until its dependents are gone.</summary>
    public bool IsDeletingDependents { get; init; }

    /// <summary>Being deleted, and waiting until its dependents have forgotten it.</summary>
    public bool IsOrphaning { get; init; }

    public bool IsWorthKeeping => Owners.Count > 0 || IsDeletingDependents || IsOrphaning;

    public static GraphNode Of(ServedResource resource, HeadMetadata head)
    {
        var isBeingDeleted = head.DeletionTimestamp is not null;
        return new GraphNode(Uids.Parse(head.Uid), resource, head.Namespace, head.Name)
        {
            Owners = head.OwnerReferences is { Count: > 0 } references ? references.ConvertAll(OwnerLink.Of) : [],
            IsBeingDeleted = isBeingDeleted,
            IsDeletingDependents = isBeingDeleted && head.Finalizers?.Contains(ForegroundFinalizer) == true,
            IsOrphaning = isBeingDeleted && head.Finalizers?.Contains(OrphanFinalizer) == true,
        };
    }

    public bool Blocks(Guid owner) => Owners.Any(o => o.Uid == owner && o.IsBlocking);
}

/// <summary>Uids as sixteen bytes; one that is no UUID, which a hand-written owner reference may hold, is hashed.</summary>
internal static class Uids
{
    public static Guid Parse(string? uid) =>
        Guid.TryParseExact(uid, "D", out var parsed) ? parsed : new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(uid ?? "")).AsSpan(0, 16));
}
