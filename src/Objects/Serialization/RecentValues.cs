namespace Sealos.Objects.Serialization;

/// <summary>
/// Remembers what was made of a text, so that equal texts of many objects share one value. The values must never be changed. Bounded in
/// number and in length of the texts; what was not asked for lately is made again. Safe for any thread.
/// </summary>
public sealed class RecentValues<T>(int places, Func<string, T> make)
    where T : class
{
    private const int MostChars = 16 * 1024;

    private readonly Known?[] _known = new Known?[places];

    /// <summary>The value of a text.</summary>
    public T Get(string text)
    {
        if (text.Length > MostChars)
        {
            return make(text);
        }

        ref var place = ref _known[(uint)string.GetHashCode(text, StringComparison.Ordinal) % (uint)_known.Length];
        if (Volatile.Read(ref place) is { } known && known.Text == text)
        {
            return known.Value;
        }

        var value = make(text);
        Volatile.Write(ref place, new Known(text, value));
        return value;
    }

    private sealed record Known(string Text, T Value);
}
