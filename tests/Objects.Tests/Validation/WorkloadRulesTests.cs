using System.Text.Json.Nodes;
using Sealos.Objects.Validation;

namespace Sealos.Objects.Tests.Validation;

public sealed class WorkloadRulesTests
{
    private static readonly string StatefulSet = Sample.Deployment.Replace("Deployment", "StatefulSet", StringComparison.Ordinal);
    private static readonly string DaemonSet = Sample.Deployment.Replace("Deployment", "DaemonSet", StringComparison.Ordinal);
    private static readonly string ReplicaSet = Sample.Deployment.Replace("Deployment", "ReplicaSet", StringComparison.Ordinal);

    [Fact]
    public void Create_PlainWorkloads_AreAccepted()
    {
        foreach (var yaml in new[] { Sample.Deployment, StatefulSet, DaemonSet, ReplicaSet })
        {
            Assert.Empty(Sample.CreateErrors(Sample.Ready(yaml)));
        }
    }

    [Fact]
    public void Create_WithoutSelectorAndImage_ReportsAllAsKubernetesDoes()
    {
        var obj = Sample.Ready("{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, namespace: 'ns'}, spec: {template: {spec: {containers: [{name: c}]}}}}");

        Assert.Equal(
            "[spec.selector: Required value, spec.template.metadata.labels: Invalid value: map[string]string(nil): `selector` does not match template `labels`, spec.template.spec.containers[0].image: Required value]",
            FieldErrors.Describe(Validator.ValidateCreate(obj, Sample.KindOf(obj))));
    }

    [Theory]
    [InlineData("spec.replicas", "-1", "spec.replicas: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("spec.minReadySeconds", "-1", "spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("spec.revisionHistoryLimit", "-1", "spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("spec.progressDeadlineSeconds", "0", "spec.progressDeadlineSeconds: Invalid value: 0: must be greater than minReadySeconds")]
    [InlineData("spec.selector", "{matchLabels: {app: other}}", "spec.template.metadata.labels: Invalid value: map[string]string{\"app\":\"d\"}: `selector` does not match template `labels`")]
    [InlineData("spec.selector", "{}", "spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string(nil), MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: empty selector is invalid for deployment")]
    [InlineData("spec.selector", "{matchExpressions: [{key: app, operator: In}]}", "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'")]
    [InlineData("spec.template.spec.restartPolicy", "Never", "spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\"")]
    [InlineData("spec.template.spec.activeDeadlineSeconds", "5", "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported")]
    [InlineData("spec.template.spec.containers[0].name", "A", "spec.template.spec.containers[0].name: Invalid value: \"A\"")]
    [InlineData("spec.template.metadata.annotations", "{'a b': c}", "spec.template.metadata.annotations: Invalid value: \"a b\"")]
    [InlineData("spec.strategy", "{type: Recreate, rollingUpdate: {maxSurge: 1}}", "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'")]
    [InlineData("spec.strategy", "{type: Blue}", "spec.strategy.type: Unsupported value: \"Blue\": supported values: \"Recreate\", \"RollingUpdate\"")]
    [InlineData("spec.strategy", "{rollingUpdate: {maxSurge: 0, maxUnavailable: 0}}", "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0")]
    [InlineData("spec.strategy", "{rollingUpdate: {maxSurge: half}}", "spec.strategy.rollingUpdate.maxSurge: Invalid value: \"half\": a valid percent string must be a numeric value followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')")]
    [InlineData("spec.strategy", "{rollingUpdate: {maxUnavailable: 101%}}", "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"101%\": must not be greater than 100%")]
    [InlineData("spec.strategy", "{rollingUpdate: {maxUnavailable: -1}}", "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: -1: must be greater than or equal to 0")]
    public void Create_BadDeployment_IsNamed(string path, string value, string expected) =>
        Assert.Contains(expected, Assert.Single(Sample.CreateErrors(Sample.With(Sample.Deployment, (path, value)))), StringComparison.Ordinal);

    [Fact]
    public void Create_BadStatefulSet_IsNamed()
    {
        Assert.Contains("spec.podManagementPolicy: Unsupported value: \"Odd\"", Sample.CreateErrors(Sample.With(StatefulSet, ("spec.podManagementPolicy", "Odd")))[0], StringComparison.Ordinal);
        Assert.Contains("only allowed for updateStrategy 'RollingUpdate'", Sample.CreateErrors(Sample.With(StatefulSet, ("spec.updateStrategy", "{type: OnDelete, rollingUpdate: {partition: 1}}")))[0], StringComparison.Ordinal);
        Assert.Contains("empty selector is invalid for statefulset", Sample.CreateErrors(Sample.With(StatefulSet, ("spec.selector", "{}")))[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Create_StatefulSetMountingItsClaims_IsAccepted() => Assert.Empty(Sample.CreateErrors(Sample.With(
        StatefulSet,
        ("spec.template.spec.containers[0].volumeMounts", "[{name: data, mountPath: /data}]"),
        ("spec.volumeClaimTemplates", "[{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]"))));

    [Fact]
    public void Create_BadDaemonSet_IsNamed() => Assert.Contains(
        "spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero",
        Assert.Single(Sample.CreateErrors(Sample.With(DaemonSet, ("spec.updateStrategy", "{rollingUpdate: {maxUnavailable: 1, maxSurge: 1}}")))),
        StringComparison.Ordinal);

    [Fact]
    public void Update_Selector_IsImmutable()
    {
        var old = Sample.Ready(Sample.Deployment);
        var changed = (JsonObject)old.DeepClone();
        Sample.Set(changed, "spec.selector.matchLabels.z", "b");

        Assert.Equal(
            [
                "spec.template.metadata.labels: Invalid value: map[string]string{\"app\":\"d\"}: `selector` does not match template `labels`",
                "spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string{\"app\":\"d\", \"z\":\"b\"}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: field is immutable",
            ],
            Sample.UpdateErrors(changed, old));
    }

    [Fact]
    public void Update_StatefulSet_ChangesFewFields()
    {
        var old = Sample.Ready(StatefulSet);
        var allowed = Sample.With(StatefulSet, ("spec.replicas", "3"), ("spec.template.spec.containers[0].image", "x"), ("spec.minReadySeconds", "1"));
        var refused = Sample.With(StatefulSet, ("spec.serviceName", "other"));

        Assert.Empty(Sample.UpdateErrors(allowed, old));
        Assert.Equal(
            ["spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"],
            Sample.UpdateErrors(refused, old));
    }
}
