using System.Text;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>Config maps and secrets.</summary>
internal static class ConfigRules
{
    private const int MaxBytes = 1024 * 1024;
    private static readonly string[] ConfigFields = ["data", "binaryData"];

    public static void ConfigMap(JsonObject obj, ErrorList errors)
    {
        var (data, binary) = (obj.Child("data"), obj.Child("binaryData"));
        var bytes = 0L;
        foreach (var (key, value) in data ?? [])
        {
            errors.Check($"data[{key}]", key, NameRules.ConfigKey(key));
            if (binary?.ContainsKey(key) == true)
            {
                errors.Invalid($"data[{key}]", key, "duplicate of key present in binaryData");
            }

            bytes += Encoding.UTF8.GetByteCount(value.AsText() ?? "");
        }

        foreach (var (key, value) in binary ?? [])
        {
            errors.Check($"binaryData[{key}]", key, NameRules.ConfigKey(key));
            bytes += DecodedLength(value);
        }

        if (bytes > MaxBytes)
        {
            errors.TooLong("[]", MaxBytes);
        }
    }

    public static void ConfigMapChange(JsonObject obj, JsonObject old, ErrorList errors) => Frozen(obj, old, ConfigFields, errors);

    public static void Secret(JsonObject obj, ErrorList errors)
    {
        var data = obj.Child("data");
        var bytes = 0L;
        foreach (var (key, value) in data ?? [])
        {
            errors.Check($"data[{key}]", key, NameRules.ConfigKey(key));
            bytes += DecodedLength(value);
        }

        if (bytes > MaxBytes)
        {
            errors.TooLong("data", MaxBytes);
        }

        ByType(obj, data, errors);
    }

    public static void SecretChange(JsonObject obj, JsonObject old, ErrorList errors)
    {
        errors.Immutable("type", obj["type"], old["type"]);
        Frozen(obj, old, ["data"], errors);
    }

    private static void ByType(JsonObject obj, JsonObject? data, ErrorList errors)
    {
        switch (obj.Text("type"))
        {
            case "kubernetes.io/service-account-token":
                const string Account = "kubernetes.io/service-account.name";
                if (string.IsNullOrEmpty(obj.Child("metadata", "annotations").Text(Account)))
                {
                    errors.Required($"metadata.annotations[{Account}]");
                }

                break;
            case "kubernetes.io/dockercfg":
                Json(data, ".dockercfg", errors);
                break;
            case "kubernetes.io/dockerconfigjson":
                Json(data, ".dockerconfigjson", errors);
                break;
            case "kubernetes.io/basic-auth":
                if (data?["username"] is null && data?["password"] is null)
                {
                    errors.Required("data[username]");
                    errors.Required("data[password]");
                }

                break;
            case "kubernetes.io/ssh-auth":
                if (DecodedLength(data?["ssh-privatekey"]) == 0)
                {
                    errors.Required("data[ssh-privatekey]");
                }

                break;
            case "kubernetes.io/tls":
                foreach (var key in (ReadOnlySpan<string>)["tls.crt", "tls.key"])
                {
                    if (data?[key] is null)
                    {
                        errors.Required($"data[{key}]");
                    }
                }

                break;
        }
    }

    private static void Json(JsonObject? data, string key, ErrorList errors)
    {
        if (data?[key].AsText() is not { } text)
        {
            errors.Required($"data[{key}]");
            return;
        }

        try
        {
            JsonText.Parse(Convert.FromBase64String(text), []);
        }
        catch (DecodeException e)
        {
            errors.Invalid($"data[{key}]", "<secret contents redacted>", e.Message);
        }
    }

    private static void Frozen(JsonObject obj, JsonObject old, ReadOnlySpan<string> fields, ErrorList errors)
    {
        if (old.Flag("immutable") != true)
        {
            return;
        }

        if (obj.Flag("immutable") != true)
        {
            errors.Forbidden("immutable", "field is immutable when `immutable` is set");
        }

        foreach (var field in fields)
        {
            if (!JsonNode.DeepEquals(obj[field], old[field]))
            {
                errors.Forbidden(field, "field is immutable when `immutable` is set");
            }
        }
    }

    private static long DecodedLength(JsonNode? base64) =>
        base64.AsText() is { Length: > 0 } text ? (text.Length / 4 * 3) - (text.EndsWith("==", StringComparison.Ordinal) ? 2 : text.EndsWith('=') ? 1 : 0) : 0;
}
