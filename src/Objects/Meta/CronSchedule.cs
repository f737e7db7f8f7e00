using System.Diagnostics.CodeAnalysis;

namespace Sealos.Objects.Meta;

/// <summary>When something recurs: five fields of minute, hour, day, month and weekday, a word such as <c>@daily</c>, or <c>@every 90m</c>.</summary>
public sealed class CronSchedule
{
    private const int YearsLookedAhead = 5;

    private readonly CronFields? _fields;
    private readonly TimeSpan _every;

    private CronSchedule(CronFields? fields, TimeSpan every)
    {
        _fields = fields;
        _every = every;
    }

    /// <summary>Reads a schedule; when it is none, <paramref name="error"/> says why.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out CronSchedule? schedule, [NotNullWhen(false)] out string? error)
    {
        const string Every = "@every ";
        schedule = null;
        if (text.StartsWith(Every, StringComparison.Ordinal))
        {
            if (!GoDuration.TryParse(text[Every.Length..], out var duration, out error))
            {
                error = $"failed to parse duration {text}: {error}";
                return false;
            }

            var seconds = Math.Max(1, Math.Floor(duration.TotalSeconds));
            schedule = new CronSchedule(null, TimeSpan.FromSeconds(seconds));
            return true;
        }

        if (CronFields.TryParse(text, out var fields, out error))
        {
            schedule = new CronSchedule(fields, default);
            return true;
        }

        return false;
    }

    /// <summary>The first time after <paramref name="after"/> by the clocks of a zone; null when there is none in years, as for February 31st.</summary>
    public DateTimeOffset? Next(DateTimeOffset after, TimeZoneInfo zone)
    {
        var utc = after.UtcDateTime;
        var second = new DateTime(utc.Ticks - (utc.Ticks % TimeSpan.TicksPerSecond), DateTimeKind.Utc);
        if (_fields is null)
        {
            return new DateTimeOffset(second + _every);
        }

        var clock = new ZoneClock(zone, second.AddSeconds(1));
        return Seek(clock, clock.Local.Year + YearsLookedAhead) ? new DateTimeOffset(clock.Utc) : null;
    }

    // From the largest unit to the smallest; whenever one wraps around, the larger ones are looked at again.
    private bool Seek(ZoneClock clock, int lastYear)
    {
        while (clock.Local.Year <= lastYear)
        {
            if (SeekMonth(clock) && SeekDay(clock) && SeekHour(clock) && SeekMinute(clock))
            {
                return true;
            }
        }

        return false;
    }

    private bool SeekMonth(ZoneClock clock)
    {
        while (!_fields!.HasMonth(clock.Local.Month))
        {
            clock.MoveToMonth(clock.Local.Year, clock.Local.Month + 1);
            if (clock.Local.Month == 1)
            {
                return false;
            }
        }

        return true;
    }

    private bool SeekDay(ZoneClock clock)
    {
        while (!_fields!.HasDay(clock.Local))
        {
            clock.MoveToDay(clock.Local.Date.AddDays(1));
            if (clock.Local.Day == 1)
            {
                return false;
            }
        }

        return true;
    }

    private bool SeekHour(ZoneClock clock)
    {
        while (!_fields!.HasHour(clock.Local.Hour))
        {
            clock.MoveToNextHour();
            if (clock.Local.Hour == 0)
            {
                return false;
            }
        }

        return true;
    }

    private bool SeekMinute(ZoneClock clock)
    {
        if (clock.Local.Second != 0)
        {
            clock.MoveToNextMinute();
            if (clock.Local.Minute == 0)
            {
                return false;
            }
        }

        while (!_fields!.HasMinute(clock.Local.Minute))
        {
            clock.MoveToNextMinute();
            if (clock.Local.Minute == 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A moment, moved by what the clocks of a zone show: hours and minutes pass, months and days begin.</summary>
    private sealed class ZoneClock(TimeZoneInfo zone, DateTime utc)
    {
        public DateTime Utc { get; private set; } = utc;

        public DateTime Local { get; private set; } = At(zone, utc);

        public void MoveToMonth(int year, int month) => MoveToDay(month > 12 ? new DateTime(year + 1, 1, 1) : new DateTime(year, month, 1));

        // Where clocks go forward at midnight the day begins at one.
        public void MoveToDay(DateTime day)
        {
            var start = day;
            while (zone.IsInvalidTime(start))
            {
                start = start.AddMinutes(15);
            }

            var offset = zone.IsAmbiguousTime(start) ? zone.GetAmbiguousTimeOffsets(start).Max() : zone.GetUtcOffset(start);
            Set(DateTime.SpecifyKind(start - offset, DateTimeKind.Utc));
        }

        public void MoveToNextHour() => Set(Utc.AddMinutes(60 - Local.Minute).AddSeconds(-Local.Second));

        public void MoveToNextMinute() => Set(Utc.AddSeconds(60 - Local.Second));

        private void Set(DateTime utc)
        {
            Utc = utc;
            Local = At(zone, utc);
        }

        private static DateTime At(TimeZoneInfo zone, DateTime utc) => DateTime.SpecifyKind(utc + zone.GetUtcOffset(utc), DateTimeKind.Unspecified);
    }
}
