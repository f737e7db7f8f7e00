using Sealos.Kinds;
using Sealos.Kinds.Meta;

namespace Sealos.KubeControllers.Common;

/// <summary>Owner references.</summary>
internal static class Owners
{
    /// <summary>The reference to the controller that manages an object, or null.</summary>
    public static OwnerReference? ControllerOf(IKubeObject obj) => obj.Metadata.OwnerReferences?.Find(r => r.Controller == true);

    public static bool IsControlledBy(IKubeObject obj, IKubeObject owner) => ControllerOf(obj)?.Uid is { } uid && uid == owner.Metadata.Uid;

    /// <summary>The reference a controller writes on what it makes.</summary>
    public static OwnerReference ControllerReference<T>(T owner)
        where T : class, IKubeObject<T>, new() => new()
        {
            ApiVersion = T.KubeKind.ApiVersion,
            Kind = T.KubeKind.Kind,
            Name = owner.Metadata.Name,
            Uid = owner.Metadata.Uid,
            Controller = true,
            BlockOwnerDeletion = true,
        };

    /// <summary>Whether a reference names an object of a kind of this group, in whatever version.</summary>
    public static bool IsKind<T>(OwnerReference reference)
        where T : class, IKubeObject<T>, new() =>
        reference.Kind == T.KubeKind.Kind && Group(reference.ApiVersion) == T.KubeKind.Group;

    private static string Group(string? apiVersion) =>
        apiVersion?.IndexOf('/') is { } slash and >= 0 ? apiVersion[..slash] : "";
}
