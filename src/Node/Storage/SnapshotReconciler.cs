using System.Globalization;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;

namespace Sealos.Node.Storage;

/// <summary>Keeps what volumes hold at the moment their owners ask for it. The content is written down first, so that it is found again after a crash.</summary>
internal sealed class SnapshotReconciler(StorageContext context, Informer<VolumeSnapshot> snapshots, TimeProvider time) : IReconciler
{
    private const string Finalizer = "snapshot.storage.kubernetes.io/volumesnapshot-bound-protection";
    private readonly KubeClient _client = context.Client;

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (snapshots.Get(key.Namespace, key.Name) is not { } snapshot)
        {
            return ReconcileResult.Done;
        }

        if (snapshot.Metadata.DeletionTimestamp is not null)
        {
            await LetGoAsync(snapshot, ct).ConfigureAwait(false);
            return ReconcileResult.Done;
        }

        if (snapshot.Status?.ReadyToUse == true)
        {
            return ReconcileResult.Done;
        }

        try
        {
            await EnsureReadyAsync(snapshot, ct).ConfigureAwait(false);
        }
        catch (StorageException e)
        {
            await FailAsync(snapshot, e.Message, ct).ConfigureAwait(false);
            throw;
        }

        return ReconcileResult.Done;
    }

    private async Task EnsureReadyAsync(VolumeSnapshot snapshot, CancellationToken ct)
    {
        VolumeSnapshotContent? content;
        if (snapshot.Spec?.Source?.VolumeSnapshotContentName is { Length: > 0 } existing)
        {
            content = await FindExistingAsync(snapshot, existing, ct).ConfigureAwait(false);
        }
        else if (await FindClassAsync(snapshot, ct).ConfigureAwait(false) is { } snapshotClass)
        {
            (snapshot, content) = await EnsureContentAsync(snapshot, snapshotClass, ct).ConfigureAwait(false);
        }
        else
        {
            return;
        }

        if (content is not null)
        {
            await TellAsync(snapshot, content, ct).ConfigureAwait(false);
        }
    }

    // Null where it is another driver's.
    private async Task<VolumeSnapshotClass?> FindClassAsync(VolumeSnapshot snapshot, CancellationToken ct)
    {
        if (snapshot.Spec?.VolumeSnapshotClassName is { Length: > 0 } name)
        {
            var named = await _client.FindAsync<VolumeSnapshotClass>(null, name, ct).ConfigureAwait(false)
                ?? throw new StorageException($"volumesnapshotclass.snapshot.storage.k8s.io \"{name}\" not found");
            return named.Driver == StorageObjects.DriverName ? named : null;
        }

        var classes = await _client.ListAsync<VolumeSnapshotClass>(null, null, ct).ConfigureAwait(false);
        return classes.Items.Find(c => c.Driver == StorageObjects.DriverName && SnapshotDefinitions.IsDefault(c));
    }

    private async Task<(VolumeSnapshot Snapshot, VolumeSnapshotContent Content)> EnsureContentAsync(VolumeSnapshot snapshot, VolumeSnapshotClass snapshotClass, CancellationToken ct)
    {
        var (claim, volume) = await context.Sources.FindBoundAsync(snapshot.Metadata.Namespace!, snapshot.Spec?.Source?.PersistentVolumeClaimName ?? "", ct).ConfigureAwait(false);
        context.Events.Normal(snapshot, "CreatingSnapshot", $"Waiting for a snapshot {ObjectKey.Of(snapshot)} to be created by the CSI driver.");
        snapshot = await HoldAsync(snapshot, ct).ConfigureAwait(false);
        var wanted = ContentFor(snapshot, snapshotClass, volume.Spec!.Csi!.VolumeHandle!);
        var content = await _client.FindAsync<VolumeSnapshotContent>(null, wanted.Metadata.Name!, ct).ConfigureAwait(false) ?? await _client.CreateAsync(wanted, ct).ConfigureAwait(false);
        if (content.Status?.ReadyToUse != true)
        {
            var handle = StorageObjects.SnapshotPrefix + snapshot.Metadata.Uid;
            await context.Pool.Require().SnapshotAsync(volume.Spec.Csi.VolumeHandle!, handle, ct).ConfigureAwait(false);
            content.Status = new VolumeSnapshotContentStatus
            {
                SnapshotHandle = handle,
                ReadyToUse = true,
                CreationTime = time.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000,
                RestoreSize = claim.Status?.Capacity?.GetValueOrDefault("storage").LongValue,
            };
            content = await _client.UpdateStatusAsync(content, ct).ConfigureAwait(false);
        }

        return (snapshot, content);
    }

    private async Task<VolumeSnapshotContent?> FindExistingAsync(VolumeSnapshot snapshot, string name, CancellationToken ct)
    {
        var content = await _client.FindAsync<VolumeSnapshotContent>(null, name, ct).ConfigureAwait(false)
            ?? throw new StorageException($"VolumeSnapshotContent {name} is missing");
        if (content.Spec?.Driver != StorageObjects.DriverName)
        {
            return null;
        }

        var reference = content.Spec.VolumeSnapshotRef;
        if (reference?.Name != snapshot.Metadata.Name || reference?.Namespace != snapshot.Metadata.Namespace)
        {
            throw new StorageException($"VolumeSnapshotContent [{name}] is bound to a different snapshot");
        }

        var handle = content.Spec.Source?.SnapshotHandle ?? content.Status?.SnapshotHandle ?? "";
        if (!context.Pool.Folder.Exists(handle))
        {
            throw new StorageException($"there is no snapshot {handle} on this node");
        }

        if (content.Status?.ReadyToUse != true)
        {
            content.Status = new VolumeSnapshotContentStatus { SnapshotHandle = handle, ReadyToUse = true, CreationTime = time.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000, RestoreSize = content.Status?.RestoreSize ?? 0 };
            content = await _client.UpdateStatusAsync(content, ct).ConfigureAwait(false);
        }

        return content;
    }

    private static VolumeSnapshotContent ContentFor(VolumeSnapshot snapshot, VolumeSnapshotClass snapshotClass, string volumeHandle) => new()
    {
        Metadata = new ObjectMeta { Name = $"snapcontent-{snapshot.Metadata.Uid}", Finalizers = [ContentReconciler.Finalizer] },
        Spec = new VolumeSnapshotContentSpec
        {
            DeletionPolicy = snapshotClass.DeletionPolicy,
            Driver = StorageObjects.DriverName,
            VolumeSnapshotClassName = snapshotClass.Metadata.Name,
            Source = new VolumeSnapshotContentSource { VolumeHandle = volumeHandle },
            SourceVolumeMode = "Filesystem",
            VolumeSnapshotRef = new ObjectReference
            {
                ApiVersion = VolumeSnapshot.KubeKind.ApiVersion,
                Kind = VolumeSnapshot.KubeKind.Kind,
                Namespace = snapshot.Metadata.Namespace,
                Name = snapshot.Metadata.Name,
                Uid = snapshot.Metadata.Uid,
            },
        },
    };

    private async Task<VolumeSnapshot> HoldAsync(VolumeSnapshot snapshot, CancellationToken ct)
    {
        if (snapshot.Metadata.Finalizers?.Contains(Finalizer) == true)
        {
            return snapshot;
        }

        var changed = KubeJson.Clone(snapshot);
        (changed.Metadata.Finalizers ??= []).Add(Finalizer);
        return await _client.UpdateAsync(changed, ct).ConfigureAwait(false);
    }

    private async Task TellAsync(VolumeSnapshot snapshot, VolumeSnapshotContent content, CancellationToken ct)
    {
        var changed = KubeJson.Clone(snapshot);
        changed.Status = new VolumeSnapshotStatus
        {
            BoundVolumeSnapshotContentName = content.Metadata.Name,
            ReadyToUse = true,
            CreationTime = DateTimeOffset.FromUnixTimeMilliseconds((content.Status?.CreationTime ?? 0) / 1_000_000),
            RestoreSize = (content.Status?.RestoreSize ?? 0).ToString(CultureInfo.InvariantCulture),
        };
        await _client.UpdateStatusAsync(changed, ct).ConfigureAwait(false);
        context.Events.Normal(snapshot, "SnapshotReady", $"Snapshot {ObjectKey.Of(snapshot)} is ready to use.");
    }

    private async Task FailAsync(VolumeSnapshot snapshot, string message, CancellationToken ct)
    {
        context.Events.Warning(snapshot, "SnapshotContentCreationFailed", $"Failed to create snapshot content with error {message}");
        if (snapshot.Status?.Error?.Message == message)
        {
            return;
        }

        var changed = KubeJson.Clone(snapshot);
        changed.Status ??= new VolumeSnapshotStatus();
        changed.Status.ReadyToUse = false;
        changed.Status.Error = new VolumeSnapshotError { Message = message, Time = time.GetUtcNow() };
        await _client.UpdateStatusAsync(changed, ct).ConfigureAwait(false);
    }

    private async Task LetGoAsync(VolumeSnapshot snapshot, CancellationToken ct)
    {
        if (snapshot.Metadata.Finalizers?.Contains(Finalizer) != true)
        {
            return;
        }

        var name = $"snapcontent-{snapshot.Metadata.Uid}";
        if (await _client.FindAsync<VolumeSnapshotContent>(null, name, ct).ConfigureAwait(false) is { Metadata.DeletionTimestamp: null, Spec.DeletionPolicy: "Delete" })
        {
            await _client.DeleteAsync<VolumeSnapshotContent>(null, name, null, ct).ConfigureAwait(false);
        }

        var changed = KubeJson.Clone(snapshot);
        changed.Metadata.Finalizers!.Remove(Finalizer);
        await _client.UpdateAsync(changed, ct).ConfigureAwait(false);
    }
}
