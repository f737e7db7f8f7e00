using System.Text.Json.Nodes;
using Sealos.Objects.Validation;

namespace Sealos.Objects.Tests.Validation;

public sealed class PodUpdateRulesTests
{
    [Theory]
    [InlineData("metadata.labels", "{a: b}")]
    [InlineData("spec.containers[0].image", "nginx:2")]
    [InlineData("spec.activeDeadlineSeconds", "5")]
    [InlineData("spec.tolerations", "[{key: old, operator: Exists}, {key: new, operator: Exists}]")]
    [InlineData("spec.schedulingGates", null)]
    public void Update_WhatMayChange_IsAccepted(string path, string? value)
    {
        var old = Old();
        var changed = (JsonObject)old.DeepClone();
        Sample.Set(changed, path, value);

        Assert.Empty(Sample.UpdateErrors(Sample.Ready(changed), old));
    }

    [Theory]
    [InlineData("spec.containers", "[{name: c, image: i}, {name: d, image: i}]", "spec.containers: Forbidden: pod updates may not add or remove containers")]
    [InlineData("spec.activeDeadlineSeconds", "20", "spec.activeDeadlineSeconds: Invalid value: 20: must be less than or equal to previous value")]
    [InlineData("spec.activeDeadlineSeconds", null, "spec.activeDeadlineSeconds: Invalid value: \"null\": must not update from a positive integer to nil value")]
    [InlineData("spec.tolerations", "[]", "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds")]
    [InlineData("spec.schedulingGates", "[{name: other}]", "spec.schedulingGates: Forbidden: only deletion is allowed, but found new scheduling gate 'other'")]
    [InlineData("spec.hostname", "h", "this update changes `spec.hostname`")]
    [InlineData("spec.nodeName", "node1", "this update changes `spec.nodeName`")]
    [InlineData("spec.containers[0].command", "[a]", "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative); this update changes `spec.containers`")]
    public void Update_WhatMayNotChange_IsRefused(string path, string? value, string expected)
    {
        var old = Old();
        var changed = (JsonObject)old.DeepClone();
        Sample.Set(changed, path, value);

        Assert.Contains(Sample.UpdateErrors(Sample.Ready(changed), old), e => e.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void Update_NegativeGrace_MayBecomeOne()
    {
        var old = Sample.With(Sample.Pod, ("spec.terminationGracePeriodSeconds", "-5"));

        Assert.Empty(Sample.UpdateErrors(Sample.With(Sample.Pod, ("spec.terminationGracePeriodSeconds", "1")), old));
        Assert.NotEmpty(Sample.UpdateErrors(Sample.With(Sample.Pod, ("spec.terminationGracePeriodSeconds", "2")), old));
    }

    [Fact]
    public void Update_EphemeralContainers_MayOnlyBeAdded()
    {
        var old = Sample.With(Sample.Pod, ("spec.ephemeralContainers", "[{name: a, image: i}]"));
        var more = Sample.With(Sample.Pod, ("spec.ephemeralContainers", "[{name: a, image: i}, {name: b, image: i, targetContainerName: c}]"));
        var other = Sample.With(Sample.Pod, ("spec.ephemeralContainers", "[{name: a, image: j}]"), ("spec.hostname", "h"));

        Assert.Empty(Validator.ValidateUpdate(more, old, Sample.KindOf(old), "ephemeralcontainers"));
        Assert.Single(Validator.ValidateUpdate(old, more, Sample.KindOf(old), "ephemeralcontainers"));
        Assert.Equal(2, Validator.ValidateUpdate(other, old, Sample.KindOf(old), "ephemeralcontainers").Count);
        Assert.NotEmpty(Sample.UpdateErrors(more, old));
    }

    [Fact]
    public void Update_OfStatus_DoesNotJudgeTheSpecAgain()
    {
        var old = Sample.With(Sample.Pod, ("spec.restartPolicy", "Odd"));
        var changed = (JsonObject)old.DeepClone();
        Sample.Set(changed, "status.phase", "Running");

        Assert.Empty(Validator.ValidateUpdate(changed, old, Sample.KindOf(old), "status"));
        Assert.NotEmpty(Sample.UpdateErrors(changed, old));
    }

    private static JsonObject Old() => Sample.With(
        Sample.Pod,
        ("spec.activeDeadlineSeconds", "10"),
        ("spec.tolerations", "[{key: old, operator: Exists}]"),
        ("spec.schedulingGates", "[{name: g}]"));
}
