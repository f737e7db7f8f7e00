using System.Text;
using System.Text.Json;
using Sealos.Kinds.Core;
using V1 = Sealos.Node.Cri.Messages;

namespace Sealos.Node.Pods.Config;

/// <summary>Which of a pod's pull secrets fit an image. Pure.</summary>
internal static class PullCredentials
{
    /// <summary>The fitting credentials, the most specific first; none means an anonymous pull.</summary>
    public static List<V1.AuthConfig> For(ImageReference image, IEnumerable<Secret> secrets)
    {
        var path = $"{image.Registry}/{image.Repository}";
        return [.. secrets.SelectMany(Read)
            .Where(e => Fits(e.Registry, path))
            .OrderByDescending(e => e.Registry.Length)
            .Select(e => e.Auth)];
    }

    private static bool Fits(string registry, string path) =>
        path == registry || path.StartsWith(registry + "/", StringComparison.Ordinal) || (registry.StartsWith("*.", StringComparison.Ordinal) && path.Split('/')[0].EndsWith(registry[1..], StringComparison.Ordinal));

    private static IEnumerable<(string Registry, V1.AuthConfig Auth)> Read(Secret secret)
    {
        var (key, isWrapped) = secret.Type == "kubernetes.io/dockercfg" ? (".dockercfg", false) : (".dockerconfigjson", true);
        if (secret.Data?.TryGetValue(key, out var bytes) != true)
        {
            return [];
        }

        try
        {
            using var json = JsonDocument.Parse(bytes!);
            var all = isWrapped ? json.RootElement.GetProperty("auths") : json.RootElement;
            return [.. all.EnumerateObject().Select(e => (Normalize(e.Name), ReadAuth(e.Value)))];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            // A secret that cannot be read fits nothing, as if it were not there.
            return [];
        }
    }

    private static V1.AuthConfig ReadAuth(JsonElement entry)
    {
        var auth = new V1.AuthConfig { Username = Text(entry, "username"), Password = Text(entry, "password"), IdentityToken = Text(entry, "identitytoken"), RegistryToken = Text(entry, "registrytoken") };
        if (auth.Username.Length == 0 && Text(entry, "auth") is { Length: > 0 } encoded && Encoding.UTF8.GetString(Convert.FromBase64String(encoded)).Split(':', 2) is [var user, var password])
        {
            (auth.Username, auth.Password) = (user, password);
        }

        return auth;
    }

    private static string Text(JsonElement entry, string name) => entry.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    // "https://index.docker.io/v1/" and the like are how old clients write a registry.
    private static string Normalize(string registry)
    {
        var text = registry.Replace("https://", "", StringComparison.Ordinal).Replace("http://", "", StringComparison.Ordinal).TrimEnd('/');
        foreach (var version in (string[])["/v1", "/v2"])
        {
            text = text.EndsWith(version, StringComparison.Ordinal) ? text[..^version.Length] : text;
        }

        return text is "index.docker.io" or "registry-1.docker.io" ? "docker.io" : text;
    }
}
