using System.Text.Json;

namespace Sealos.ApiServer.Watch;

/// <summary>
/// Keeps one string for the many equal namespaces, label names and label values. Bounded: what does not fit is
/// simply not shared.
/// </summary>
internal static class Names
{
    private const int MaxNames = 16_384;
    private const int MaxLength = 128;

    private static readonly Lock Gate = new();
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal);
    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Lookup = Known.GetAlternateLookup<ReadOnlySpan<char>>();

    public static string Intern(ReadOnlySpan<char> text)
    {
        lock (Gate)
        {
            if (Lookup.TryGetValue(text, out var known))
            {
                return known;
            }

            var made = text.ToString();
            if (Known.Count < MaxNames)
            {
                Known.Add(made);
            }

            return made;
        }
    }

    /// <summary>The string that the reader stands at; empty when it stands at something else.</summary>
    public static string Intern(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName))
        {
            return "";
        }

        if (reader.ValueSpan.Length > MaxLength)
        {
            return reader.GetString()!;
        }

        Span<char> chars = stackalloc char[MaxLength];
        return Intern(chars[..reader.CopyString(chars)]);
    }
}
