using Sealos.OsServices.Admission;
using Sealos.OsServices.Admission.Rules;
using Xunit;
using static Sealos.OsServices_Tests.Admission.Writes;

namespace Sealos.OsServices_Tests.Admission.Rules;

/// <summary>Rules about pods and volumes.</summary>
public sealed class WorkRulesTests
{
    private static readonly AdmissionOptions Sandboxed = Options with { OtherRuntimeClasses = ["kata"], PriorityClasses = ["tenant"] };
    private static readonly Pods Chosen = new() { RuntimeClass = "gvisor", PullPolicy = "Always", Priority = new PodPriority("workspace", -1, "Never"), DefaultPriority = "usual" };

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
        var pods = new Pods { DefaultPriority = "usual" };

        Assert.Equal(isAllowed, await AskAsync(new PodRule(Options, pods), Create("/pods", $$"""{"spec":{{spec}}}""")) is null);
        Assert.Equal(isAllowed, await AskAsync(new PodRule(Options, pods), Create("/pods", $$"""{"spec":{{spec}}}""") with { Caller = Controller }) is null);
        Assert.Equal(isAllowed, await AskAsync(new PodTemplateRule(Options, pods), Create("apps/deployments", $$"""{"spec":{"template":{"spec":{{spec}} } } }""")) is null);
        Assert.Equal(isAllowed, await AskAsync(new PodTemplateRule(Options, pods), Create("batch/cronjobs", $$"""{"spec":{"jobTemplate":{"spec":{"template":{"spec":{{spec}} } } } } }""")) is null);
    }

    [Theory]
    [InlineData("[]", """[{"operator":"Exists"}]""", false)]
    [InlineData("[]", """[{"key":"node-role.kubernetes.io/control-plane","operator":"Exists"}]""", false)]
    [InlineData("[]", """[{"key":"example.com/gpu","operator":"Exists"}]""", true)]
    [InlineData("""[{"operator":"Exists"}]""", """[{"operator":"Exists"}]""", true)]
    public async Task Pod_ThatIsThere_GetsNoTolerationThatItMightNotHaveHad(string before, string after, bool isAllowed)
    {
        var request = Update("/pods", $$$"""{"spec":{"nodeName":"n1","tolerations":{{{before}}}}}""", $$$"""{"spec":{"nodeName":"n1","tolerations":{{{after}}}}}""");

        Assert.Equal(isAllowed, await AskAsync(new PodRule(Options, new Pods()), request) is null);
        Assert.Null(await AskAsync(new PodRule(Options, new Pods()), request with { Caller = Controller }));
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
        Assert.Equal(isAllowed, await AskAsync(new PodRule(Sandboxed, new Pods { RuntimeClass = "gvisor" }), Create("/pods", $$$"""{"spec":{"runtimeClassName":"{{{runtime}}}"}}""")) is null);

    [Fact]
    public void Pod_GetsWhatIsChosenForAll_AndKeepsWhatItHas()
    {
        const string Pod = """
            {"spec":{"priorityClassName":"usual","priority":0,"initContainers":[{"name":"a","imagePullPolicy":"Always"}],"volumes":[{"name":"v"},{"name":"w","image":{"reference":"x"}}],
            "containers":[{"name":"b"},{"name":"c","imagePullPolicy":"Never"},{"name":"d","image":"sealos.hub/library/hello:1","imagePullPolicy":"IfNotPresent"}]}}
            """;

        var patch = Patch(Chosen, Create("/pods", Pod));

        Assert.Equal(["/spec/runtimeClassName", "/spec/priorityClassName", "/spec/priority", "/spec/preemptionPolicy", "/spec/containers/0/imagePullPolicy", "/spec/containers/1/imagePullPolicy", "/spec/volumes/1/image/pullPolicy"], patch);
        Assert.Empty(Patch(new Pods { RuntimeClass = "gvisor", Priority = Chosen.Priority }, Create("/pods", """{"spec":{"runtimeClassName":"kata","priorityClassName":"tenant"}}""")));
        Assert.Empty(Patch(new Pods { Priority = Chosen.Priority }, Create("/pods", """{"spec":{"priorityClassName":"workspace","priority":-1}}""")));
        Assert.Equal(["/spec/ephemeralContainers/1/imagePullPolicy"], Patch(Chosen, Update("/pods/ephemeralcontainers", """{"spec":{"ephemeralContainers":[{"name":"old"}]}}""", """{"spec":{"ephemeralContainers":[{"name":"old"},{"name":"new"}]}}""")));
    }

    [Fact]
    public void Pod_ThatCannotHaveWhatIsChosen_IsRefusedInOneSentence_AndNotRunWithout()
    {
        var defaults = new PodDefaults(Options, new Pods { RuntimeClass = "gvisor", RuntimeClasses = [] });

        var refusal = defaults.Refuse(Create("/pods", """{"spec":{}}"""))!;

        Assert.Contains("sealos component add gvisor", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("runtimeClass=runc", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("'silver'", new PodDefaults(Options, new Pods { Priority = new PodPriority("silver", null, "Never") }).Refuse(Create("/pods", "{}"))!.Message, StringComparison.Ordinal);
        Assert.Null(new PodDefaults(Options, Chosen).Refuse(Create("/pods", "{}")));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("usual", false)]
    [InlineData("workspace", true)]
    [InlineData("tenant", true)]
    [InlineData("system-cluster-critical", false)]
    public async Task Pod_HasThePriorityOfWorkspaces_AndATemplateMayLeaveItOut(string name, bool isAllowed)
    {
        var pods = new Pods { Priority = Chosen.Priority, DefaultPriority = "usual" };
        var spec = $$$"""{"priorityClassName":"{{{name}}}"}""";

        Assert.Equal(isAllowed, await AskAsync(new PodRule(Sandboxed, pods), Create("/pods", $$"""{"spec":{{spec}}}""")) is null);
        Assert.Equal(isAllowed || name is "" or "usual", await AskAsync(new PodTemplateRule(Sandboxed, pods), Create("apps/deployments", $$"""{"spec":{"template":{"spec":{{spec}} } } }""")) is null);
    }

    [Theory]
    [InlineData("Always", "other", true)]
    [InlineData("IfNotPresent", "same", true)]
    [InlineData("IfNotPresent", "other", false)]
    [InlineData("IfNotPresent", "sealos.hub/library/hello:2", true)]
    public async Task Pod_OfEarlierDays_GetsNoImageFromTheNodesStore(string policy, string image, bool isAllowed)
    {
        var pods = new Pods { PullPolicy = "Always" };
        string Spec(string of) => $$$"""{"spec":{"containers":[{"name":"c","image":"{{{of}}}","imagePullPolicy":"{{{policy}}}"}]}}""";

        Assert.Equal(isAllowed, await AskAsync(new PodRule(Options, pods), Update("/pods", Spec("same"), Spec(image))) is null);
        Assert.Equal(policy == "Always", await AskAsync(new PodRule(Options, pods), Create("/pods", Spec("same"))) is null);
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

    private static List<string> Patch(Pods pods, AdmissionRequest request) => [.. new PodDefaults(Sandboxed, pods).Patch(request).Select(o => (string)o["path"]!)];
}
