using System.Text.Json;

namespace Sealos.Objects.Serialization;

/// <summary>
/// Hands out one string for equal texts, as objects of a cluster repeat the same names, labels and words thousands of times. Bounded:
/// a text that was not asked for lately is forgotten, and its next string is another. Equal texts may so be two strings, and only then
/// cost twice. Safe for any thread.
/// </summary>
public static class StringPool
{
    private const int MostShortChars = 128;
    private const int MostLongChars = 4096;
    private const int LongPlaces = 256;

    private static readonly Table Short = new(4096, 65_536);
    private static readonly Table Long = new(LongPlaces, LongPlaces);

    /// <summary>The string or property name that the reader stands at.</summary>
    public static string Get(ref Utf8JsonReader reader)
    {
        var length = reader.HasValueSequence ? reader.ValueSequence.Length : reader.ValueSpan.Length;
        if (length > MostLongChars)
        {
            return reader.GetString()!;
        }

        Span<char> chars = stackalloc char[length <= MostShortChars ? MostShortChars : MostLongChars];
        return Get(chars[..reader.CopyString(chars)]);
    }

    /// <summary>The string of a text.</summary>
    public static string Get(ReadOnlySpan<char> text) => text.Length switch
    {
        0 => "",
        > MostLongChars => text.ToString(),
        > MostShortChars => Long.Get(text),
        _ => IsOnlyOnce(text) ? text.ToString() : Short.Get(text),
    };

    // Identities and versions are hardly ever asked for again, and would push out what is.
    private static bool IsOnlyOnce(ReadOnlySpan<char> text) =>
        (text.Length == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-') || (text.Length is > 5 and < 20 && !text.ContainsAnyExceptInRange('0', '9'));

    // Each text has one place, by its hash; whoever comes last has it. Places are written without a lock, as a lost one only costs a string.
    private sealed class Table(int places, int most)
    {
        private readonly Lock _growing = new();
        private volatile string?[] _places = new string?[places];
        private int _taken;

        public string Get(ReadOnlySpan<char> text)
        {
            var all = _places;
            ref var place = ref all[(uint)string.GetHashCode(text) & (uint)(all.Length - 1)];
            var known = Volatile.Read(ref place);
            if (known is not null && text.SequenceEqual(known.AsSpan()))
            {
                return known;
            }

            var made = text.ToString();
            Volatile.Write(ref place, made);
            if (known is null && Interlocked.Increment(ref _taken) > all.Length / 2 && all.Length < most)
            {
                Grow(all);
            }

            return made;
        }

        private void Grow(string?[] from)
        {
            lock (_growing)
            {
                if (_places != from)
                {
                    return;
                }

                var (grown, taken) = (new string?[from.Length * 4], 0);
                foreach (var text in from)
                {
                    if (text is not null)
                    {
                        grown[(uint)string.GetHashCode(text.AsSpan()) & (uint)(grown.Length - 1)] = text;
                        taken++;
                    }
                }

                (_taken, _places) = (taken, grown);
            }
        }
    }
}
