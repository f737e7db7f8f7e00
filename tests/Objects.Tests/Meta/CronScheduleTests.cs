using System.Globalization;
using Sealos.Objects.Meta;

namespace Sealos.Objects.Tests.Meta;

public sealed class CronScheduleTests
{
    [Theory]
    [InlineData("0 0 * * *")]
    [InlineData("*/15,3 1-5/2 ? jan-mar,DEC mon")]
    [InlineData("5/10 * * * *")]
    [InlineData("@every 1h30m10s")]
    [InlineData("@every 1.5h")]
    [InlineData("@annually")]
    public void TryParse_Schedule_IsRead(string text) => Assert.True(CronSchedule.TryParse(text, out _, out _));

    [Theory]
    [InlineData("", "expected exactly 5 fields, found 0: []")]
    [InlineData("* * * * * *", "expected exactly 5 fields, found 6: [* * * * * *]")]
    [InlineData("60 * * * *", "end of range (60) above maximum (59): 60")]
    [InlineData("* * 0 * *", "beginning of range (0) below minimum (1): 0")]
    [InlineData("5-3 * * * *", "beginning of range (5) beyond end of range (3): 5-3")]
    [InlineData("*/0 * * * *", "step of range should be a positive number: */0")]
    [InlineData("*/2/3 * * * *", "too many slashes: */2/3")]
    [InlineData("1-2-3 * * * *", "too many hyphens: 1-2-3")]
    [InlineData("a * * * *", "failed to parse int from a: strconv.Atoi: parsing \"a\": invalid syntax")]
    [InlineData("99999999999999999999 * * * *", "failed to parse int from 99999999999999999999: strconv.Atoi: parsing \"99999999999999999999\": value out of range")]
    [InlineData("@never", "unrecognized descriptor: @never")]
    [InlineData("@every", "unrecognized descriptor: @every")]
    [InlineData("@every 5", "failed to parse duration @every 5: time: missing unit in duration \"5\"")]
    [InlineData("@every 5d", "failed to parse duration @every 5d: time: unknown unit \"d\" in duration \"5d\"")]
    [InlineData("@every x", "failed to parse duration @every x: time: invalid duration \"x\"")]
    [InlineData("@every 99999999h", "failed to parse duration @every 99999999h: time: invalid duration \"99999999h\"")]
    public void TryParse_NoSchedule_IsExplained(string text, string error)
    {
        Assert.False(CronSchedule.TryParse(text, out _, out var why));

        Assert.Equal(error, why);
    }

    [Theory]
    [InlineData("* * * * *", "UTC", "2030-01-01T00:00:00Z", "2030-01-01T00:01:00Z")]
    [InlineData("* * * * *", "UTC", "2030-01-01T00:00:59.9Z", "2030-01-01T00:01:00Z")]
    [InlineData("*/15 * * * *", "UTC", "2030-01-01T00:46:00Z", "2030-01-01T01:00:00Z")]
    [InlineData("0 0 1 * *", "UTC", "2030-12-31T12:00:00Z", "2031-01-01T00:00:00Z")]
    [InlineData("0 0 29 feb *", "UTC", "2030-01-01T00:00:00Z", "2032-02-29T00:00:00Z")]
    [InlineData("0 12 13 * fri", "UTC", "2030-09-07T00:00:00Z", "2030-09-13T12:00:00Z")]
    [InlineData("0 12 * * fri", "UTC", "2030-09-07T00:00:00Z", "2030-09-13T12:00:00Z")]
    [InlineData("@weekly", "UTC", "2030-09-07T00:00:00Z", "2030-09-08T00:00:00Z")]
    [InlineData("@every 90m", "UTC", "2030-01-01T00:10:00.5Z", "2030-01-01T01:40:00Z")]
    [InlineData("0 9 * * *", "America/New_York", "2030-01-01T00:00:00Z", "2030-01-01T14:00:00Z")]
    [InlineData("0 9 * * *", "Asia/Kolkata", "2030-01-01T04:00:00Z", "2030-01-02T03:30:00Z")]
    public void Next_Schedule_IsTheFirstTimeAfter(string text, string zone, string after, string next) => Assert.Equal(Time(next), Next(text, zone, Time(after)));

    // On March 10th 2030 there is no 02:30 in New York; on November 3rd there are two of 01:30.
    [Theory]
    [InlineData("30 2 * * *", "2030-03-10T05:00:00Z", "2030-03-11T06:30:00Z")]
    [InlineData("0 3 * * *", "2030-03-10T05:00:00Z", "2030-03-10T07:00:00Z")]
    [InlineData("30 1 * * *", "2030-11-03T04:00:00Z", "2030-11-03T05:30:00Z")]
    [InlineData("30 1 * * *", "2030-11-03T05:30:00Z", "2030-11-03T06:30:00Z")]
    [InlineData("0 0 * * *", "2030-11-03T12:00:00Z", "2030-11-04T05:00:00Z")]
    public void Next_WhereClocksAreChanged_FollowsThem(string text, string after, string next) => Assert.Equal(Time(next), Next(text, "America/New_York", Time(after)));

    [Fact]
    public void Next_DayWhoseMidnightIsMissing_BeginsAtOne() =>
        Assert.Equal(Time("2018-11-04T03:00:00Z"), Next("0 1 4 11 *", "America/Sao_Paulo", Time("2018-11-03T12:00:00Z")));

    [Fact]
    public void Next_DayThatNeverComes_IsNone() => Assert.Null(Next("59 23 31 2 *", "UTC", Time("2030-01-01T00:00:00Z")));

    private static DateTimeOffset? Next(string text, string zone, DateTimeOffset after)
    {
        Assert.True(CronSchedule.TryParse(text, out var schedule, out _));
        Assert.True(TimeZones.TryFind(zone, out var found));
        return schedule.Next(after, found);
    }

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
