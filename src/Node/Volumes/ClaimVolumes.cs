using Sealos.Kinds.Core;
using Sealos.Node.Storage;

namespace Sealos.Node.Volumes;

/// <summary>A claim that a pod has, under the pod's own name for it, and where its volume lies.</summary>
internal readonly record struct UsedClaim(string PodUid, string Volume, string Namespace, string Claim, string Path);

/// <summary>Volumes that a pod asks for by a claim: finds where they lie, and gives them to the pod's group.</summary>
internal sealed class ClaimVolumes(IVolumeObjects objects, VolumeOptions options) : IDisposable
{
    private readonly VolumeFolder _folder = new(options.PersistentRoot);
    private readonly Lock _noting = new();

    // Each may hold many folders open.
    private readonly SemaphoreSlim _giving = new(2);

    /// <summary>Whether a volume of a pod is asked for by a claim.</summary>
    public static bool IsClaim(Volume volume) => volume.PersistentVolumeClaim is not null || volume.Ephemeral is not null;

    /// <summary>The name of the claim that a pod's volume is asked for by.</summary>
    public static string ClaimOf(Pod pod, Volume volume) => volume.PersistentVolumeClaim?.ClaimName ?? $"{pod.Metadata.Name}-{volume.Name}";

    /// <summary>Where the volume lies. <paramref name="mark"/> is a folder that is there once the pod's group has it.</summary>
    /// <exception cref="InvalidDataException">The claim has no volume, or one that this node cannot use.</exception>
    public async Task<string> SetUpAsync(Pod pod, Volume volume, string mark, CancellationToken ct)
    {
        var name = ClaimOf(pod, volume);
        var claim = await objects.FindClaimAsync(pod.Metadata.Namespace!, name, ct).ConfigureAwait(false)
            ?? throw new InvalidDataException($"persistentvolumeclaim \"{name}\" not found");
        if (volume.Ephemeral is not null && claim.Metadata.OwnerReferences?.Exists(o => o.Controller == true && o.Uid == pod.Metadata.Uid) != true)
        {
            throw new InvalidDataException($"PVC {claim.Metadata.Namespace}/{name} was not created for pod {pod.Metadata.Namespace}/{pod.Metadata.Name} (pod is not owner)");
        }

        var persistent = await FindAsync(claim, ct).ConfigureAwait(false);
        var path = PathOf(persistent);
        Note(pod, persistent, mark);
        if (!Directory.Exists(mark))
        {
            await GiveToGroupAsync(pod, volume, persistent, path, ct).ConfigureAwait(false);
            Directory.CreateDirectory(mark);
        }

        return path;
    }

    /// <inheritdoc/>
    public void Dispose() => _giving.Dispose();

    // The scheduler keeps to this, too, but not everybody asks it; and the pod that has the volume may be one that the API has forgotten.
    private void Note(Pod pod, PersistentVolume persistent, string mark)
    {
        lock (_noting)
        {
            if (persistent.Spec?.AccessModes is ["ReadWriteOncePod"] && VolumeUses.FindUser(options.PodsRoot, VolumeUses.KeyOf(persistent), pod.Metadata.Uid) is not null)
            {
                throw new InvalidDataException("volume uses the ReadWriteOncePod access mode and is already in use by another pod");
            }

            VolumeUses.Note(mark, persistent);
        }
    }

    private async Task<PersistentVolume> FindAsync(PersistentVolumeClaim claim, CancellationToken ct)
    {
        if (claim.Status?.Phase != "Bound" || string.IsNullOrEmpty(claim.Spec?.VolumeName))
        {
            throw new InvalidDataException($"PVC {claim.Metadata.Namespace}/{claim.Metadata.Name} is not bound");
        }

        var volume = await objects.FindVolumeAsync(claim.Spec.VolumeName, ct).ConfigureAwait(false)
            ?? throw new InvalidDataException($"persistentvolume \"{claim.Spec.VolumeName}\" not found");
        return volume.Spec?.ClaimRef?.Uid == claim.Metadata.Uid ? volume
            : throw new InvalidDataException($"persistentvolume \"{volume.Metadata.Name}\" is bound to another claim");
    }

    private string PathOf(PersistentVolume volume)
    {
        var spec = volume.Spec!;
        if (spec.VolumeMode == "Block")
        {
            throw new InvalidDataException("volumeMode Block is not supported; use Filesystem");
        }

        if (spec.MountOptions is { Count: > 0 })
        {
            throw new InvalidDataException($"mountOptions of persistentvolume \"{volume.Metadata.Name}\" are not supported");
        }

        if (spec.HostPath is { } hostPath)
        {
            return HostPaths.SetUp(hostPath);
        }

        if (spec.Local is { } local)
        {
            return Directory.Exists(local.Path) ? local.Path : throw new InvalidDataException($"path \"{local.Path}\" does not exist");
        }

        return spec.Csi switch
        {
            { Driver: StorageObjects.DriverName, ReadOnly: true } => throw new InvalidDataException("csi.readOnly is not supported; say readOnly where the claim is used"),
            { Driver: StorageObjects.DriverName, VolumeHandle: { } handle } => OwnPath(handle),
            { Driver: var driver } => throw new InvalidDataException($"driver name {driver} not found in the list of registered CSI drivers"),
            null => throw new InvalidDataException($"persistentvolume \"{volume.Metadata.Name}\" is of a type that is not supported; csi of {StorageObjects.DriverName}, local and hostPath are"),
        };
    }

    private string OwnPath(string handle)
    {
        try
        {
            return _folder.Exists(handle) ? _folder.PathOf(handle) : throw new InvalidDataException($"volume {handle} is not there; the storage of this node may not be ready");
        }
        catch (StorageException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    // A folder of the machine is its operator's to give; all else is the pod's.
    private async Task GiveToGroupAsync(Pod pod, Volume volume, PersistentVolume persistent, string path, CancellationToken ct)
    {
        var security = pod.Spec?.SecurityContext;
        if (security?.FsGroup is { } group && persistent.Spec?.HostPath is null && volume.PersistentVolumeClaim?.ReadOnly != true)
        {
            await _giving.WaitAsync(ct).ConfigureAwait(false);
            try
            {
                VolumeOwnership.Give(path, group, onlyIfRootDiffers: security.FsGroupChangePolicy == "OnRootMismatch", ct);
            }
            finally
            {
                _giving.Release();
            }
        }
    }
}
