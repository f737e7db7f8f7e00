using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Volumes;

namespace Sealos.KubeControllers_Tests.Harness;

/// <summary>A storage driver without storage: makes a volume for each claim that asks it, and deletes what is released.</summary>
internal sealed class FakeProvisioner : IAsyncDisposable
{
    public const string Name = "test.sealos.io";

    private readonly KubeClient _client;
    private readonly InformerFactory _informers;
    private readonly List<Controller> _controllers = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private FakeProvisioner(TestServer server)
    {
        _client = server.Client;
        _informers = new InformerFactory(_client, server.Loggers);
        var claims = _informers.For<PersistentVolumeClaim>();
        var volumes = _informers.For<PersistentVolume>();
        var provisioner = new Controller("test-provisioner", new Reconciler((key, ct) => ProvisionAsync(claims.Get(key.Namespace, key.Name), ct)), server.Loggers.CreateLogger("test"), TimeProvider.System);
        var deleter = new Controller("test-deleter", new Reconciler((key, ct) => DeleteAsync(volumes.Get(null, key.Name), ct)), server.Loggers.CreateLogger("test"), TimeProvider.System);
        claims.OnChange((_, now) => Enqueue(provisioner, now));
        volumes.OnChange((_, now) => Enqueue(deleter, now));
        _controllers.AddRange([provisioner, deleter]);
        _informers.Start();
        _running = Task.WhenAll(_controllers.Select(c => c.RunAsync(1, _stop.Token)));
    }

    public static FakeProvisioner Start(TestServer server) => new(server);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await _informers.DisposeAsync();
        _controllers.ForEach(c => c.Dispose());
        _stop.Dispose();
    }

    private static void Enqueue(Controller controller, Sealos.Kinds.IKubeObject? now)
    {
        if (now is not null)
        {
            controller.Enqueue(ObjectKey.Of(now));
        }
    }

    private async Task ProvisionAsync(PersistentVolumeClaim? claim, CancellationToken ct)
    {
        if (claim?.Metadata.Annotations?.GetValueOrDefault(StorageNames.Provisioner) != Name || !string.IsNullOrEmpty(claim.Spec!.VolumeName))
        {
            return;
        }

        var volume = Make.Volume($"pvc-{claim.Metadata.Uid}", claim.Spec.StorageClassName!, claim.Spec.Resources!.Requests!["storage"].ToString());
        volume.Metadata = new ObjectMeta { Name = volume.Metadata.Name, Annotations = new() { [StorageNames.ProvisionedBy] = Name } };
        volume.Spec!.AccessModes = claim.Spec.AccessModes;
        volume.Spec.PersistentVolumeReclaimPolicy = "Delete";
        volume.Spec.ClaimRef = new ObjectReference { Kind = "PersistentVolumeClaim", Namespace = claim.Metadata.Namespace, Name = claim.Metadata.Name, Uid = claim.Metadata.Uid };
        try
        {
            await _client.CreateAsync(volume, ct);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
        }
    }

    private async Task DeleteAsync(PersistentVolume? volume, CancellationToken ct)
    {
        if (volume?.Status?.Phase == "Released" && volume.Metadata.DeletionTimestamp is null && volume.Metadata.Annotations?.GetValueOrDefault(StorageNames.ProvisionedBy) == Name)
        {
            await _client.DeleteAsync<PersistentVolume>(null, volume.Metadata.Name!, null, ct);
        }
    }

    private sealed class Reconciler(Func<ObjectKey, CancellationToken, Task> reconcile) : IReconciler
    {
        public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
        {
            await reconcile(key, ct);
            return ReconcileResult.Done;
        }
    }
}
