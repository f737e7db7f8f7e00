using System.Text.Json;
using Sealos.ApiServer.Authentication;

namespace Sealos.ApiServer.Http;

/// <summary>What reviews and events are written with.</summary>
internal static class JsonWriting
{
    /// <summary>Writes the fields of a user into the object that is open.</summary>
    public static void WriteUser(this Utf8JsonWriter writer, UserInfo user)
    {
        writer.WriteString("username"u8, user.Name);
        writer.WriteIfAny("uid", user.Uid);
        writer.WriteTexts("groups", user.Groups);
        if (user.Extra.Count > 0)
        {
            writer.WriteStartObject("extra"u8);
            foreach (var (name, values) in user.Extra)
            {
                writer.WriteTexts(name, values);
            }

            writer.WriteEndObject();
        }
    }

    public static void WriteTexts(this Utf8JsonWriter writer, string name, IReadOnlyList<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }

    /// <summary>Writes a field unless it is empty.</summary>
    public static void WriteIfAny(this Utf8JsonWriter writer, string name, string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            writer.WriteString(name, text);
        }
    }
}
