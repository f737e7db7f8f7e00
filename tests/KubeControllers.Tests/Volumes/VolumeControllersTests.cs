using System.Text.Json.Nodes;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Storage;
using Sealos.KubeControllers_Tests.Harness;
using Xunit;
using static Sealos.KubeControllers_Tests.Harness.TestCloud;

namespace Sealos.KubeControllers_Tests.Volumes;

public sealed class VolumeControllersTests(TestCloud cloud) : IClassFixture<TestCloud>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Claim_WithAClass_GetsAVolumeThatGoesWithIt()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.ProvisionAsync(ns);
        await cloud.Client.CreateAsync(Make.Claim(ns, "data"), Ct);

        await PhaseAsync(ns, "data", "Bound");
        await cloud.AssertQuietAsync();
        var claim = await ClaimAsync(ns, "data");
        Assert.Equal(("yes", "1Gi", "ReadWriteOnce"), (claim.Metadata.Annotations!["pv.kubernetes.io/bind-completed"], claim.Status!.Capacity!["storage"].ToString(), Assert.Single(claim.Status.AccessModes!)));
        var volume = await cloud.Client.GetAsync<PersistentVolume>(null, claim.Spec!.VolumeName!, Ct);
        Assert.Equal(("Bound", claim.Metadata.Uid), (volume.Status!.Phase, volume.Spec!.ClaimRef!.Uid));

        await cloud.Client.DeleteAsync<PersistentVolumeClaim>(ns, "data", null, Ct);
        await EventuallyAsync(async () => Assert.Null(await cloud.Client.FindAsync<PersistentVolume>(null, volume.Metadata.Name!, Ct)));
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task Volume_MadeByHand_IsBoundReleasedAndKept()
    {
        var ns = await cloud.NamespaceAsync();
        await CreateAsync(Make.Volume(ns + "-v", ns));
        await VolumePhaseAsync(ns + "-v", "Available");

        await cloud.Client.CreateAsync(Make.Claim(ns, "data"), Ct);
        await PhaseAsync(ns, "data", "Bound");
        await VolumePhaseAsync(ns + "-v", "Bound");

        await cloud.Client.DeleteAsync<PersistentVolumeClaim>(ns, "data", null, Ct);
        await VolumePhaseAsync(ns + "-v", "Released");

        // Nobody else gets what was somebody's data.
        await cloud.Client.CreateAsync(Make.Claim(ns, "next"), Ct);
        await EventAsync(ns, "next", "ProvisioningFailed", $"storageclass.storage.k8s.io \"{ns}\" not found");
        await cloud.AssertQuietAsync();
        Assert.Equal("Pending", (await ClaimAsync(ns, "next")).Status!.Phase);
    }

    [Fact]
    public async Task Claim_WhoseVolumeIsTakenAway_IsLost()
    {
        var ns = await cloud.NamespaceAsync();
        await CreateAsync(Make.Volume(ns + "-v", ns));
        await cloud.Client.CreateAsync(Make.Claim(ns, "data"), Ct);
        await PhaseAsync(ns, "data", "Bound");

        await cloud.Client.DeleteAsync<PersistentVolume>(null, ns + "-v", null, Ct);
        await cloud.AssertQuietAsync();
        Assert.NotNull((await cloud.Client.GetAsync<PersistentVolume>(null, ns + "-v", Ct)).Metadata.DeletionTimestamp);

        await cloud.Client.PatchAsync<PersistentVolume>(null, ns + "-v", new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = null } }, null, Ct);
        await PhaseAsync(ns, "data", "Lost");
        await EventAsync(ns, "data", "ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!");
    }

    [Fact]
    public async Task Claim_OfAVolumeByName_SaysWhatDoesNotFit()
    {
        var ns = await cloud.NamespaceAsync();
        await CreateAsync(Make.Volume(ns + "-v", ns));
        await VolumePhaseAsync(ns + "-v", "Available");
        var claim = Make.Claim(ns, "data", size: "2Gi");
        claim.Spec!.VolumeName = ns + "-v";
        await cloud.Client.CreateAsync(claim, Ct);

        await EventAsync(ns, "data", "VolumeMismatch", $"Cannot bind to requested volume \"{ns}-v\": requested PV is too small");
    }

    [Fact]
    public async Task Volume_ThatNobodyCanDelete_Fails()
    {
        var ns = await cloud.NamespaceAsync();
        await CreateAsync(Make.Volume(ns + "-v", ns, change: s => s.PersistentVolumeReclaimPolicy = "Delete"));
        await cloud.Client.CreateAsync(Make.Claim(ns, "data"), Ct);
        await PhaseAsync(ns, "data", "Bound");

        await cloud.Client.DeleteAsync<PersistentVolumeClaim>(ns, "data", null, Ct);

        await VolumePhaseAsync(ns + "-v", "Failed");
    }

    [Fact]
    public async Task Pod_WithClaims_WaitsForThemAndHoldsThem()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Using(ns, "p", "data"), Ct);
        await MessageAsync(ns, "p", "0/1 nodes are available: persistentvolumeclaim \"data\" not found. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.");
        await cloud.Client.CreateAsync(Make.Claim(ns, "data"), Ct);
        await MessageAsync(ns, "p", "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.");
        await cloud.ProvisionAsync(ns);
        await RunningAsync(ns, "p");

        await cloud.Client.DeleteAsync<PersistentVolumeClaim>(ns, "data", null, Ct);
        await cloud.AssertQuietAsync();
        Assert.NotNull((await ClaimAsync(ns, "data")).Metadata.DeletionTimestamp);

        await cloud.Client.DeleteAsync<Pod>(ns, "p", null, Ct);
        await EventuallyAsync(async () => Assert.Null(await cloud.Client.FindAsync<PersistentVolumeClaim>(ns, "data", Ct)));
    }

    [Fact]
    public async Task Claim_ThatWaitsForItsFirstConsumer_IsMadeWhereThePodGoes()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.ProvisionAsync(ns, "WaitForFirstConsumer");
        await cloud.Client.CreateAsync(Make.Claim(ns, "data"), Ct);
        await EventAsync(ns, "data", "WaitForFirstConsumer", "waiting for first consumer to be created before binding");
        Assert.Equal("Pending", (await ClaimAsync(ns, "data")).Status!.Phase);

        await cloud.Client.CreateAsync(Using(ns, "p", "data"), Ct);
        await RunningAsync(ns, "p");
        Assert.Equal("n1", (await ClaimAsync(ns, "data")).Metadata.Annotations!["volume.kubernetes.io/selected-node"]);
    }

    [Fact]
    public async Task Claim_ThatWaitsForItsFirstConsumer_TakesAFreeVolumeThatItsNodeReaches()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(new StorageClass { Metadata = new ObjectMeta { Name = ns }, Provisioner = "kubernetes.io/no-provisioner", VolumeBindingMode = "WaitForFirstConsumer" }, Ct);
        await cloud.Client.CreateAsync(Make.Claim(ns, "data"), Ct);
        await cloud.Client.CreateAsync(Using(ns, "p", "data"), Ct);
        await MessageAsync(ns, "p", "0/1 nodes are available: 1 node(s) didn't find available persistent volumes to bind. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.");

        await CreateAsync(Make.Volume(ns + "-far", ns, change: s => s.NodeAffinity!.Required!.NodeSelectorTerms![0].MatchExpressions![0].Values = ["n9"]));
        await CreateAsync(Make.Volume(ns + "-near", ns, "3Gi"));

        await RunningAsync(ns, "p");
        Assert.Equal(ns + "-near", (await ClaimAsync(ns, "data")).Spec!.VolumeName);
    }

    [Fact]
    public async Task Claim_ForOnePodAlone_KeepsASecondPodWaiting()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.ProvisionAsync(ns);
        await cloud.Client.CreateAsync(Make.Claim(ns, "data", mode: "ReadWriteOncePod"), Ct);
        await cloud.Client.CreateAsync(Using(ns, "p", "data"), Ct);
        await RunningAsync(ns, "p");
        await cloud.Client.CreateAsync(Using(ns, "q", "data"), Ct);
        await MessageAsync(ns, "q", "0/1 nodes are available: 1 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.");

        await cloud.Client.DeleteAsync<Pod>(ns, "p", null, Ct);
        await RunningAsync(ns, "q");
    }

    [Fact]
    public async Task EphemeralVolume_OfAPod_ComesAndGoesWithIt()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.ProvisionAsync(ns);
        var pod = Make.Pod(ns, "p");
        pod.Spec!.Volumes = [new Volume { Name = "scratch", Ephemeral = new EphemeralVolumeSource { VolumeClaimTemplate = new PersistentVolumeClaimTemplate { Spec = Make.Claim(ns, "x").Spec } } }];
        await cloud.Client.CreateAsync(pod, Ct);
        await RunningAsync(ns, "p");
        Assert.Equal("Pod", Assert.Single((await ClaimAsync(ns, "p-scratch")).Metadata.OwnerReferences!).Kind);

        await cloud.Client.DeleteAsync<Pod>(ns, "p", null, Ct);
        await EventuallyAsync(async () => Assert.Null(await cloud.Client.FindAsync<PersistentVolumeClaim>(ns, "p-scratch", Ct)));
    }

    [Fact]
    public async Task EphemeralVolume_WhoseClaimIsSomebodyElses_KeepsThePodWaiting()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.ProvisionAsync(ns);
        await cloud.Client.CreateAsync(Make.Claim(ns, "p-scratch"), Ct);
        await PhaseAsync(ns, "p-scratch", "Bound");
        var pod = Make.Pod(ns, "p");
        pod.Spec!.Volumes = [new Volume { Name = "scratch", Ephemeral = new EphemeralVolumeSource { VolumeClaimTemplate = new PersistentVolumeClaimTemplate { Spec = Make.Claim(ns, "x").Spec } } }];
        await cloud.Client.CreateAsync(pod, Ct);

        await EventAsync(ns, "p", "FailedBinding", $"ephemeral volume scratch: PVC {ns}/p-scratch was not created for pod {ns}/p (pod is not owner)");
        Assert.Null((await cloud.Client.GetAsync<Pod>(ns, "p", Ct)).Spec!.NodeName);
    }

    private static Pod Using(string ns, string name, string claim)
    {
        var pod = Make.Pod(ns, name);
        pod.Spec!.Use(claim);
        return pod;
    }

    private Task<PersistentVolumeClaim> ClaimAsync(string ns, string name) => cloud.Client.GetAsync<PersistentVolumeClaim>(ns, name, Ct);

    private async Task CreateAsync(PersistentVolume volume)
    {
        volume.Metadata.Uid = null;
        await cloud.Client.CreateAsync(volume, Ct);
    }

    private Task PhaseAsync(string ns, string name, string phase) => EventuallyAsync(async () => Assert.Equal(phase, (await ClaimAsync(ns, name)).Status?.Phase));

    private Task VolumePhaseAsync(string name, string phase) => EventuallyAsync(async () => Assert.Equal(phase, (await cloud.Client.GetAsync<PersistentVolume>(null, name, Ct)).Status?.Phase));

    private Task RunningAsync(string ns, string name) => EventuallyAsync(async () => Assert.Equal("Running", (await cloud.Client.GetAsync<Pod>(ns, name, Ct)).Status?.Phase));

    private Task MessageAsync(string ns, string pod, string message) => EventuallyAsync(async () =>
        Assert.Equal(message, (await cloud.Client.GetAsync<Pod>(ns, pod, Ct)).Status?.Conditions?.Find(c => c.Type == "PodScheduled")?.Message));

    private Task EventAsync(string ns, string about, string reason, string message) => EventuallyAsync(async () =>
        Assert.Contains(await cloud.ListAsync<Event>(ns), e => e.InvolvedObject?.Name == about && e.Reason == reason && e.Message == message));
}
