using Sealos.Objects.Validation;

namespace Sealos.Objects.Tests.Validation;

public sealed class JobStatusRulesTests
{
    private const string Done = "{type: SuccessCriteriaMet, status: 'True'}, {type: Complete, status: 'True'}";
    private const string Times = "startTime: '2030-01-01T00:00:00Z', completionTime: '2030-01-01T00:01:00Z'";

    [Theory]
    [InlineData("{}", "{active: 1, ready: 1, startTime: '2030-01-01T00:00:00Z'}", null)]
    [InlineData("{}", "{active: 1, ready: 2}", "status.ready: Invalid value: 2: cannot set more ready pods than active")]
    [InlineData("{}", "{conditions: [" + Done + "], " + Times + "}", null)]
    [InlineData("{}", "{conditions: [{type: Complete, status: 'True'}], " + Times + "}", "status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition")]
    [InlineData("{}", "{conditions: [{type: Failed, status: 'True'}], startTime: '2030-01-01T00:00:00Z'}", "status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition")]
    [InlineData("{}", "{conditions: [" + Done + "], startTime: '2030-01-01T00:00:00Z'}", "status.completionTime: Required value: completionTime is required for Complete jobs")]
    [InlineData("{}", "{conditions: [" + Done + "], " + Times + ", active: 1}", "status.active: Invalid value: 1: active>0 is invalid for finished job")]
    [InlineData("{}", "{conditions: [" + Done + "], " + Times + ", terminating: 1}", "status.terminating: Invalid value: 1: terminating>0 is invalid for finished job")]
    [InlineData("{conditions: [" + Done + "], " + Times + "}", "{" + Times + "}", "status.conditions: Invalid value: cannot disable the terminal Complete=True condition")]
    [InlineData("{failed: 2}", "{failed: 1}", "status.failed: Invalid value: 1: cannot decrease the failed counter")]
    [InlineData("{succeeded: 2}", "{succeeded: 1}", "status.succeeded: Invalid value: 1: cannot decrease the succeeded counter")]
    [InlineData("{startTime: '2030-01-01T00:00:00Z'}", "{}", "status.startTime: Required value: startTime cannot be removed for unsuspended job")]
    [InlineData("{}", "{completedIndexes: '0'}", "status.completedIndexes: Invalid value: \"0\": cannot set non-empty completedIndexes when non-indexed completion mode")]
    [InlineData("{}", "{uncountedTerminatedPods: {succeeded: [a], failed: [a]}}", "status.uncountedTerminatedPods.failed[0]: Duplicate value: \"a\"")]
    public void Update_Status_KeepsItsPromises(string before, string now, string? error)
    {
        var errors = Errors("{completions: 4, parallelism: 1}", before, now);

        Assert.Equal(error, error is null ? errors.FirstOrDefault() : errors.Find(e => e == error) ?? string.Join('\n', errors));
    }

    [Theory]
    [InlineData("{completedIndexes: '0-2', failedIndexes: '3'}", null)]
    [InlineData("{completedIndexes: '0-2', failedIndexes: '2'}", "status.failedIndexes: Invalid value: \"2\": failedIndexes and completedIndexes overlap at index: 2")]
    [InlineData("{completedIndexes: '2,1'}", "status.completedIndexes: Invalid value: \"2,1\": error parsing completedIndexes: non-increasing order, previous: 2, current: 1")]
    [InlineData("{completedIndexes: '7'}", "status.completedIndexes: Invalid value: \"7\": error parsing completedIndexes: too large index: \"7\"")]
    public void Update_Indexes_AreReadableAndApart(string now, string? error) =>
        Assert.Equal(error is null ? [] : [error], Errors("{completionMode: Indexed, completions: 4, parallelism: 4, backoffLimitPerIndex: 1}", "{}", now));

    private static List<string> Errors(string spec, string before, string now)
    {
        var list = new ErrorList();
        var head = $"apiVersion: batch/v1, kind: Job, metadata: {{name: j}}, spec: {spec}";
        JobStatusRules.Part(Sample.Yaml($"{{{head}, status: {now}}}"), Sample.Yaml($"{{{head}, status: {before}}}"), "status", list);
        return [.. list.Errors.Select(e => e.ToString())];
    }
}
