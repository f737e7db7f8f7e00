using Sealos.ControllerKit;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Core;
using Sealos.Kinds.Storage;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Volumes;

/// <summary>Wires claims, volumes, classes and pods to what binds, protects and makes them.</summary>
internal static class VolumeControllers
{
    public static void Add(ControllerContext context)
    {
        var lookup = context.Storage;
        var events = context.Recorder("persistentvolume-controller");
        var claims = context.Add("claims", new ClaimReconciler(context, lookup, events), workers: 2);
        var volumes = context.Add("volumes", new VolumeReconciler(context, lookup, events), workers: 2);
        context.Watch<PersistentVolumeClaim>(claims.Enqueue);
        context.Watch<PersistentVolume>(volumes.Enqueue);
        lookup.AllClaims.OnChange((old, now) => EnqueueVolumes(volumes, lookup, (now ?? old)!));
        lookup.Volumes.OnChange((old, now) => EnqueueClaims(claims, lookup, old, now));
        lookup.Classes.OnChange((old, now) => EnqueueWaiting(claims, lookup, (now ?? old)!));
        AddProtection(context, lookup);
        AddEphemeral(context, lookup);
    }

    private static void EnqueueVolumes(Controller volumes, VolumeLookup lookup, PersistentVolumeClaim claim)
    {
        if (claim.Spec?.VolumeName is { Length: > 0 } name)
        {
            volumes.Enqueue(new ObjectKey(null, name));
        }

        foreach (var volume in lookup.KeptFor(claim))
        {
            volumes.Enqueue(ObjectKey.Of(volume));
        }
    }

    private static void EnqueueClaims(Controller claims, VolumeLookup lookup, PersistentVolume? old, PersistentVolume? now)
    {
        var volume = (now ?? old)!;
        if (volume.Spec?.ClaimRef is { } reference)
        {
            claims.Enqueue(new ObjectKey(reference.Namespace, reference.Name!));
        }

        var isFree = now is { Spec.ClaimRef: null, Status.Phase: "Available" };
        var candidates = isFree ? lookup.WaitingFor(StorageNames.ClassOf(volume)).Concat(StorageNames.ClassOf(volume).Length == 0 ? lookup.WaitingForAny() : []) : [];
        foreach (var claim in candidates.Concat(lookup.Naming(volume.Metadata.Name!)))
        {
            claims.Enqueue(ObjectKey.Of(claim));
        }
    }

    private static void EnqueueWaiting(Controller claims, VolumeLookup lookup, StorageClass storageClass)
    {
        foreach (var claim in lookup.WaitingFor(storageClass.Metadata.Name!).Concat(lookup.WaitingForAny()))
        {
            claims.Enqueue(ObjectKey.Of(claim));
        }
    }

    private static void AddProtection(ControllerContext context, VolumeLookup lookup)
    {
        var claims = context.Add("claim-protection", new ClaimProtectionReconciler(context, lookup), workers: 1);
        var volumes = context.Add("volume-protection", new VolumeProtectionReconciler(context, lookup), workers: 1);
        lookup.AllClaims.OnChange((_, now) =>
        {
            if (now is not null && Finalizers.Holds(now, StorageNames.ClaimProtection))
            {
                claims.Enqueue(ObjectKey.Of(now));
            }
        });
        lookup.Volumes.OnChange((_, now) =>
        {
            if (now is not null && Finalizers.Holds(now, StorageNames.VolumeProtection))
            {
                volumes.Enqueue(ObjectKey.Of(now));
            }
        });
        context.Informer<Pod>().OnChange((old, now) =>
        {
            // A pod lets go of its claims when it goes; of those that live as long as it, when it is shut down.
            if (now is null || now.Metadata is { DeletionTimestamp: not null, DeletionGracePeriodSeconds: 0 } || (old is not null && old.Metadata.Uid != now.Metadata.Uid))
            {
                foreach (var name in VolumeLookup.ClaimsOf((old ?? now)!))
                {
                    claims.Enqueue(new ObjectKey((old ?? now)!.Metadata.Namespace, name));
                }
            }
        });
    }

    private static void AddEphemeral(ControllerContext context, VolumeLookup lookup)
    {
        var controller = context.Add("ephemeral-volumes", new EphemeralVolumeReconciler(context, lookup, context.Recorder("ephemeral_volume")), workers: 1);
        context.Informer<Pod>().OnChange((old, now) =>
        {
            if (now is { Metadata.DeletionTimestamp: null } && old?.Metadata.Uid != now.Metadata.Uid && HasEphemeral(now))
            {
                controller.Enqueue(ObjectKey.Of(now));
            }
        });
        lookup.AllClaims.OnChange((old, now) =>
        {
            if (now is null || old is null)
            {
                var claim = (now ?? old)!;
                foreach (var pod in lookup.UsersOf(claim.Metadata.Namespace, claim.Metadata.Name).Where(HasEphemeral))
                {
                    controller.Enqueue(ObjectKey.Of(pod));
                }
            }
        });
    }

    private static bool HasEphemeral(Pod pod) => (pod.Spec?.Volumes ?? []).Exists(v => v.Ephemeral is not null);
}
