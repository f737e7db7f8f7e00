using Sealos.OsServices.Admission;
using Sealos.OsServices.Admission.Rules;
using Xunit;
using static Sealos.OsServices_Tests.Admission.Writes;

namespace Sealos.OsServices_Tests.Admission.Rules;

/// <summary>Rules about pods and volumes.</summary>
public sealed class WorkRulesTests
{
    private static readonly AdmissionOptions Sandboxed = Options with { RuntimeClass = "gvisor", OtherRuntimeClasses = ["kata"], ImagePullPolicy = "Always", PriorityClasses = ["tenant"] };

    [Theory]
    [InlineData("{}", true)]
    [InlineData("""{"serviceAccountName":"bot"}""", true)]
    [InlineData("""{"nodeName":"n1"}""", false)]
    [InlineData("""{"priorityClassName":"system-node-critical"}""", false)]
    [InlineData("""{"priorityClassName":"usual"}""", true)]
    [InlineData("""{"tolerations":[{"operator":"Exists"}]}""", false)]
    [InlineData("""{"tolerations":[{"operator":"Exists","effect":"NoExecute"}]}""", false)]
    [InlineData("""{"tolerations":[{"key":"node-role.kubernetes.io/control-plane"}]}""", false)]
    [InlineData("""{"tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute"}]}""", true)]
    [InlineData("""{"runtimeClassName":"gvisor"}""", true)]
    public async Task Pod_IsJudgedWhoeverMakesIt_AndItsTemplateAlike(string spec, bool isAllowed)
    {
        var world = new World { DefaultPriority = "usual" };

        Assert.Equal(isAllowed, await AskAsync(new PodRule(Options), Create("/pods", $$"""{"spec":{{spec}}}"""), world) is null);
        Assert.Equal(isAllowed, await AskAsync(new PodRule(Options), Create("/pods", $$"""{"spec":{{spec}}}""") with { Caller = Controller }, world) is null);
        Assert.Equal(isAllowed, await AskAsync(new PodTemplateRule(Options), Create("apps/deployments", $$"""{"spec":{"template":{"spec":{{spec}} } } }"""), world) is null);
        Assert.Equal(isAllowed, await AskAsync(new PodTemplateRule(Options), Create("batch/cronjobs", $$"""{"spec":{"jobTemplate":{"spec":{"template":{"spec":{{spec}} } } } } }"""), world) is null);
    }

    [Theory]
    [InlineData("[]", """[{"operator":"Exists"}]""", false)]
    [InlineData("[]", """[{"key":"node-role.kubernetes.io/control-plane","operator":"Exists"}]""", false)]
    [InlineData("[]", """[{"key":"example.com/gpu","operator":"Exists"}]""", true)]
    [InlineData("""[{"operator":"Exists"}]""", """[{"operator":"Exists"}]""", true)]
    public async Task Pod_ThatIsThere_GetsNoTolerationThatItMightNotHaveHad(string before, string after, bool isAllowed)
    {
        var request = Update("/pods", $$$"""{"spec":{"nodeName":"n1","tolerations":{{{before}}}}}""", $$$"""{"spec":{"nodeName":"n1","tolerations":{{{after}}}}}""");

        Assert.Equal(isAllowed, await AskAsync(new PodRule(Options), request) is null);
        Assert.Null(await AskAsync(new PodRule(Options), request with { Caller = Controller }));
    }

    [Fact]
    public async Task Pod_IsPlacedAndItsStateWritten_ByTheCloudAlone()
    {
        foreach (var request in new[] { Update("/pods/status", "{}", """{"status":{"podIP":"10.208.0.9"}}"""), Create("/pods/binding", "{}"), Create("/bindings", "{}") })
        {
            Assert.NotNull(await AskAsync(new PodPlaceRule(), request));
            Assert.Null(await AskAsync(new PodPlaceRule(), request with { Caller = Controller }));
        }
    }

