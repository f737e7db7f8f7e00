using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Defaults;

/// <summary>Sets what is missing.</summary>
internal static class DefaultSetter
{
    /// <summary>The object of that name, made when missing.</summary>
    public static JsonObject Ensure(this JsonObject obj, string name)
    {
        if (obj[name] is not JsonObject child)
        {
            obj[name] = child = [];
        }

        return child;
    }

    /// <summary>Sets a string that is missing or empty.</summary>
    public static void SetDefault(this JsonObject obj, string name, string value)
    {
        if (string.IsNullOrEmpty(obj.Text(name)))
        {
            obj[name] = value;
        }
    }

    /// <summary>Sets a value that is missing.</summary>
    public static void SetMissing(this JsonObject obj, string name, JsonNode value) => _ = obj[name] ?? (obj[name] = value);
}
