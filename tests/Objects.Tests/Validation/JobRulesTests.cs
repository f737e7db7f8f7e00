using System.Text.Json.Nodes;

namespace Sealos.Objects.Tests.Validation;

public sealed class JobRulesTests
{
    private const string Job = """
        {apiVersion: batch/v1, kind: Job, metadata: {name: j, namespace: 'ns'}, spec: {manualSelector: true, selector: {matchLabels: {a: b}},
         template: {metadata: {labels: {a: b}}, spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}}
        """;

    private const string Indexed = """
        {apiVersion: batch/v1, kind: Job, metadata: {name: j, namespace: 'ns'}, spec: {manualSelector: true, selector: {matchLabels: {a: b}}, completionMode: Indexed, completions: 4, parallelism: 4,
         template: {metadata: {labels: {a: b}}, spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}}
        """;

    [Theory]
    [InlineData("spec.parallelism", "2", null)]
    [InlineData("spec.parallelism", "-1", "spec.parallelism: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("spec.template.spec.restartPolicy", "Always", "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\"")]
    [InlineData("spec.backoffLimitPerIndex", "1", "spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode")]
    [InlineData("spec.managedBy", "me", "spec.managedBy: Invalid value: \"me\": must be a domain-prefixed path (such as \"acme.io/foo\")")]
    [InlineData("spec.managedBy", "acme.io/foo", null)]
    [InlineData("spec.selector", "{matchLabels: {a: c}}", "spec.template.metadata.labels: Invalid value: map[string]string{\"a\":\"b\"}: `selector` does not match template `labels`")]
    [InlineData("spec.podFailurePolicy", "{rules: [{action: FailJob, onExitCodes: {operator: In, values: [1]}}]}", null)]
    [InlineData("spec.podFailurePolicy", "{rules: [{action: FailJob}]}", "spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required")]
    [InlineData("spec.podFailurePolicy", "{rules: [{action: FailIndex, onPodConditions: [{type: DisruptionTarget}]}]}", "spec.podFailurePolicy.rules[0].action: Invalid value: \"FailIndex\": requires the backoffLimitPerIndex to be set")]
    [InlineData("spec.podFailurePolicy", "{rules: [{action: Count, onExitCodes: {operator: In, values: [0]}}]}", "spec.podFailurePolicy.rules[0].onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator")]
    [InlineData("spec.podFailurePolicy", "{rules: [{action: Count, onExitCodes: {operator: NotIn, values: [2, 1]}}]}", "spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [2, 1]: must be ordered")]
    [InlineData("spec.podFailurePolicy", "{rules: [{action: Count, onExitCodes: {operator: In, values: [1], containerName: x}}]}", "spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: \"x\": must be one of the container or initContainer names in the pod template")]
    public void Create_Job_IsChecked(string path, string value, string? error) =>
        Assert.Equal(error is null ? [] : [error], Sample.CreateErrors(Sample.With(Job, (path, value))));

    [Theory]
    [InlineData("spec.maxFailedIndexes", "1", "spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified")]
    [InlineData("spec.parallelism", "100001", "spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed")]
    [InlineData("spec.successPolicy", "{rules: [{succeededIndexes: '0,2-3', succeededCount: 2}]}", null)]
    [InlineData("spec.successPolicy", "{rules: []}", "spec.successPolicy.rules: Required value: at least one rules must be specified when the successPolicy is specified")]
    [InlineData("spec.successPolicy", "{rules: [{succeededIndexes: '0,4'}]}", "spec.successPolicy.rules[0].succeededIndexes: Invalid value: \"0,4\": error parsing succeededIndexes: too large index: \"4\"")]
    [InlineData("spec.successPolicy", "{rules: [{succeededIndexes: '2-1'}]}", "spec.successPolicy.rules[0].succeededIndexes: Invalid value: \"2-1\": error parsing succeededIndexes: non-increasing order, previous: 2, current: 1")]
    [InlineData("spec.successPolicy", "{rules: [{succeededCount: 5}]}", "spec.successPolicy.rules[0].succeededCount: Invalid value: 5: must be less than or equal to 4 (the number of specified completions)")]
    public void Create_IndexedJob_IsChecked(string path, string value, string? error) =>
        Assert.Equal(error is null ? [] : [error], Sample.CreateErrors(Sample.With(Indexed, (path, value))));

    [Fact]
    public void Create_JobThatWantsAGeneratedSelector_MustHaveTheGeneratedOne()
    {
        var job = Sample.With(Job, ("spec.manualSelector", "false"), ("metadata.uid", "u"));

        var errors = Sample.CreateErrors(job);

        Assert.Contains("spec.template.metadata.labels[batch.kubernetes.io/job-name]: Required value: must be 'j'", errors);
        Assert.Contains(errors, e => e.EndsWith("`selector` not auto-generated", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("spec.completions", "5", "spec.completions: Invalid value: 5: can only be modified in tandem with spec.parallelism")]
    [InlineData("spec.parallelism", "9", null)]
    [InlineData("spec.backoffLimit", "9", null)]
    [InlineData("spec.suspend", "true", null)]
    [InlineData("spec.completionMode", "NonIndexed", "spec.completionMode: Invalid value: \"NonIndexed\": field is immutable")]
    public void Update_IndexedJob_ChangesFewFields(string path, string value, string? error) =>
        Assert.Equal(error is null ? [] : [error], Sample.UpdateErrors(Sample.With(Indexed, (path, value)), Sample.Ready(Indexed)));

    [Fact]
    public void Update_CompletionsWithParallelism_MayChange() =>
        Assert.Empty(Sample.UpdateErrors(Sample.With(Indexed, ("spec.completions", "6"), ("spec.parallelism", "6")), Sample.Ready(Indexed)));

    [Fact]
    public void Update_TemplateOfRunningJob_IsImmutable()
    {
        var changed = Sample.With(Job, ("spec.template.spec.nodeSelector", "{disk: fast}"));

        Assert.Contains("spec.template: Invalid value: ", Assert.Single(Sample.UpdateErrors(changed, Sample.Ready(Job))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("spec.template.spec.nodeSelector", "{disk: fast}", true)]
    [InlineData("spec.template.spec.tolerations", "[{operator: Exists}]", true)]
    [InlineData("spec.template.metadata.annotations", "{x: z}", true)]
    [InlineData("spec.template.spec.affinity", "{nodeAffinity: {}}", true)]
    [InlineData("spec.template.spec.affinity", "{podAffinity: {}}", false)]
    [InlineData("spec.template.spec.containers[0].image", "other", false)]
    public void Update_TemplateOfJobThatHasNotBegun_MayBePlacedElsewhere(string path, string value, bool isAllowed)
    {
        var old = Sample.With(Job, ("spec.suspend", "true"));

        Assert.Equal(isAllowed, Sample.UpdateErrors(Sample.With(Job, ("spec.suspend", "true"), (path, value)), old).Count == 0);
        Assert.NotEmpty(Sample.UpdateErrors(Sample.With(Job, ("spec.suspend", "true"), (path, value)), Started(old)));
    }

    private static JsonObject Started(JsonObject job)
    {
        job["status"] = new JsonObject { ["startTime"] = "2030-01-01T00:00:00Z" };
        return job;
    }
}
