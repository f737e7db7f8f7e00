using System.Text.Json;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Watch;

/// <summary>One string for the many equal namespaces, label names and label values.</summary>
internal static class Names
{
    public static string Intern(ReadOnlySpan<char> text) => StringPool.Get(text);

    /// <summary>The string that the reader stands at; empty when it stands at something else.</summary>
    public static string Intern(ref Utf8JsonReader reader) =>
        reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName ? StringPool.Get(ref reader) : "";
}
