namespace Sealos.Objects.Tests.Validation;

public sealed class CronJobRulesTests
{
    private const string CronJob = "{apiVersion: batch/v1, kind: CronJob, metadata: {name: j, namespace: 'ns'}, spec: {schedule: '@daily', jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}}}}";

    [Theory]
    [InlineData("* * * * *", null)]
    [InlineData("*/5 0-6,12 1 jan mon-fri", null)]
    [InlineData("@daily", null)]
    [InlineData("* * * *", "expected exactly 5 fields, found 4: [* * * *]")]
    [InlineData("TZ=UTC * * * * *", "cannot use TZ or CRON_TZ in schedule, use timeZone field instead")]
    public void Create_Schedule_IsChecked(string schedule, string? detail) =>
        Assert.Equal(detail is null ? [] : [$"spec.schedule: Invalid value: \"{schedule}\": {detail}"], Sample.CreateErrors(Sample.With(CronJob, ("spec.schedule", $"'{schedule}'"))));

    [Theory]
    [InlineData("Europe/Berlin", null)]
    [InlineData("UTC", null)]
    [InlineData("Etc/GMT+5", null)]
    [InlineData("", "timeZone must be nil or non-empty string")]
    [InlineData("Local", "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones")]
    [InlineData("Mars/Olympus", "unknown time zone Mars/Olympus")]
    [InlineData("../../etc/passwd", "unknown time zone ../../etc/passwd")]
    [InlineData("Eastern Standard Time", "unknown time zone Eastern Standard Time")]
    public void Create_TimeZone_IsChecked(string zone, string? detail) =>
        Assert.Equal(detail is null ? [] : [$"spec.timeZone: Invalid value: \"{zone}\": {detail}"], Sample.CreateErrors(Sample.With(CronJob, ("spec.timeZone", $"'{zone}'"))));

    [Theory]
    [InlineData("metadata.name", "a123456789b123456789c123456789d123456789e123456789f12", "metadata.name: Invalid value: \"a123456789b123456789c123456789d123456789e123456789f12\": must be no more than 52 characters")]
    [InlineData("spec.successfulJobsHistoryLimit", "-1", "spec.successfulJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("spec.concurrencyPolicy", "Never", "spec.concurrencyPolicy: Unsupported value: \"Never\": supported values: \"Allow\", \"Forbid\", \"Replace\"")]
    [InlineData("spec.jobTemplate.spec.manualSelector", "true", "spec.jobTemplate.spec.manualSelector: Unsupported value: \"true\": supported values: \"false\", \"nil\"")]
    [InlineData("spec.jobTemplate.spec.parallelism", "-1", "spec.jobTemplate.spec.parallelism: Invalid value: -1: must be greater than or equal to 0")]
    public void Create_CronJob_IsChecked(string path, string value, string error) =>
        Assert.Equal([error], Sample.CreateErrors(Sample.With(CronJob, (path, value))));
}