    [Theory]
    [InlineData("gvisor", true)]
    [InlineData("kata", true)]
    [InlineData("runc", false)]
    [InlineData("", false)]
    public async Task Pod_RunsWithNoWeakerRuntimeThanTheUsual(string runtime, bool isAllowed) =>
        Assert.Equal(isAllowed, await AskAsync(new PodRule(Sandboxed), Create("/pods", $$$"""{"spec":{"runtimeClassName":"{{{runtime}}}"}}""")) is null);

    [Fact]
    public void Pod_GetsTheUsualRuntimeAndPullPolicy_AndKeepsWhatItHas()
    {
        const string Pod = """{"spec":{"initContainers":[{"name":"a","imagePullPolicy":"Always"}],"containers":[{"name":"b"},{"name":"c","imagePullPolicy":"Never"}]}}""";

        var patch = new PodDefaults(Sandboxed).Patch(Create("/pods", Pod)).Select(o => (string)o["path"]!);

        Assert.Equal(["/spec/runtimeClassName", "/spec/containers/0/imagePullPolicy", "/spec/containers/1/imagePullPolicy"], patch);
        Assert.Empty(new PodDefaults(Sandboxed with { ImagePullPolicy = null }).Patch(Create("/pods", """{"spec":{"runtimeClassName":"kata"}}""")));
        Assert.Empty(new PodDefaults(Options).Scopes);
    }

    [Theory]
    [InlineData("{}", true)]
    [InlineData("""{"storageClassName":"standard"}""", true)]
    [InlineData("""{"storageClassName":"fast"}""", false)]
    [InlineData("""{"storageClassName":""}""", false)]
    [InlineData("""{"storageClassName":"","volumeName":"mine"}""", true)]
    [InlineData("""{"volumeName":"mine"}""", true)]
    [InlineData("""{"volumeName":"alices"}""", false)]
    [InlineData("""{"volumeName":"nobodys"}""", false)]
    [InlineData("""{"dataSourceRef":{"kind":"PersistentVolumeClaim","name":"x","namespace":"ns-alice"}}""", false)]
    public async Task Claim_GetsOnlyVolumesThatWereItsOwn(string spec, bool isAllowed)
    {
        var world = new World { Volumes = { ["mine"] = Workspace, ["alices"] = "ns-alice" } };

        var request = Create("/persistentvolumeclaims", $$"""{"spec":{{spec}}}""");

        Assert.Equal(isAllowed, await AskAsync(new VolumeClaimRule(Options), request, world) is null);
        Assert.Equal(isAllowed, await AskAsync(new VolumeClaimRule(Options), request with { Caller = Controller }, world) is null);
    }

    [Fact]
    public async Task Claim_ThatIsBound_MayBeChanged()
    {
        const string Bound = """{"spec":{"volumeName":"pv-1","storageClassName":"old"}}""";

        Assert.Null(await AskAsync(new VolumeClaimRule(Options), Update("/persistentvolumeclaims", Bound, Bound)));
        Assert.Null(await AskAsync(new VolumeClaimRule(Options), Update("/persistentvolumeclaims", "{}", Bound) with { Caller = Controller }));
        Assert.Null(await AskAsync(new VolumeClaimRule(Options), Update("/persistentvolumeclaims/status", "{}", "{}") with { Caller = Controller }));
        Assert.NotNull(await AskAsync(new VolumeClaimRule(Options), Update("/persistentvolumeclaims/status", "{}", "{}")));
    }

    [Theory]
    [InlineData("""{"persistentVolumeClaimName":"data"}""", true)]
    [InlineData("""{"volumeSnapshotContentName":"alices"}""", false)]
    public async Task Snapshot_IsOfAClaim(string source, bool isAllowed) =>
        Assert.Equal(isAllowed, await AskAsync(new SnapshotRule(), Create("snapshot.storage.k8s.io/volumesnapshots", $$$"""{"spec":{"source":{{{source}}}}}""")) is null);
}
