using System.Globalization;
using System.Text;

namespace Sealos.Node.Logs;

/// <summary>One line as the container runtime writes it: <c>time stream tag content</c>.</summary>
/// <remarks>The tag is P when the program's line goes on in the next one, else F.</remarks>
internal readonly ref struct CriLogLine
{
    private CriLogLine(ReadOnlySpan<byte> time, bool isPartial, ReadOnlySpan<byte> content)
    {
        Time = time;
        IsPartial = isPartial;
        Content = content;
    }

    /// <summary>When it was written, as text.</summary>
    public ReadOnlySpan<byte> Time { get; }

    /// <summary>Whether the program's line goes on.</summary>
    public bool IsPartial { get; }

    /// <summary>What the program wrote, without the line's end.</summary>
    public ReadOnlySpan<byte> Content { get; }

    /// <summary>Reads a line without its line feed.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out CriLogLine parsed)
    {
        parsed = default;
        var time = line.IndexOf((byte)' ');
        if (time <= 0)
        {
            return false;
        }

        var stream = line[(time + 1)..].IndexOf((byte)' ');
        var tag = time + 1 + stream + 1;
        if (stream <= 0 || tag >= line.Length || (line[tag] != 'P' && line[tag] != 'F'))
        {
            return false;
        }

        // Tags may grow further letters after a colon; the content starts after the next space.
        var content = line[tag..].IndexOf((byte)' ');
        parsed = new CriLogLine(line[..time], line[tag] == 'P', content < 0 ? [] : line[(tag + content + 1)..]);
        return true;
    }

    /// <summary>Whether it was written at <paramref name="since"/> or later; a time that cannot be read counts as new.</summary>
    public bool IsSince(in LogTime since)
    {
        if (Time.Length > LogTime.SecondsLength && Time[^1] == 'Z')
        {
            var seconds = Time[..LogTime.SecondsLength].SequenceCompareTo(since.Seconds);
            if (seconds != 0)
            {
                return seconds > 0;
            }
        }

        return !DateTimeOffset.TryParse(Encoding.ASCII.GetString(Time), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) || time >= since.Value;
    }

    /// <summary>Writes the time with all nine digits of its fraction, which the runtime shortens; returns how many bytes that took.</summary>
    public int FormatTime(Span<byte> destination)
    {
        const int FractionDigits = 9;
        var dot = Time.IndexOf((byte)'.');
        var head = dot < 0 ? Math.Min(LogTime.SecondsLength, Time.Length) : dot;
        var digits = dot < 0 ? [] : Time[(dot + 1)..];
        var zone = digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        digits = zone < 0 ? digits : digits[..zone];
        var rest = Time[(dot < 0 ? head : dot + 1 + digits.Length)..];

        Time[..head].CopyTo(destination);
        destination[head] = (byte)'.';
        var fraction = destination.Slice(head + 1, Math.Max(FractionDigits, digits.Length));
        fraction.Fill((byte)'0');
        digits.CopyTo(fraction);
        rest.CopyTo(destination[(head + 1 + fraction.Length)..]);
        return head + 1 + fraction.Length + rest.Length;
    }
}

/// <summary>A moment in the two forms that lines are compared with.</summary>
internal readonly struct LogTime(DateTimeOffset value)
{
    /// <summary>Length of <c>2026-01-02T03:04:05</c>.</summary>
    public const int SecondsLength = 19;

    private readonly byte[] _seconds = Encoding.ASCII.GetBytes(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture));

    public DateTimeOffset Value { get; } = value;

    public ReadOnlySpan<byte> Seconds => _seconds;
}
